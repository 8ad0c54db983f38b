"""Every read of payments, scoped to who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from karvon.orders.errors import OrderNotFound
from karvon.orders.models import Order
from karvon.payments.errors import PaymentNotFound
from karvon.payments.models import Payment, Refund

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


def _visible(reader: User) -> QuerySet[Payment]:
    return _all() if reader.is_operator else _all().filter(order__customer=reader)


def _all() -> QuerySet[Payment]:
    return Payment.objects.prefetch_related("refunds")
