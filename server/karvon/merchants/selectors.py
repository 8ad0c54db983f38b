"""Reads of merchants, their branches and their people, scoped by who asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import File
from django.db.models import (
    Case,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import ASin, Cast, Cos, Least, Lower, Radians, Sin, Sqrt
from django.utils.translation import gettext as _

from karvon.accounts.models import User
from karvon.accounts.names import refuse
from karvon.media.storage import open_private
from karvon.merchants.errors import (
    BranchNotFound,
    DocumentNotFound,
    MerchantNotFound,
    NoMerchant,
    NoStoreMerchant,
)
from karvon.merchants.models import (
    GIVEN_UP,
    Branch,
    KycDocument,
    KycStatus,
    Merchant,
    MerchantStaff,
    MerchantState,
    MerchantStep,
    StaffInvitation,
    StepSubject,
)
from karvon.merchants.offers import find_offer
from karvon.merchants.policies import ALLOWED, WHILE_CLOSED, Action, require

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Principal = User | AnonymousUser

OWNER = "owner"
EARTH_KM = 6371.0088  # its mean radius
ORDERINGS = ("name", "username", "created_at", "kyc_status", "state")
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
    if action not in WHILE_CLOSED:
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


def list_merchants(
    principal: Principal, *, search: str = "", kind: str = "", state: str = ""
) -> QuerySet[Merchant]:
    """Merchants the caller may see, by name; deleted ones only when they are asked for."""
    merchants = Merchant.objects.visible_to(principal)
    merchants = merchants.filter(state=state) if state else merchants.exclude(state=MerchantState.DELETED)
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
    is_closed = Case(When(state__in=GIVEN_UP, then=1), default=0, output_field=SmallIntegerField())
    is_others = Case(When(owner=person, then=0), default=1, output_field=SmallIntegerField())
    merchant = theirs.select_related("logo").order_by(is_closed, is_others, "id").first()
    if merchant is None:
        raise NoMerchant
    return merchant


def list_steps(actor: User | None, merchant_id: int) -> QuerySet[MerchantStep]:
    """The timeline of a merchant, the newest first. Raises what `policies.require` raises."""
    require(actor, merchant_id, Action.VIEW_PAPERS)
    return MerchantStep.objects.filter(merchant=merchant_id).select_related("actor").order_by("-id")


def list_for_operators(
    *, search: str = "", kyc_status: str = "", is_active: bool | None = None, ordering: str = ""
) -> QuerySet[Merchant]:
    """All merchants but deleted ones, with owner and logo. `ordering` is one of ORDERINGS, with "-" turned round.

    Raises ValidationFailed for another ordering.
    """
    merchants = with_logo(Merchant.objects.exclude(state=MerchantState.DELETED)).select_related("owner")
    if search:
        asked = Q(name__icontains=search) | Q(username__icontains=search) | Q(email__icontains=search)
        merchants = merchants.filter(asked | Q(phone__icontains=search))
    if kyc_status:
        merchants = merchants.filter(kyc_status=kyc_status)
    if is_active is not None:
        active = Q(state=MerchantState.ACTIVE)
        merchants = merchants.filter(active if is_active else ~active)
    column = ordering or "-created_at"
    if column.removeprefix("-") not in ORDERINGS:
        raise refuse("ordering", _("Not one of the choices."))
    return merchants.order_by(column, "-id" if column.startswith("-") else "id")


def list_waiting_papers() -> QuerySet[Merchant]:
    """Merchants whose papers wait for a decision, those that wait longest first, each with `submitted_at`."""
    handed_in = MerchantStep.objects.filter(
        merchant=OuterRef("pk"), subject=StepSubject.KYC, to_state=KycStatus.PENDING
    )
    merchants = with_logo(Merchant.objects.filter(kyc_status=KycStatus.PENDING)).select_related("owner")
    merchants = merchants.exclude(state=MerchantState.DELETED)
    return merchants.annotate(submitted_at=Subquery(handed_in.order_by("-id").values("at")[:1])).order_by(
        "submitted_at", "id"
    )


@dataclass(frozen=True)
class Papers:
    """Where the checking of a merchant's papers is: `note` and `decided_at` are of the last decision, if any."""

    merchant: Merchant
    documents: list[KycDocument]
    note: str
    submitted_at: datetime | None
    decided_at: datetime | None


def get_papers(actor: User | None, merchant_id: int) -> Papers:
    """What was handed in and what came of it, for the owner, managers and operators. Three queries.

    Raises what `policies.require` raises.
    """
    merchant = require(actor, merchant_id, Action.VIEW_PAPERS)
    steps = list(MerchantStep.objects.filter(merchant=merchant, subject=StepSubject.KYC).order_by("-id"))
    submitted = next((step for step in steps if step.to_state == KycStatus.PENDING), None)
    decided = next((step for step in steps if step.to_state != KycStatus.PENDING), None)
    return Papers(
        merchant=merchant,
        documents=list(merchant.kyc_documents.order_by("-id")),
        note=decided.note if decided else "",
        submitted_at=submitted.at if submitted else None,
        decided_at=decided.at if decided else None,
    )


def open_document(actor: User, merchant_id: int, document_id: int) -> tuple[KycDocument, File[Any]]:
    """A paper with its bytes, for operators only.

    Raises DocumentNotFound for everybody else and for what is not there.
    """
    found = KycDocument.objects.filter(merchant=merchant_id, pk=document_id).first()
    if found is None or not actor.is_operator:
        raise DocumentNotFound
    try:
        return found, open_private(found.file)
    except FileNotFoundError:
        raise DocumentNotFound from None


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


def list_invitations(actor: User | None, merchant_id: int, *, state: str = "") -> QuerySet[StaffInvitation]:
    """The offers of a merchant, the newest first. Raises what `policies.require` raises."""
    require(actor, merchant_id, Action.MANAGE_STAFF)
    offers = StaffInvitation.objects.filter(merchant=merchant_id).order_by("-id")
    return offers.filter(state=state) if state else offers


@dataclass(frozen=True)
class Offer:
    """What the reader of an invitation's mail is offered."""

    merchant: Merchant
    role: str
    email: str
    has_account: bool
    expires_at: datetime


def get_offer(secret: str) -> Offer:
    """What is behind an invitation's link. Raises InvitationNotValid, MerchantNotActive."""
    row = find_offer(secret)
    has_account = User.objects.filter(email__iexact=row.email).exists()
    return Offer(row.merchant, row.role, row.email, has_account, row.expires_at)
