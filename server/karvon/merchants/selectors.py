"""Reads of merchants, their branches and their people, scoped by who asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Case, FloatField, Q, QuerySet, SmallIntegerField, Value, When
from django.db.models.functions import ASin, Cast, Cos, Least, Lower, Radians, Sin, Sqrt

from karvon.merchants.errors import BranchNotFound, MerchantNotFound, NoMerchant, NoStoreMerchant
from karvon.merchants.models import Branch, Merchant, MerchantStaff, MerchantState
from karvon.merchants.policies import ALLOWED, READ_ONLY, Action, require

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User

    Principal = User | AnonymousUser

OWNER = "owner"
EARTH_KM = 6371.0088  # its mean radius
KEY_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Membership:
    """What somebody is at a merchant: "owner" or a StaffRole."""

    merchant: Merchant
    role: str


def merchant_ids_of(user: Principal) -> frozenset[int]:
    """Merchants this person owns or works for. One query, none for guests."""
    if not user.is_authenticated:
        return frozenset()
    return frozenset(Merchant.objects.of_person(user).order_by().values_list("pk", flat=True))


def merchant_ids_allowing(user: Principal, action: Action) -> frozenset[int]:
    """Merchants at which this person may do this (to look at something, also while they are suspended). One query."""
    if not user.is_authenticated:
        return frozenset()
    doing = MerchantStaff.objects.filter(user=user, is_active=True, role__in=ALLOWED[action])
    merchants = Merchant.objects.filter(Q(owner=user) | Q(pk__in=doing.values("merchant")))
    if action not in READ_ONLY:
        merchants = merchants.filter(state=MerchantState.ACTIVE)
    return frozenset(merchants.order_by().values_list("pk", flat=True))


def role_of(user: Principal, merchant_id: int) -> str | None:
    """ "owner", a StaffRole, or None for strangers. One query."""
    if not user.is_authenticated:
        return None
    if Merchant.objects.filter(pk=merchant_id, owner=user).exists():
        return OWNER
    staff = MerchantStaff.objects.filter(merchant=merchant_id, user=user, is_active=True)
    return staff.values_list("role", flat=True).first()


def list_memberships(user: User) -> list[Membership]:
    """The merchants of a person and what they are there. Two queries and the logos'."""
    roles = dict(MerchantStaff.objects.filter(user=user, is_active=True).values_list("merchant", "role"))
    merchants = with_logo(Merchant.objects.of_person(user)).order_by("id")
    return [
        Membership(merchant, OWNER if merchant.owner_id == user.pk else roles[merchant.pk])
        for merchant in merchants
    ]


def with_logo(merchants: QuerySet[Merchant]) -> QuerySet[Merchant]:
    """Ready to be shown without a query per row."""
    return merchants.select_related("logo").prefetch_related("logo__renditions")


def list_merchants(principal: Principal, *, search: str = "", kind: str = "") -> QuerySet[Merchant]:
    """Merchants the caller may see, by name."""
    merchants = Merchant.objects.visible_to(principal)
    if search:
        merchants = merchants.filter(Q(name__icontains=search) | Q(username__icontains=search))
    if kind:
        merchants = merchants.filter(kind=kind)
    return with_logo(merchants).order_by("name", "id")


def get_merchant(principal: Principal, key: str) -> Merchant:
    """By id or username. Raises MerchantNotFound for what the caller may not see."""
    merchant = with_logo(_by_key(Merchant.objects.visible_to(principal), key)).first()
    if merchant is None:
        raise MerchantNotFound
    return merchant


def get_store(username: str) -> Merchant:
    """A shop whose page is open to everybody, with its logo. One query. Raises MerchantNotFound."""
    found = None
    if not username.isdigit():
        shops = Merchant.objects.filter(state=MerchantState.ACTIVE).select_related("logo")
        found = _by_key(shops, username).first()
    if found is None:
        raise MerchantNotFound
    return found


def choose_merchant(person: User, key: str = "") -> Merchant:
    """The shop somebody works at: the one they name (id or username), else the first of theirs, their own shops before
    those of others and open ones before closed. Operators name any. One query.

    What may be done there is for `policies`. Raises MerchantNotFound for strangers, NoMerchant for who has none.
    """
    theirs = Merchant.objects.all() if person.is_operator and key else Merchant.objects.of_person(person)
    if key:
        merchant = _by_key(theirs.select_related("logo"), key).first()
        if merchant is None:
            raise MerchantNotFound
        return merchant
    is_closed = Case(When(state=MerchantState.CLOSED, then=1), default=0, output_field=SmallIntegerField())
    is_others = Case(When(owner=person, then=0), default=1, output_field=SmallIntegerField())
    merchant = theirs.select_related("logo").order_by(is_closed, is_others, "id").first()
    if merchant is None:
        raise NoMerchant
    return merchant


def get_merchant_id(key: str) -> int:
    """The id behind an id or username, whatever the state: ask `policies` before telling anybody.

    Raises MerchantNotFound.
    """
    found = _by_key(Merchant.objects.all(), key).values_list("pk", flat=True).first()
    if found is None:
        raise MerchantNotFound
    return int(found)


def _by_key(merchants: QuerySet[Merchant], key: str) -> QuerySet[Merchant]:
    if not KEY_PATTERN.fullmatch(key):
        # nobody's, and a null byte among them would be an error to the database
        return merchants.none()
    if key.isdigit():
        # longer numbers do not fit the column
        return merchants.filter(pk=int(key)) if len(key) <= 18 else merchants.none()
    return merchants.alias(username_key=Lower("username")).filter(username_key=key.lower())


def get_store_merchant() -> Merchant:
    """Whose shelves the storefront's administrators fill: named by KARVON_STORE_MERCHANT, else the oldest that is open.

    Raises NoStoreMerchant.
    """
    merchants: QuerySet[Merchant] = Merchant.objects.filter(state=MerchantState.ACTIVE).order_by("pk")
    if settings.KARVON_STORE_MERCHANT:
        merchants = _by_key(merchants, settings.KARVON_STORE_MERCHANT)
    found = merchants.first()
    if found is None:
        raise NoStoreMerchant
    return found


def list_branches(
    principal: Principal,
    *,
    merchant_id: int | None = None,
    city: str = "",
    offers_delivery: bool | None = None,
    offers_pickup: bool | None = None,
) -> QuerySet[Branch]:
    """Branches the caller may see, the default of each merchant first."""
    branches: QuerySet[Branch] = Branch.objects.visible_to(principal).select_related("merchant")
    if offers_delivery is not None:
        branches = branches.filter(offers_delivery=offers_delivery)
    if offers_pickup is not None:
        branches = branches.filter(offers_pickup=offers_pickup)
    if merchant_id is not None:
        branches = branches.filter(merchant=merchant_id)
    if city:
        branches = branches.filter(city__iexact=city)
    return branches.order_by("merchant_id", "-is_default", "id")


def list_nearest_branches(principal: Principal, *, latitude: float, longitude: float) -> QuerySet[Branch]:
    """Branches the caller may see and that have a place on the map, the nearest first, each with `distance_km`: the
    great circle on a sphere.
    """
    here, there = Radians(Value(latitude)), Radians(Cast("latitude", FloatField()))
    north = Sin((there - here) / 2)
    east = Sin(Radians(Cast("longitude", FloatField()) - Value(longitude)) / 2)
    share = north * north + Cos(here) * Cos(there) * east * east
    # rounding must not ask for the arc of more than a half turn
    distance = Value(2 * EARTH_KM) * ASin(Least(Sqrt(share), Value(1.0)))
    placed = list_branches(principal).filter(latitude__isnull=False)
    return placed.annotate(distance_km=distance).order_by("distance_km", "id")


def get_branch(principal: Principal, branch_id: int, *, merchant_id: int | None = None) -> Branch:
    """One branch the caller may see. Raises BranchNotFound."""
    branch = list_branches(principal, merchant_id=merchant_id).filter(pk=branch_id).first()
    if branch is None:
        raise BranchNotFound
    return branch


def get_default_branch(merchant_id: int) -> Branch:
    """Where a merchant's stock is unless said otherwise. Raises BranchNotFound."""
    branch = Branch.objects.filter(merchant=merchant_id, is_default=True).first()
    if branch is None:
        raise BranchNotFound
    return branch


def list_staff(actor: User | None, merchant_id: int) -> QuerySet[MerchantStaff]:
    """The people of a merchant, the owner not among them. Raises what `policies.require` raises."""
    require(actor, merchant_id, Action.VIEW_STAFF)
    return MerchantStaff.objects.filter(merchant=merchant_id).select_related("user").order_by("id")
