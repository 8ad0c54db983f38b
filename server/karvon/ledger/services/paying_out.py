"""The steps of a payout: approved by somebody else, paid, or given back to the balance."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import DomainError, PermissionRefused
from karvon.kernel.events import publish
from karvon.ledger.errors import BankDetailsChanged, PayoutHeld, PayoutNotFound, TwoPeopleNeeded
from karvon.ledger.events import PayoutChanged
from karvon.ledger.models import BankDetails, Payout, PayoutBatch, PayoutState, TransactionKind
from karvon.ledger.posting import post
from karvon.ledger.services.making import moving
from karvon.ledger.states import PAYOUTS, STAFF

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def approve_payout(*, payout_id: int, actor: User, now: datetime | None = None) -> Payout:
    """Somebody else than its maker, and than who said last where it goes, lets it go.

    Raises PayoutNotFound, PermissionRefused, TwoPeopleNeeded, InvalidTransition (409), PayoutHeld (409) within the
    cooling-off time, BankDetailsChanged (409) when it would go elsewhere than the merchant says now.
    """
    now = now or clock.now()
    payout = _lock(payout_id, actor, to=PayoutState.APPROVED)
    if payout.made_by_id == actor.pk:
        raise TwoPeopleNeeded
    _check_details(payout, actor, now)
    payout.approved_by, payout.approved_at = actor, now
    return _step(payout, PayoutState.APPROVED, "approved_by", "approved_at")


def approve_batch(
    *, batch_id: int, actor: User, now: datetime | None = None
) -> tuple[PayoutBatch, list[tuple[Payout, DomainError]]]:
    """Approve every draft of a batch that may be approved; the batch, and what was refused with the reason.

    Raises PayoutNotFound, PermissionRefused, TwoPeopleNeeded when it is the caller's own batch.
    """
    if not actor.is_operator:
        raise PermissionRefused
    batch = PayoutBatch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise PayoutNotFound
    if batch.made_by_id == actor.pk:
        raise TwoPeopleNeeded
    refused = []
    for payout in batch.payouts.filter(state=PayoutState.DRAFT).order_by("pk"):
        try:
            approve_payout(payout_id=payout.pk, actor=actor, now=now)
        except DomainError as refusal:
            refused.append((payout, refusal))
    return batch, refused


@transactional
def mark_payout_paid(
    *, payout_id: int, actor: User, reference: str = "", now: datetime | None = None
) -> Payout:
    """The bank has sent it. Raises PayoutNotFound, PermissionRefused, InvalidTransition (409)."""
    payout = _lock(payout_id, actor, to=PayoutState.PAID)
    payout.reference = reference
    return _close(payout, PayoutState.PAID, TransactionKind.PAYOUT_PAID, actor=actor, now=now)


@transactional
def mark_payout_failed(
    *, payout_id: int, actor: User, reason: str = "", now: datetime | None = None
) -> Payout:
    """It did not arrive: the amount is back on the merchant's balance. Raises as `mark_payout_paid`."""
    payout = _lock(payout_id, actor, to=PayoutState.FAILED)
    payout.reason = reason[:500]
    return _close(payout, PayoutState.FAILED, TransactionKind.PAYOUT_RETURNED, actor=actor, now=now)


@transactional
def cancel_payout(*, payout_id: int, actor: User, reason: str = "", now: datetime | None = None) -> Payout:
    """A draft is not wanted any more: the amount is back on the merchant's balance. Raises as `mark_payout_paid`."""
    payout = _lock(payout_id, actor, to=PayoutState.CANCELLED)
    payout.reason = reason[:500]
    return _close(payout, PayoutState.CANCELLED, TransactionKind.PAYOUT_RETURNED, actor=actor, now=now)


def _lock(payout_id: int, actor: User, *, to: str) -> Payout:
    if not actor.is_operator:
        raise PermissionRefused
    payout = Payout.objects.select_for_update().filter(pk=payout_id).first()
    if payout is None:
        raise PayoutNotFound
    PAYOUTS.check(payout.state, to, STAFF)
    return payout


def _check_details(payout: Payout, actor: User, now: datetime) -> None:
    if payout.held_until is not None and payout.held_until > now:
        raise PayoutHeld(params={"until": f"{payout.held_until:%Y-%m-%d %H:%M} UTC"})
    details = BankDetails.objects.filter(merchant=payout.merchant_id).first()
    if details is None or details.number != payout.number or details.changed_at > payout.made_at:
        raise BankDetailsChanged
    if details.changed_by_id == actor.pk:
        raise TwoPeopleNeeded


def _close(payout: Payout, to: str, kind: str, *, actor: User, now: datetime | None) -> Payout:
    now = now or clock.now()
    payout.closed_by, payout.closed_at = actor, now
    post(moving(payout, kind, at=now))
    return _step(payout, to, "closed_by", "closed_at", "reference", "reason")


def _step(payout: Payout, to: str, *columns: str) -> Payout:
    before, payout.state = payout.state, to
    payout.save(update_fields=["state", *columns])
    publish(PayoutChanged(payout.pk, payout.merchant_id, before, to))
    return payout
