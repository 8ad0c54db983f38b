"""FINALIZE: an order is paid, or was not paid in time. Both may arrive twice, and at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import LockTimeout
from karvon.kernel.events import publish
from karvon.kernel.money import money_json
from karvon.orders.dues import sum_dues
from karvon.orders.errors import NotPayable
from karvon.orders.events import AmountsChanged, OrderExpired
from karvon.orders.locks import is_taken, lock_order
from karvon.orders.models import Order, OrderEvent, OrderState, PaymentState
from karvon.orders.services.settling import book_payment, read_dues
from karvon.orders.services.stepping import Acting, derive_order, take_steps
from karvon.orders.states import STAFF, SYSTEM
from karvon.orders.timeline import note_steps

if TYPE_CHECKING:
    from karvon.accounts.models import User

log = structlog.get_logger(__name__)


@transactional
def confirm_payment(
    *,
    order_id: int,
    actor: User | None = None,
    reference: str = "",
    method: str = "",
    is_paid_to_merchant: bool = False,
    now: datetime | None = None,
) -> Order:
    """All that is still due was paid: reserved goods are sold and a waiting order is confirmed. Doing it again does nothing.

    `method` is how it was paid where that is not how it was to be; `is_paid_to_merchant`: into the merchant's own account.
    Raises OrderNotFound, and NotPayable for an order that was cancelled or expired without having been paid.
    """
    now = now or clock.now()
    order, parts = lock_order(order_id)
    if order.payment_state in (PaymentState.FAILED, PaymentState.EXPIRED):
        raise NotPayable
    dues = read_dues(order, parts)
    if not sum_dues(dues.values()).due and order.state != OrderState.PENDING:
        return order
    # written with the state, when that is derived
    order.payment_method, order.is_paid_to_merchant = method or order.payment_method, is_paid_to_merchant
    booked = book_payment(order, parts, dues, now=now).due
    note_steps(
        OrderEvent(
            order=order, kind="payment", from_state=PaymentState.PENDING, to_state=PaymentState.PAID, actor=actor,
            actor_role=STAFF if actor else SYSTEM, data={"reference": reference, "amount": money_json(booked)}, at=now,
        )
    )  # fmt: skip
    if order.state == OrderState.PENDING:
        take_steps(
            order, parts, parts, to=OrderState.CONFIRMED, acting=Acting(None, SYSTEM), reason="", now=now
        )
    else:
        derive_order(order, parts, stepped=parts)
        publish(AmountsChanged(order.pk))
    return order


def expire_unpaid_orders(*, now: datetime | None = None, limit: int = 200) -> int:
    """Call off orders whose deadline has passed, each in a transaction of its own; returns how many. One that somebody
    holds for too long is left to the next sweep and keeps no other waiting.
    """
    now = now or clock.now()
    due = Order.objects.filter(payment_deadline__lte=now).order_by("payment_deadline", "pk")
    expired = 0
    for order_id in list(due.values_list("pk", flat=True)[:limit]):
        try:
            expired += _expire(order_id, now)
        except LockTimeout:
            log.warning("order_not_expired", order_id=order_id)
    return expired


@transactional
def _expire(order_id: int, now: datetime) -> bool:
    if is_taken(order_id):  # another sweep has it, or a payment is being written this moment
        return False
    order, parts = lock_order(order_id)
    still_due = order.payment_deadline is not None and order.payment_deadline <= now
    if not still_due or order.state != OrderState.PENDING:
        return False
    acting = Acting(None, SYSTEM)
    take_steps(
        order, parts, parts, to=OrderState.CANCELLED, acting=acting, reason="not paid in time", now=now
    )
    order.payment_state = PaymentState.EXPIRED
    order.save(update_fields=["payment_state", "updated_at"])
    publish(OrderExpired(order.pk))
    return True
