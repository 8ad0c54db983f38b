"""What operators say of a payment that no provider tells about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import PermissionRefused
from karvon.orders.errors import NotPayable
from karvon.orders.locks import lock_order
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.orders.services.paying import confirm_payment
from karvon.orders.services.stepping import Acting, take_steps
from karvon.orders.states import STAFF

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def judge_payment(*, order_id: int, to: PaymentState, actor: User, now: datetime | None = None) -> Order:
    """Say that an order is paid, that its payment failed, or that it still waits; what is so already changes nothing.

    Paid is `confirm_payment`. A failed payment calls a waiting order off: its goods come back. Raises OrderNotFound,
    PermissionRefused for everybody but operators, NotPayable (409) for what has been decided otherwise.
    """
    if not actor.is_operator:
        raise PermissionRefused
    if to == PaymentState.PAID:
        return confirm_payment(order_id=order_id, actor=actor, now=now)
    order, parts = lock_order(order_id)
    if order.payment_state == to:
        return order
    if to != PaymentState.FAILED or order.state != OrderState.PENDING:
        raise NotPayable
    acting = Acting(actor, STAFF)
    moment = now or clock.now()
    take_steps(
        order, parts, parts, to=OrderState.CANCELLED, acting=acting, reason="payment failed", now=moment
    )
    return order
