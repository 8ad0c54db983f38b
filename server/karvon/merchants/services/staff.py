"""The people of a merchant. Whoever is removed or suspended loses their tokens in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from karvon.accounts.models import Role, User
from karvon.accounts.names import refuse
from karvon.accounts.selectors import find_user_by_name
from karvon.accounts.services import revoke_all_tokens, set_role
from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.merchants.errors import AlreadyStaff, RoleNotSufficient, StaffNotFound
from karvon.merchants.models import (
    InvitationState,
    Merchant,
    MerchantStaff,
    StaffInvitation,
    StaffRole,
)
from karvon.merchants.policies import Action, require

if TYPE_CHECKING:
    from collections.abc import Iterable

REVOKED_REASON = "left_merchant"


def require_rank(actor: User | None, merchant: Merchant, roles: Iterable[str]) -> None:
    """Managers look after the others; managers are the owner's. Raises RoleNotSufficient."""
    may_name_managers = actor is None or actor.is_operator or merchant.owner_id == actor.pk
    if StaffRole.MANAGER in roles and not may_name_managers:
        raise RoleNotSufficient


def _own(merchant_id: int, staff_id: int) -> MerchantStaff:
    staff = (
        MerchantStaff.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(merchant=merchant_id, pk=staff_id)
        .first()
    )
    if staff is None:
        raise StaffNotFound
    return staff


@transactional
def add_staff(*, actor: User | None, merchant_id: int, person: User, role: StaffRole | str) -> MerchantStaff:
    """Takes somebody on. Raises AlreadyStaff, ValidationFailed, and what `policies.require` raises."""
    merchant = require(actor, merchant_id, Action.MANAGE_STAFF)
    role = StaffRole(role)
    require_rank(actor, merchant, [role])
    # the row that closing an account locks too: nobody is taken on while leaving
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not person.is_active:
        raise refuse("user", _("There is no open account of this name."))
    if merchant.owner_id == person.pk:
        raise AlreadyStaff
    staff, created = MerchantStaff.objects.get_or_create(
        merchant_id=merchant_id, user=person, defaults={"role": role}
    )
    if not created:
        raise AlreadyStaff
    if person.role == Role.CUSTOMER:
        set_role(user=person, role=Role.MERCHANT_STAFF)
    return staff


@transactional
def add_staff_by_name(
    *, actor: User | None, merchant_id: int, name: str, role: StaffRole | str
) -> MerchantStaff:
    """As `add_staff`, the person given by email, username or phone. The right is asked for before the name is
    looked up, so that strangers learn nothing."""
    require(actor, merchant_id, Action.MANAGE_STAFF)
    person = find_user_by_name(name)
    if person is None:
        raise refuse("user", _("There is no open account of this name."))
    return add_staff(actor=actor, merchant_id=merchant_id, person=person, role=role)


@transactional
def update_staff(
    *,
    actor: User | None,
    merchant_id: int,
    staff_id: int,
    role: StaffRole | str | None = None,
    is_active: bool | None = None,
) -> MerchantStaff:
    """Gives another role, suspends or brings back. Raises StaffNotFound and what `add_staff` raises."""
    merchant = require(actor, merchant_id, Action.MANAGE_STAFF)
    staff = _own(merchant_id, staff_id)
    require_rank(actor, merchant, [staff.role] if role is None else [staff.role, StaffRole(role)])
    was_active = staff.is_active
    staff.role = staff.role if role is None else StaffRole(role)
    staff.is_active = was_active if is_active is None else is_active
    staff.save(update_fields=["role", "is_active"])
    if was_active and not staff.is_active:
        _take_rights(staff.user, merchant_id)
    elif staff.is_active and staff.user.role == Role.CUSTOMER:
        set_role(user=staff.user, role=Role.MERCHANT_STAFF)
    return staff


@transactional
def remove_staff(*, actor: User | None, merchant_id: int, staff_id: int) -> None:
    """Lets somebody go. Raises StaffNotFound and what `policies.require` raises."""
    merchant = require(actor, merchant_id, Action.MANAGE_STAFF)
    staff = _own(merchant_id, staff_id)
    require_rank(actor, merchant, [staff.role])
    person = staff.user
    staff.delete()
    _take_rights(person, merchant_id)


def _take_rights(person: User, merchant_id: int) -> None:
    """Ends the person's tokens and withdraws what they offered; they are a customer again unless they work elsewhere."""
    offers = StaffInvitation.objects.filter(merchant=merchant_id, invited_by=person)
    offers.filter(state=InvitationState.PENDING).update(
        state=InvitationState.REVOKED, closed_at=clock_now(), secret_hash=None
    )
    revoke_all_tokens(user=person, reason=REVOKED_REASON)
    works_elsewhere = MerchantStaff.objects.filter(user=person, is_active=True).exists()
    if person.role == Role.MERCHANT_STAFF and not works_elsewhere:
        set_role(user=person, role=Role.CUSTOMER)


@transactional
def forget_person(*, user_id: int) -> int:
    """A closed account works nowhere. How many places it was taken off; doing it again finds none."""
    removed, _by_model = MerchantStaff.objects.filter(user=user_id).delete()
    return removed
