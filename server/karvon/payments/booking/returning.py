"""Money goes back: asked for here, sent by `services.refunding`, and written when the provider says that it is done."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from karvon.kernel.events import publish
from karvon.orders import services as orders
from karvon.orders.dues import ZERO, sum_dues
from karvon.orders.locks import lock_order
from karvon.orders.services.settling import read_dues
from karvon.payments.booking.locking import LockedPayment
from karvon.payments.booking.steps import take_step
from karvon.payments.errors import NotRefundable
from karvon.payments.events import PaymentNeedsAttention, RefundFinished, RefundRequested, SurplusMoved
from karvon.payments.models import Payment, PaymentStatus, Refund, RefundReason, RefundState
from karvon.payments.models.refund import OPEN_REFUNDS
from karvon.payments.registry import find_provider

SURPLUS = frozenset({RefundReason.LATE, RefundReason.DUPLICATE})


def refundable_of(payment: Payment) -> Decimal:
    """What is left of a locked payment: paid, not given back, and not on its way back."""
    if payment.state not in (PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED):
        return ZERO
    underway = payment.refunds.filter(state__in=OPEN_REFUNDS).aggregate(sum=Sum("amount"))["sum"] or ZERO
    return payment.amount - payment.refunded_amount - underway


def can_send(payment: Payment, amount: Decimal) -> bool:
    """Whether the provider gives this much of the payment back when it is asked to."""
    refunds = find_provider(payment.provider).capabilities.refunds
    return refunds == "partial" or (refunds == "full" and amount == payment.amount)


def request_refund(
    payment: Payment,
    *,
    amount: Decimal,
    reason: RefundReason,
    note: str = "",
    actor_id: int | None = None,
    now: datetime,
) -> Refund:
    """Note on a locked payment that money is to go back. What the provider cannot do waits for a person.

    Raises NotRefundable (409) for more than is left.
    """
    if not ZERO < amount <= refundable_of(payment):
        raise NotRefundable
    refund = Refund.objects.create(
        payment=payment,
        amount=amount,
        currency=payment.currency,
        reason=reason,
        state=RefundState.PENDING if can_send(payment, amount) else RefundState.MANUAL,
        note=note[:255],
        actor_id=actor_id,
        due_at=now,
    )
    publish(RefundRequested(str(refund.pk), payment.order_id))
    if refund.state == RefundState.MANUAL:
        publish(PaymentNeedsAttention(payment.provider, str(refund.pk), "refund_by_hand", payment.pk))
    return refund


def finish_refund(locked: LockedPayment, refund: Refund, *, reference: str, now: datetime) -> Refund:
    """Money is back with the customer. `refund` is locked with its payment; done again it changes nothing."""
    if refund.state == RefundState.SUCCEEDED:
        return refund
    write_finished(locked.payment, refund, reference=reference, now=now)
    if refund.reason in SURPLUS:
        publish(surplus_moved(locked.payment, "returned", refund.amount, reason=refund.reason, now=now))
    else:
        book_refund(locked, refund, now=now)
    return refund


def write_finished(payment: Payment, refund: Refund, *, reference: str, now: datetime) -> None:
    """The rows of a refund that is done; telling the order book is the caller's."""
    refund.state, refund.finished_at, refund.failure = RefundState.SUCCEEDED, now, ""
    refund.reference = reference or refund.reference
    refund.save(update_fields=["state", "finished_at", "failure", "reference"])
    payment.refunded_amount += refund.amount
    is_all = payment.refunded_amount == payment.amount
    to = PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED
    if to != payment.state:
        take_step(payment, to, fields=("refunded_amount",))
    else:
        payment.save(update_fields=["refunded_amount", "updated_at"])
    publish(RefundFinished(str(refund.pk), payment.order_id, refund.state))


def book_refund(locked: LockedPayment, refund: Refund, *, now: datetime) -> Decimal:
    """Tell the order book as much of a finished refund as the order gives reason for; returns how much that was. What is
    left waits until something is called off.
    """
    locked.order, locked.parts = lock_order(locked.order.pk)
    to_refund = sum_dues(read_dues(locked.order, locked.parts).values()).to_refund
    amount = min(refund.amount - refund.booked_amount, to_refund)
    if amount <= 0:
        return ZERO
    orders.record_refund(
        order_id=locked.order.pk,
        amount=amount,
        reference=f"{locked.payment.provider}:{refund.reference or refund.pk}",
        now=now,
    )
    refund.booked_amount += amount
    refund.save(update_fields=["booked_amount"])
    return amount


def surplus_moved(
    payment: Payment, kind: str, amount: Decimal, *, reason: str, now: datetime
) -> SurplusMoved:
    """The news of money that no order needs: `kind` is received or returned."""
    return SurplusMoved(
        payment_id=payment.pk,
        order_id=payment.order_id,
        kind=kind,  # type: ignore[arg-type]
        reason=reason,
        method=payment.provider,
        currency=payment.currency,
        amount=str(amount),
        at=now.isoformat(),
        is_merchants=is_merchants(payment),
    )


def is_merchants(payment: Payment) -> bool:
    """Whether the money went into a merchant's own account."""
    return payment.account is not None and payment.account.merchant_id is not None
