"""Every read of payments, scoped to who asks."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import QuerySet, Sum

from karvon.orders.dues import ZERO, dues_by_part, sum_dues
from karvon.orders.errors import OrderNotFound
from karvon.orders.models import Order
from karvon.payments.booking.returning import SURPLUS, refundable_of
from karvon.payments.errors import PaymentNotFound
from karvon.payments.models import Payment, Refund
from karvon.payments.models.refund import OPEN_REFUNDS

if TYPE_CHECKING:
    from karvon.accounts.models import User


def get_payment(payment_id: int, reader: User) -> Payment:
    """A payment of the reader's own order, or any for operators. Raises PaymentNotFound."""
    payment = _visible(reader).filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound
    return payment


def get_payment_by_token(payment_id: int, token: str) -> Payment:
    """A payment of the order that has this token. Raises PaymentNotFound."""
    payment = _all().filter(pk=payment_id, order__token=token).first()
    if payment is None:
        raise PaymentNotFound
    return payment


def list_payments(reader: User) -> QuerySet[Payment]:
    """The reader's payments, newest first; all for operators. Two queries with the refunds."""
    return _visible(reader)


def list_payments_of(order_id: int) -> list[Payment]:
    """The payments of an order that is known to be the caller's, oldest first."""
    return list(Payment.objects.filter(order=order_id).order_by("created_at", "pk"))


def get_order_to_return_to(token: str) -> Order:
    """The order whose payer comes back with its token. Raises OrderNotFound."""
    order = Order.objects.filter(token=token).first()
    if order is None:
        raise OrderNotFound
    return order


def list_refunds_of(payment: Payment) -> list[Refund]:
    """The refunds of a payment that is known to be the caller's, oldest first."""
    return list(payment.refunds.order_by("created_at", "pk"))


def refundable_now(payment: Payment) -> Decimal:
    """How much of a payment could be asked back this moment: what was called off and is not on its way, no more than is left.
    Not locked: the service looks again.
    """
    parts, lines = payment.order.fulfilments.all(), payment.order.lines.all()
    due = sum_dues(dues_by_part(parts, lines, payment.currency).values()).to_refund
    underway = Refund.objects.filter(payment__order=payment.order_id, state__in=OPEN_REFUNDS)
    coming: Decimal = underway.exclude(reason__in=SURPLUS).aggregate(sum=Sum("amount"))["sum"] or ZERO
    return max(min(due - coming, refundable_of(payment)), ZERO)


def _visible(reader: User) -> QuerySet[Payment]:
    return _all() if reader.is_operator else _all().filter(order__customer=reader)


def _all() -> QuerySet[Payment]:
    return Payment.objects.prefetch_related("refunds")
