"""Money that no provider tells of: handed over at the door, sent by bank, given back by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Sum

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import PermissionRefused
from karvon.orders.dues import ZERO
from karvon.orders.locks import lock_order
from karvon.orders.models.order import PAID_ON_DELIVERY
from karvon.payments.booking.charges import Charge, book_charge
from karvon.payments.booking.locking import lock_payment
from karvon.payments.booking.returning import SURPLUS, write_finished
from karvon.payments.booking.steps import take_step
from karvon.payments.errors import NotByHand, PaymentNotFound, ReferenceTaken
from karvon.payments.models import Payment, PaymentStatus, Refund, RefundState
from karvon.payments.models.payment import OPEN, RECEIVED
from karvon.payments.registry import find_provider

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def confirm_by_hand(*, payment_id: int, actor: User, reference: str, now: datetime | None = None) -> Payment:
    """An operator has seen the money of a payment on the bank's statement, under this reference. The same again changes
    nothing. Raises PaymentNotFound, PermissionRefused, NotByHand (409) where a provider's word is needed, ReferenceTaken (409)
    where the reference is that of other money.
    """
    if not actor.is_operator:
        raise PermissionRefused
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound
    if find_provider(payment.provider).capabilities.is_online or not reference.strip():
        raise NotByHand
    now = now or clock.now()
    charge = Charge(f"hand:{reference.strip()}"[:128], payment.amount, payment.currency, at=now)
    booked = book_charge(payment=payment, charge=charge, now=now)
    is_other = booked.pk != payment.pk and payment.state not in RECEIVED
    if is_other or booked.order_id != payment.order_id:
        raise ReferenceTaken
    return booked


@transactional
def record_handover(
    *, order_id: int, fulfilment_id: int, method: str, currency: str, amount: Decimal, at: datetime
) -> Payment | None:
    """A part of an order was handed over and paid at the door: the payment that tells of it. Once for each part."""
    if method not in PAID_ON_DELIVERY or amount <= 0:
        return None
    lock_order(order_id)
    charge = f"handover-{fulfilment_id}"
    known = Payment.objects.filter(provider=method, account=None, charge_reference=charge).first()
    if known is not None:
        return known
    payment = _begun_for(order_id, method, currency, amount)
    payment.charge_reference, payment.paid_at = charge, at
    take_step(payment, PaymentStatus.PAID, fields=("charge_reference", "paid_at"))
    return payment


def _begun_for(order_id: int, method: str, currency: str, amount: Decimal) -> Payment:
    """The payment that the customer began and that waits for the door, or a new one."""
    waiting = Payment.objects.select_for_update().filter(
        order=order_id, provider=method, account=None, amount=amount, state__in=OPEN
    )
    return waiting.order_by("pk").first() or Payment.objects.create(
        order_id=order_id, provider=method, amount=amount, currency=currency
    )


@transactional
def note_given_back(*, order_id: int, now: datetime) -> list[Refund]:
    """The order book says that money was given back: refunds that waited for a person to do it are finished by that."""
    _order, parts = lock_order(order_id)
    refunds = Refund.objects.filter(payment__order=order_id).exclude(reason__in=SURPLUS)
    booked = refunds.aggregate(sum=Sum("booked_amount"))["sum"] or ZERO
    unexplained = sum((part.refunded_amount for part in parts), ZERO) - booked
    finished = []
    waiting = refunds.select_for_update().filter(state=RefundState.MANUAL).order_by("created_at", "pk")
    for refund in waiting.select_related("payment"):
        if refund.amount > unexplained:
            break
        unexplained -= refund.amount
        refund.booked_amount = refund.amount
        refund.save(update_fields=["booked_amount"])
        write_finished(lock_payment(refund.payment).payment, refund, reference="", now=now)
        finished.append(refund)
    return finished
