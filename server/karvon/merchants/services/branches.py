"""Branches. The merchant's row is the lock: whoever holds it may move the default."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from karvon.accounts.names import normalise_phone, refuse
from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.merchants.errors import BranchInUse, BranchIsDefault, BranchNotFound
from karvon.merchants.events import BranchChanged
from karvon.merchants.inputs import BranchInput
from karvon.merchants.models import Branch, Merchant
from karvon.merchants.policies import Action, require
from karvon.merchants.texts import text_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karvon.accounts.models import User

FEES = ("delivery_fee", "free_delivery_from", "minimum_order")
CHANGEABLE = frozenset(
    {"city", "latitude", "longitude", "phone", "is_active", "offers_delivery", "offers_pickup", *FEES}
) | frozenset(text_fields(Branch))


def _lock_merchant(actor: User | None, merchant_id: int) -> None:
    require(actor, merchant_id, Action.MANAGE_BRANCHES)
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant_id)


def _own(merchant_id: int, branch_id: int) -> Branch:
    branch = Branch.objects.filter(merchant=merchant_id, pk=branch_id).first()
    if branch is None:
        raise BranchNotFound
    return branch


def _check(branch: Branch) -> None:
    if branch.phone:
        branch.phone = normalise_phone(branch.phone)
    if (branch.latitude is None) != (branch.longitude is None):
        raise refuse("latitude", _("Give both coordinates or neither."))
    if branch.latitude is not None and not -90 <= branch.latitude <= 90:
        raise refuse("latitude", _("A latitude is between -90 and 90."))
    if branch.longitude is not None and not -180 <= branch.longitude <= 180:
        raise refuse("longitude", _("A longitude is between -180 and 180."))
    for field in FEES:
        amount = getattr(branch, field)
        if amount is not None and amount < 0:
            raise refuse(field, _("An amount cannot be negative."))


def _make_default(branch: Branch) -> None:
    """Takes the mark off the old default first: the unique index allows no moment with two."""
    Branch.objects.filter(merchant_id=branch.merchant_id, is_default=True).exclude(pk=branch.pk).update(
        is_default=False
    )
    branch.is_default = True


@transactional
def create_branch(*, actor: User | None, merchant_id: int, branch: BranchInput) -> Branch:
    """A new branch; the first one of a merchant is its default.

    Raises MerchantNotFound, RoleNotSufficient, MerchantNotActive, ValidationFailed.
    """
    _lock_merchant(actor, merchant_id)
    row = Branch(merchant_id=merchant_id, **asdict(branch))
    _check(row)
    if branch.is_default or not Branch.objects.filter(merchant=merchant_id, is_default=True).exists():
        row.is_active = True
        _make_default(row)
    row.save()
    publish(BranchChanged(branch_id=row.pk, merchant_id=merchant_id))
    return row


@transactional
def update_branch(
    *, actor: User | None, merchant_id: int, branch_id: int, changes: Mapping[str, Any]
) -> Branch:
    """Changes the named fields. The default mark moves by setting it elsewhere, never by taking it off.

    Raises BranchNotFound, BranchIsDefault (switching off the default) and what `create_branch` raises.
    """
    _lock_merchant(actor, merchant_id)
    row = _own(merchant_id, branch_id)
    before = (row.is_active, row.is_default)
    for field in CHANGEABLE & changes.keys():
        setattr(row, field, changes[field])
    _check(row)
    is_default = changes.get("is_default", row.is_default)
    if (row.is_default and not is_default) or (is_default and not row.is_active):
        raise BranchIsDefault
    if is_default and not row.is_default:
        _make_default(row)
    row.save()
    if before != (row.is_active, row.is_default):
        publish(BranchChanged(branch_id=row.pk, merchant_id=merchant_id))
    return row


@transactional
def delete_branch(*, actor: User | None, merchant_id: int, branch_id: int) -> None:
    """Removes a branch nothing refers to.

    Raises BranchInUse, BranchIsDefault, BranchNotFound and what `policies.require` raises.
    """
    _lock_merchant(actor, merchant_id)
    row = _own(merchant_id, branch_id)
    if row.is_default:
        raise BranchIsDefault
    try:
        # a savepoint: the refusal must not break the caller's transaction
        with transaction.atomic():
            row.delete()
    except (ProtectedError, RestrictedError, IntegrityError):
        raise BranchInUse from None
    publish(BranchChanged(branch_id=branch_id, merchant_id=merchant_id))
