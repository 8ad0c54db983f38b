"""What payments do on the order book's news."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from karvon.kernel.events import handles
from karvon.orders.events import MoneyMoved, OrderCancelled, OrderExpired
from karvon.payments import services, tasks
from karvon.payments.events import CaptureAwaited, RefundRequested


@handles(MoneyMoved, name="payments.refund_what_was_called_off")
def refund_called_off(event: MoneyMoved, *, event_id: UUID) -> None:
    """Something that was paid does not stand any more: its money goes back the way that it came."""
    if event.kind == "called_off":
        services.refund_order(order_id=event.order_id)


@handles(MoneyMoved, name="payments.record_money_by_hand")
def record_money_by_hand(event: MoneyMoved, *, event_id: UUID) -> None:
    """What was paid at the door, and what somebody says was given back."""
    at = datetime.fromisoformat(event.at)
    if event.kind == "paid":
        services.record_handover(
            order_id=event.order_id,
            fulfilment_id=event.fulfilment_id,
            method=event.method,
            currency=event.currency,
            amount=Decimal(event.amount),
            at=at,
        )
    if event.kind == "refunded":
        services.note_given_back(order_id=event.order_id, now=at)


@handles(OrderExpired, name="payments.order_expired")
def end_payments_of_expired(event: OrderExpired, *, event_id: UUID) -> None:
    _end(event.order_id)


@handles(OrderCancelled, name="payments.order_cancelled")
def end_payments_of_cancelled(event: OrderCancelled, *, event_id: UUID) -> None:
    _end(event.order_id)


def _end(order_id: int) -> None:
    for payment_id in services.expire_payments_of(order_id=order_id):
        transaction.on_commit(lambda pk=payment_id: tasks.close_at_provider.delay(pk))  # type: ignore[misc]


@handles(CaptureAwaited, name="payments.capture")
def capture_what_was_agreed(event: CaptureAwaited, *, event_id: UUID) -> None:
    """Handed on, as below. What comes of it is asked for by reconciliation, should nobody get to it."""
    transaction.on_commit(lambda: tasks.ask_provider.delay(event.payment_id))


@handles(RefundRequested, name="payments.send_refund")
def send_requested_refund(event: RefundRequested, *, event_id: UUID) -> None:
    """Handed on: a provider is asked outside of transactions, and this handler is one."""
    transaction.on_commit(lambda: tasks.send_refund.delay(event.refund_id))
