"""What a provider tells, applied: each fact once, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import singledispatch
from uuid import UUID

from django.db.models import Sum

from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.orders import services as orders
from karvon.orders.dues import ZERO
from karvon.payments import protocol as told
from karvon.payments.amounts import show
from karvon.payments.booking.attempts import PAYING
from karvon.payments.booking.charges import Charge, book_charge
from karvon.payments.booking.differences import note_difference
from karvon.payments.booking.locking import LockedPayment, find_payment, lock_payment
from karvon.payments.booking.returning import finish_refund, refundable_of
from karvon.payments.booking.steps import can_step, take_step
from karvon.payments.errors import AmountMismatch
from karvon.payments.events import CaptureAwaited, PaymentNeedsAttention, RefundFinished
from karvon.payments.models import (
    AttemptState,
    DifferenceKind,
    Payment,
    PaymentAttempt,
    PaymentStatus,
    Refund,
    RefundReason,
    RefundState,
)
from karvon.payments.models.payment import OPEN, RECEIVED
from karvon.payments.models.refund import OPEN_REFUNDS
from karvon.payments.registry import find_provider

# a bank debit may take this long; the goods wait for it
ON_ITS_WAY = timedelta(days=5)


@transactional
def apply_facts(
    provider: str, account_id: int | None, facts: Iterable[told.Fact], *, now: datetime
) -> Payment | None:
    """Apply what a verified message or an answer of the provider says; returns the payment that it was about.

    Raises PaymentNotFound (nothing of ours, or another account's), AmountMismatch; then nothing was changed.
    """
    payment = None
    for fact in facts:
        payment = find_payment(
            provider,
            account_id,
            payment_id=fact.payment_id,
            reference=fact.reference,
            charge_reference=fact.charge_reference,
        )
        _apply(fact, payment, now)
    return payment


@singledispatch
def _apply(fact: told.Fact, payment: Payment, now: datetime) -> None:
    raise TypeError(f"nobody knows what to do on {type(fact).__name__}")


@_apply.register
def _charged(fact: told.Charged, payment: Payment, now: datetime) -> None:
    booked = book_charge(
        payment=payment,
        charge=Charge(fact.charge_reference, fact.amount, fact.currency, at=fact.at),
        now=now,
    )
    if not isinstance(find_provider(payment.provider), told.CallingProvider):
        return
    # the provider's call that should have told it was lost: its transaction is complete all the same
    live = PaymentAttempt.objects.filter(provider=payment.provider, account=payment.account_id)
    live.filter(reference=fact.charge_reference, state=AttemptState.CREATED).update(
        state=AttemptState.PAID, finished_at=now, payment=booked
    )


@_apply.register
def _authorized(fact: told.Authorized, payment: Payment, now: datetime) -> None:
    payment = lock_payment(payment).payment
    if fact.currency != payment.currency or fact.amount != payment.amount:
        raise AmountMismatch
    if can_step(payment, PaymentStatus.AUTHORIZED):
        take_step(payment, PaymentStatus.AUTHORIZED)


@_apply.register
def _pending(fact: told.Pending, payment: Payment, now: datetime) -> None:
    """The goods wait for the money: slow methods take days."""
    payment = lock_payment(payment).payment
    if payment.state in RECEIVED:
        return
    if can_step(payment, PaymentStatus.PENDING):
        take_step(payment, PaymentStatus.PENDING)
    orders.extend_deadline(order_id=payment.order_id, until=now + ON_ITS_WAY)


@_apply.register
def _awaits_capture(fact: told.AwaitsCapture, payment: Payment, now: datetime) -> None:
    payment = lock_payment(payment).payment
    if payment.state in RECEIVED:
        return
    if can_step(payment, PaymentStatus.PENDING):
        take_step(payment, PaymentStatus.PENDING)
    publish(CaptureAwaited(payment.pk, payment.order_id))


@_apply.register
def _failed(fact: told.Failed, payment: Payment, now: datetime) -> None:
    """A declined card leaves the payment open: another may follow. It never moves money that came in."""
    payment = lock_payment(payment).payment
    if payment.state not in OPEN:
        return
    payment.failure = fact.reason[:255]
    if fact.is_final:
        payment.expires_at = now  # its page takes nothing any more: the next try is another payment
        take_step(payment, PaymentStatus.FAILED, fields=("failure", "expires_at"))
        orders.shorten_deadline(order_id=payment.order_id, until=now + PAYING)
    else:
        payment.save(update_fields=["failure", "updated_at"])


@_apply.register
def _expired(fact: told.Expired, payment: Payment, now: datetime) -> None:
    payment = lock_payment(payment).payment
    if can_step(payment, PaymentStatus.EXPIRED):
        take_step(payment, PaymentStatus.EXPIRED)


@_apply.register
def _refund_made(fact: told.RefundMade, payment: Payment, now: datetime) -> None:
    """One that we asked for is finished; one that somebody made at the provider is written down, and a person is told."""
    locked = lock_payment(payment)
    payment = locked.payment
    if payment.state in OPEN or (fact.currency and fact.currency != payment.currency):
        raise AmountMismatch
    if not 0 <= fact.amount <= payment.amount:
        raise AmountMismatch
    refund = _find_refund(payment, fact)
    if refund is None and _was_told_in_sum(payment, fact):
        return
    if refund is None:
        amount = fact.amount
        if fact.is_cumulative:
            amount = min(fact.amount - _known_to_go_back(payment), refundable_of(payment))
        if amount <= 0:
            return
        refund = _note_theirs(locked, fact, amount, now)
    elif not fact.is_cumulative and fact.amount and fact.amount != refund.amount:
        raise AmountMismatch
    finish_refund(locked, refund, reference=fact.refund_reference, now=now)
    if refund.reason == RefundReason.AT_PROVIDER and refund.booked_amount < refund.amount:
        note_difference(
            payment,
            DifferenceKind.UNBOOKED,
            reference=str(refund.pk),
            ours="0",
            theirs=show(refund.amount - refund.booked_amount, refund.currency),
        )


def _find_refund(payment: Payment, fact: told.RefundMade | told.RefundRefused) -> Refund | None:
    refunds = Refund.objects.select_for_update().filter(payment=payment)
    if fact.refund_reference and (found := refunds.filter(reference=fact.refund_reference).first()):
        return found
    if fact.refund_id:
        known = _uuid(fact.refund_id)
        return refunds.filter(pk=known).first() if known else None
    amount = getattr(fact, "amount", ZERO)
    if amount and not getattr(fact, "is_cumulative", False):
        # told without our name for it, before our own call has come back with the provider's
        return refunds.filter(amount=amount, state__in=OPEN_REFUNDS, reference="").first()
    return None


def _was_told_in_sum(payment: Payment, fact: told.RefundMade) -> bool:
    """Whether this refund is among those that the provider told of in one sum, before it told of each. One that is the
    whole sum gets its name.
    """
    unnamed = payment.refunds.select_for_update().filter(
        reason=RefundReason.AT_PROVIDER, state=RefundState.SUCCEEDED, reference=""
    )
    if fact.is_cumulative or not fact.refund_reference:
        return False
    amounts = {refund.pk: refund.amount for refund in unnamed.order_by("created_at", "pk")}
    for pk, amount in amounts.items():
        if amount == fact.amount:
            unnamed.filter(pk=pk).update(reference=fact.refund_reference)
            return True
    return sum(amounts.values()) >= fact.amount > ZERO


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _known_to_go_back(payment: Payment) -> Decimal:
    underway = payment.refunds.filter(state__in=OPEN_REFUNDS).aggregate(sum=Sum("amount"))["sum"] or ZERO
    return payment.refunded_amount + underway


def _note_theirs(locked: LockedPayment, fact: told.RefundMade, amount: Decimal, now: datetime) -> Refund:
    if amount > refundable_of(locked.payment):
        raise AmountMismatch
    return Refund.objects.create(
        payment=locked.payment,
        amount=amount,
        currency=locked.payment.currency,
        reason=RefundReason.AT_PROVIDER,
        state=RefundState.PROCESSING,
        reference=fact.refund_reference,
        due_at=now,
    )


@_apply.register
def _refund_refused(fact: told.RefundRefused, payment: Payment, now: datetime) -> None:
    payment = lock_payment(payment).payment
    refund = _find_refund(payment, fact)
    if refund is not None and refund.state == RefundState.SUCCEEDED:
        # a bank sent back what was told as given back: no booking of ours puts that right
        note_difference(
            payment, DifferenceKind.STATE, reference=str(refund.pk), ours=refund.state, theirs=f"failed: {fact.reason}"
        )  # fmt: skip
    if refund is None or refund.state not in OPEN_REFUNDS:
        return
    refund.state, refund.failure, refund.finished_at = RefundState.FAILED, fact.reason[:255], now
    refund.save(update_fields=["state", "failure", "finished_at"])
    publish(
        RefundFinished(str(refund.pk), payment.order_id, refund.state),
        PaymentNeedsAttention(payment.provider, str(refund.pk), "refund_failed", payment.pk),
    )


@_apply.register
def _disputed(fact: told.Disputed, payment: Payment, now: datetime) -> None:
    note_difference(
        payment,
        DifferenceKind.DISPUTE,
        reference=fact.charge_reference or fact.reference or str(payment.pk),
        ours=payment.state,
        theirs=fact.what,
    )
