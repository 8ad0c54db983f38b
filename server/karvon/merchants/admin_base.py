"""Back-office pages over merchants' rows: people of a merchant see theirs, and do what their duties allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from karvon.accounts.admin_base import RoomAdmin, get_user
from karvon.merchants.models import Merchant, MerchantStaff, MerchantState
from karvon.merchants.policies import ALLOWED, WHILE_CLOSED, Action

if TYPE_CHECKING:
    from karvon.accounts.models import User

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Duty:
    """What somebody is at one merchant: `role` None is the owner."""

    role: str | None
    state: str

    def allows(self, action: Action) -> bool:
        if self.state != MerchantState.ACTIVE and action not in WHILE_CLOSED:
            return False
        return self.role is None or self.role in ALLOWED[action]


def duties_of(user: User | AnonymousUser) -> dict[int, Duty]:
    """By merchant: one query, remembered on the user for the request."""
    if isinstance(user, AnonymousUser):
        return {}
    known: dict[int, Duty] | None = user.__dict__.get("_duties")
    if known is None:
        staff = MerchantStaff.objects.filter(merchant=OuterRef("pk"), user=user, is_active=True)
        rows = (
            Merchant.objects.of_person(user)
            .annotate(asking_role=Subquery(staff.values("role")[:1]))
            .values_list("pk", "owner_id", "asking_role", "state")
        )
        known = {pk: Duty(None if owner_id == user.pk else role, state) for pk, owner_id, role, state in rows}
        user.__dict__["_duties"] = known
    return known


def merchants_allowing(user: User | AnonymousUser, action: Action) -> frozenset[int]:
    """The merchants at which this person may do this."""
    return frozenset(pk for pk, duty in duties_of(user).items() if duty.allows(action))


class MerchantRoomAdmin(RoomAdmin[M]):
    """Rows that belong to a merchant: operators see all, a merchant's people their own."""

    # the way from a row to its merchant's key
    merchant_path: ClassVar[str] = "merchant_id"
    # what writing asks for; None leaves it to operators
    duty: ClassVar[Action | None] = Action.MANAGE_CATALOGUE
    # what looking asks for; None lets everybody who works there look
    view_duty: ClassVar[Action | None] = None

    def visible(self, rows: QuerySet[M], user: User) -> QuerySet[M]:
        if user.is_operator:
            return rows
        return rows.filter(**{f"{self.merchant_path}__in": self._merchants(user, self.view_duty)})

    def allows_row(self, request: HttpRequest, verb: str, row: Any) -> bool:
        user = get_user(request)
        if user.is_operator:
            return True
        if verb != "view" and self.duty is None:
            return False
        merchants = self._merchants(user, self.view_duty if verb == "view" else self.duty)
        if row is None:
            return bool(merchants)
        return self.merchant_of(row) in merchants

    def _merchants(self, user: User, action: Action | None) -> frozenset[int]:
        return frozenset(duties_of(user)) if action is None else merchants_allowing(user, action)

    def merchant_of(self, row: Any) -> int | None:
        """The key of the merchant that a row belongs to."""
        value = row
        for name in self.merchant_path.split("__"):
            if value is None:
                return None
            value = getattr(value, name)
        return value  # type: ignore[no-any-return]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Somebody who works at one merchant need not choose it."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        own = sorted(duties_of(get_user(request)))
        if len(own) == 1:
            initial.setdefault("merchant", own[0])
        return initial

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Filtering by merchant is for those who see several."""
        filters = super().get_list_filter(request)
        user = get_user(request)
        if user.is_operator or len(duties_of(user)) > 1:
            return filters
        return [item for item in filters if _path_of(item) not in ("merchant", "variant__merchant")]


def _path_of(item: Any) -> Any:
    return item[0] if isinstance(item, list | tuple) else item
