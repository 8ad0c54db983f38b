"""Who at a merchant may do what. Asked at every write, of the rows as they are now: tokens grant nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from karvon.merchants.errors import MerchantNotActive, MerchantNotFound, RoleNotSufficient
from karvon.merchants.models import Merchant, MerchantStaff, MerchantState, StaffRole

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User


class Action(StrEnum):
    MANAGE_MERCHANT = "manage_merchant"
    MANAGE_PAPERS = "manage_papers"
    MANAGE_STAFF = "manage_staff"
    MANAGE_BRANCHES = "manage_branches"
    MANAGE_CATALOGUE = "manage_catalogue"
    MANAGE_PROMOTIONS = "manage_promotions"
    ADJUST_STOCK = "adjust_stock"
    ADVANCE_ORDERS = "advance_orders"
    CANCEL_ORDERS = "cancel_orders"
    REPLY_REVIEWS = "reply_reviews"
    VIEW_ORDERS = "view_orders"
    VIEW_STOCK = "view_stock"
    VIEW_STAFF = "view_staff"
    VIEW_REPORTS = "view_reports"
    VIEW_PAPERS = "view_papers"


# the owner may do all of it
ALLOWED: Mapping[Action, frozenset[StaffRole]] = {
    Action.MANAGE_MERCHANT: frozenset(),
    Action.MANAGE_PAPERS: frozenset(),
    Action.MANAGE_STAFF: frozenset({StaffRole.MANAGER}),
    Action.MANAGE_BRANCHES: frozenset({StaffRole.MANAGER}),
    Action.MANAGE_CATALOGUE: frozenset({StaffRole.MANAGER}),
    Action.MANAGE_PROMOTIONS: frozenset({StaffRole.MANAGER}),
    Action.ADJUST_STOCK: frozenset({StaffRole.MANAGER, StaffRole.CASHIER}),
    Action.ADVANCE_ORDERS: frozenset(StaffRole),
    Action.CANCEL_ORDERS: frozenset({StaffRole.MANAGER, StaffRole.CASHIER}),
    Action.REPLY_REVIEWS: frozenset({StaffRole.MANAGER, StaffRole.CASHIER}),
    Action.VIEW_ORDERS: frozenset(StaffRole),
    Action.VIEW_STOCK: frozenset(StaffRole),
    Action.VIEW_STAFF: frozenset({StaffRole.MANAGER}),
    Action.VIEW_REPORTS: frozenset({StaffRole.MANAGER}),
    Action.VIEW_PAPERS: frozenset({StaffRole.MANAGER}),
}
READ_ONLY = frozenset(
    {
        Action.VIEW_ORDERS,
        Action.VIEW_STOCK,
        Action.VIEW_STAFF,
        Action.VIEW_REPORTS,
        Action.VIEW_PAPERS,
    }
)
# a suspended or closed shop looks on, and finishes the orders that are running
WHILE_CLOSED = READ_ONLY | {Action.ADVANCE_ORDERS, Action.CANCEL_ORDERS}


def require(user: User | AnonymousUser | None, merchant_id: int, action: Action | str) -> Merchant:
    """The merchant, if this person may do this there (None is the system). One query.

    Raises MerchantNotFound for strangers, RoleNotSufficient for people of the merchant with another job, and
    MerchantNotActive for writes (other than steps of running orders) at a suspended or closed merchant. Operators
    may do everything.
    """
    action = Action(action)
    if user is None:
        return _get(merchant_id)
    if not user.is_authenticated:
        raise MerchantNotFound
    if user.is_operator:
        return _get(merchant_id)
    merchant, role = _get_with_role(user, merchant_id)
    if merchant.owner_id != user.pk:
        if role is None:
            raise MerchantNotFound
        if role not in ALLOWED[action]:
            raise RoleNotSufficient
    if merchant.state != MerchantState.ACTIVE and action not in WHILE_CLOSED:
        raise MerchantNotActive
    return merchant


def _get(merchant_id: int) -> Merchant:
    merchant = Merchant.objects.filter(pk=merchant_id).first()
    if merchant is None:
        raise MerchantNotFound
    return merchant


def _get_with_role(user: User, merchant_id: int) -> tuple[Merchant, str | None]:
    staff = MerchantStaff.objects.filter(merchant=OuterRef("pk"), user=user, is_active=True)
    merchants = Merchant.objects.annotate(asking_role=Subquery(staff.values("role")[:1]))
    merchant = merchants.filter(pk=merchant_id).first()
    if merchant is None:
        raise MerchantNotFound
    return merchant, merchant.asking_role
