"""FINALIZE: an order is paid, or was not paid in time. Both may arrive twice, and at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from karvon.inventory.services import commit_reservations
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.orders.errors import NotPayable
from karvon.orders.events import FulfilmentChanged, OrderConfirmed, OrderExpired
from karvon.orders.locks import lock_order
from karvon.orders.models import Order, OrderEvent, OrderState, PaymentState
from karvon.orders.services.stepping import Acting, derive_order, take_steps
from karvon.orders.states import SYSTEM

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def confirm_payment(
    *, order_id: int, actor: User | None = None, reference: str = "", now: datetime | None = None
) -> Order:
    """The order was paid: reserved goods are sold and the order is confirmed. Doing it again does nothing.

    Raises OrderNotFound, and NotPayable for an order that was cancelled or expired meanwhile.
    """
    now = now or clock.now()
    order, parts = lock_order(order_id)
    if order.payment_state == PaymentState.PAID:
        return order
    if order.payment_state != PaymentState.PENDING or order.state in (
        OrderState.CANCELLED,
        OrderState.REJECTED,
    ):
        raise NotPayable
    was_pending = order.state == OrderState.PENDING
    order.payment_state = PaymentState.PAID
    order.payment_deadline = None
    rows = [
        OrderEvent(order=order, kind="payment", from_state="pending", to_state="paid", actor=actor,
                   actor_role="staff" if actor else SYSTEM, data={"reference": reference}, at=now)
    ]  # fmt: skip
    events: list[OrderConfirmed | FulfilmentChanged] = []
    if was_pending:
        commit_reservations(order.pk)
        for part in parts:
            events.append(
                FulfilmentChanged(order.pk, part.pk, part.merchant_id, part.state, OrderState.CONFIRMED)
            )
            part.state = OrderState.CONFIRMED
            part.save(update_fields=["state", "updated_at"])
        rows.append(OrderEvent(order=order, kind="state", from_state="pending", to_state="confirmed", at=now))
        order.confirmed_at = now
    order.save(update_fields=["payment_state", "payment_deadline", "confirmed_at", "updated_at"])
    derive_order(order, parts)
    OrderEvent.objects.bulk_create(rows)
    if was_pending:
        publish(OrderConfirmed(order.pk), *events)
    return order


def expire_unpaid_orders(*, now: datetime | None = None, limit: int = 200) -> int:
    """Call off orders whose deadline has passed, each in a transaction of its own; returns how many."""
    now = now or clock.now()
    due = Order.objects.filter(payment_deadline__lte=now).order_by("payment_deadline", "pk")
    return sum(_expire(pk, now) for pk in list(due.values_list("pk", flat=True)[:limit]))


@transactional
def _expire(order_id: int, now: datetime) -> bool:
    # another sweep has it, or a payment is being written this moment
    if not Order.objects.select_for_update(skip_locked=True).filter(pk=order_id).exists():
        return False
    order, parts = lock_order(order_id)
    still_due = order.payment_deadline is not None and order.payment_deadline <= now
    if not still_due or order.state != OrderState.PENDING:
        return False
    take_steps(
        order,
        parts,
        parts,
        to=OrderState.CANCELLED,
        acting=Acting(None, SYSTEM),
        reason="not paid in time",
        now=now,
    )
    order.payment_state = PaymentState.EXPIRED
    order.save(update_fields=["payment_state", "updated_at"])
    publish(OrderExpired(order.pk))
    return True
