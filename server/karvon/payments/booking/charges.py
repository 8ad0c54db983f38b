"""Money has come in: once for the order, however often it is told; what the order does not need goes back by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Sum

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import Conflict
from karvon.kernel.events import publish
from karvon.orders import services as orders
from karvon.orders.dues import ZERO, sum_dues
from karvon.orders.models import OrderState, PaymentState
from karvon.orders.services.settling import read_dues
from karvon.orders.states import CALLED_OFF
from karvon.payments.booking.locking import LockedPayment, lock_payment
from karvon.payments.booking.returning import is_merchants, request_refund, surplus_moved
from karvon.payments.booking.steps import take_step
from karvon.payments.errors import AmountMismatch, ChargeNotNeeded
from karvon.payments.models import Payment, PaymentStatus, RefundReason
from karvon.payments.models.payment import RECEIVED


@dataclass(frozen=True)
class Charge:
    """Money that a provider says it has taken. `reference` is the provider's name for this very charge."""

    reference: str
    amount: Decimal
    currency: str
    at: datetime | None = None


@transactional
def book_charge(
    *, payment: Payment, charge: Charge, is_refusable: bool = False, now: datetime | None = None
) -> Payment:
    """Write down money that came in, and return the payment that it was written on (another one where this payment has its
    money already). The same charge again changes nothing.

    The order is confirmed by it; an expired one comes back if its goods are still there. What is not needed - a second
    payment, one that came too late - is to be refunded at once; with `is_refusable` it is not taken in the first place.
    Raises AmountMismatch, and ChargeNotNeeded, after which the caller must roll back.
    """
    now = now or clock.now()
    locked = lock_payment(payment, may_revive=True, charge_reference=charge.reference)
    if locked.charged is not None:
        return locked.charged
    payment = locked.payment
    if charge.currency != payment.currency or charge.amount != payment.amount:
        raise AmountMismatch
    if payment.state in RECEIVED:
        payment = locked.payment = _second_payment(payment)
    payment.charge_reference, payment.paid_at = charge.reference, charge.at or now
    payment.failure = ""
    take_step(payment, PaymentStatus.PAID, fields=("charge_reference", "paid_at", "failure"))
    _settle(locked, is_refusable, now)
    return payment


def _second_payment(payment: Payment) -> Payment:
    return Payment.objects.create(
        order_id=payment.order_id,
        provider=payment.provider,
        account=payment.account,
        amount=payment.amount,
        currency=payment.currency,
        state=PaymentStatus.PENDING,
    )


def _settle(locked: LockedPayment, is_refusable: bool, now: datetime) -> None:
    """The order takes what it needs; the rest goes back."""
    payment = locked.payment
    reason, why, needed = _judge(locked, now)
    if why and is_refusable:
        raise ChargeNotNeeded(code=why)
    if why:
        _return_surplus(payment, payment.amount, reason, note=why, now=now)
        return
    orders.confirm_payment(
        order_id=locked.order.pk,
        reference=f"{payment.provider}:{payment.charge_reference}",
        method=payment.provider,
        is_paid_to_merchant=is_merchants(payment),
        now=now,
    )
    if payment.amount > needed:
        _return_surplus(payment, payment.amount - needed, RefundReason.DUPLICATE, note="", now=now)


def _judge(locked: LockedPayment, now: datetime) -> tuple[RefundReason, str, Decimal]:
    """(reason of a refund, why the order does not need this money or "", how much of it is needed)."""
    order, amount = locked.order, locked.payment.amount
    if order.payment_state == PaymentState.EXPIRED:
        try:
            locked.order = order = orders.revive_order(order_id=order.pk, now=now)
        except Conflict as error:
            return RefundReason.LATE, error.code, ZERO
    if order.state in CALLED_OFF:
        return RefundReason.LATE, "order_called_off", ZERO
    needed = sum_dues(read_dues(order, locked.parts).values()).due
    if not needed and order.state != OrderState.PENDING:
        if _was_confirmed_for_this(locked):
            return RefundReason.DUPLICATE, "", amount
        return RefundReason.DUPLICATE, "already_paid", ZERO
    if needed > amount:
        # never half an order: prices are frozen, so this was begun for something else
        return RefundReason.DUPLICATE, "not_enough", ZERO
    return RefundReason.DUPLICATE, "", needed


def _was_confirmed_for_this(locked: LockedPayment) -> bool:
    """Whether a person has said that the order is paid this way, before the provider did: then this is that money, and not a
    second payment. What the order was paid is more than its payments explain.
    """
    order, payment = locked.order, locked.payment
    if order.payment_method != payment.provider:
        return False
    paid = sum((part.paid_amount for part in locked.parts), ZERO)
    received = Payment.objects.filter(order=order, paid_at__isnull=False).exclude(pk=payment.pk)
    explained = received.aggregate(sum=Sum(F("amount") - F("surplus_amount")))["sum"] or ZERO
    return bool(paid - explained >= payment.amount)


def _return_surplus(
    payment: Payment, amount: Decimal, reason: RefundReason, *, note: str, now: datetime
) -> None:
    payment.surplus_amount = amount
    payment.save(update_fields=["surplus_amount", "updated_at"])
    publish(surplus_moved(payment, "received", amount, reason=note or reason, now=now))
    request_refund(payment, amount=amount, reason=reason, note=note, now=now)
