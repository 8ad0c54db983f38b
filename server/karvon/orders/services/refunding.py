"""Money goes back to the customer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import PermissionRefused
from karvon.kernel.events import publish
from karvon.kernel.money import money_json
from karvon.orders.dues import ZERO, sum_dues
from karvon.orders.errors import NothingToRefund, OrderNotFound
from karvon.orders.locks import lock_order
from karvon.orders.models import Order, OrderEvent
from karvon.orders.sales import Sale
from karvon.orders.services.settling import money_moved, read_dues
from karvon.orders.services.stepping import business_of, derive_order
from karvon.orders.states import STAFF, SYSTEM
from karvon.orders.timeline import note_steps

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def record_refund(
    *,
    order_id: int,
    amount: Decimal | None = None,
    actor: User | None = None,
    reference: str = "",
    now: datetime | None = None,
) -> Order:
    """All that was to be refunded for this order has been given back, or `amount` of it: by the platform, or by the
    merchant where the merchant took the money. Doing it again is refused, so that no customer is paid twice.

    Raises OrderNotFound for strangers, PermissionRefused for who is no operator, NothingToRefund (409), also when
    `amount` is more than there is to refund.
    """
    now = now or clock.now()
    order, parts = lock_order(order_id)
    if actor is not None and not actor.is_operator:
        is_known = order.customer_id == actor.pk or business_of(actor, parts)
        raise PermissionRefused if is_known else OrderNotFound
    dues = read_dues(order, parts)
    events, given_back = [], ZERO
    left = sum_dues(dues.values()).to_refund if amount is None else amount
    for part in parts:
        if share := min(dues[part.pk].to_refund, left):
            left -= share
            part.refunded_amount += share
            part.save(update_fields=["refunded_amount", "updated_at"])
            given_back += share
            events.append(money_moved(order, part, Sale(), kind="refunded", amount=share, now=now))
    if not events or left:
        raise NothingToRefund
    before = order.payment_state
    derive_order(order, parts)
    note_steps(
        OrderEvent(
            order=order, kind="refund", from_state=before, to_state=order.payment_state, actor=actor,
            actor_role=STAFF if actor else SYSTEM, data={"reference": reference, "amount": money_json(given_back)}, at=now,
        )
    )  # fmt: skip
    publish(*events)
    return order
