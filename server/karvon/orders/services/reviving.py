"""An order that expired comes back, because its money came after all; and one that is being paid keeps its goods a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from karvon.inventory.demand import Demand
from karvon.inventory.services import retake_stock
from karvon.kernel.db import run_isolated, transactional
from karvon.kernel.events import publish
from karvon.merchants.locks import share_trading
from karvon.merchants.models import MerchantState
from karvon.orders.errors import NotPayable
from karvon.orders.events import FulfilmentChanged
from karvon.orders.locks import lock_order
from karvon.orders.models import (
    Fulfilment,
    Order,
    OrderEvent,
    OrderLine,
    OrderState,
    PaymentMethod,
    PaymentState,
)
from karvon.orders.services.stepping import derive_order
from karvon.orders.states import LATE_PAYMENT, MACHINES, SYSTEM
from karvon.orders.timeline import note_steps
from karvon.promotions.services import reclaim_promotions

_SELLERS = "SELECT merchant_id FROM orders_fulfilment WHERE order_id = %s"


def hold_sellers_open(order_id: int) -> None:
    """The sellers of an order change no state until this transaction ends. To be taken before the order's own lock."""
    share_trading(_SELLERS, [order_id])


@transactional
def revive_order(*, order_id: int, now: datetime) -> Order:
    """Bring an order back that expired unpaid: its goods and promotions are taken again, and it waits for its payment, which
    the caller books in the same transaction. The caller holds its sellers (`hold_sellers_open`).

    Raises NotPayable for one that did not expire or whose shop sells no more, OutOfStock, CouponExhausted, CouponUsedUp
    (all 409); then nothing was changed, and the caller's transaction may go on.
    """
    return run_isolated(lambda: _revive(order_id, now))


def _revive(order_id: int, now: datetime) -> Order:
    order, parts = lock_order(order_id)
    if order.payment_state != PaymentState.EXPIRED or order.state != OrderState.CANCELLED:
        raise NotPayable
    sellers = Fulfilment.objects.filter(order=order)
    if sellers.exclude(merchant__state=MerchantState.ACTIVE).exists():
        raise NotPayable
    retake_stock(order_id=order.pk, demands=_demands(order, parts))
    reclaim_promotions(order.pk)
    rows = []
    for part in parts:
        MACHINES[part.flow].check(part.state, OrderState.PENDING, LATE_PAYMENT)  # type: ignore[index]
        rows.append(
            OrderEvent(
                order=order, fulfilment=part, kind="state", from_state=part.state, to_state=OrderState.PENDING,
                actor_role=SYSTEM, reason="paid after all", at=now,
            )
        )  # fmt: skip
        publish(FulfilmentChanged(order.pk, part.pk, part.merchant_id, part.state, OrderState.PENDING))
        part.state = OrderState.PENDING
        part.save(update_fields=["state", "updated_at"])
    note_steps(*rows)
    order.payment_state, order.payment_deadline = PaymentState.PENDING, now
    order.save(update_fields=["payment_state", "payment_deadline", "updated_at"])
    derive_order(order, parts)
    return order


def _demands(order: Order, parts: list[Fulfilment]) -> list[Demand]:
    branches = {part.pk: part.branch_id for part in parts}
    lines = OrderLine.objects.filter(order=order, tracks_stock=True, variant__isnull=False)
    return [
        Demand(line.variant_id, branches[line.fulfilment_id], line.quantity)  # type: ignore[arg-type]
        for line in lines
    ]


def time_to_pay(method: str) -> timedelta:
    """How long an order keeps its goods for whoever pays it this way: banks take days."""
    if method == PaymentMethod.BANK_TRANSFER:
        return settings.KARVON_TRANSFER_DEADLINE
    return settings.KARVON_PAYMENT_DEADLINE


@transactional
def extend_deadline(*, order_id: int, until: datetime) -> Order:
    """Let a waiting order keep its goods until then, because somebody is paying it. Never shortens; what does not wait
    is left as it is. Raises OrderNotFound.
    """
    order, _parts = lock_order(order_id)
    if order.payment_deadline is not None and order.payment_deadline < until:
        order.payment_deadline = until
        order.save(update_fields=["payment_deadline", "updated_at"])
    return order


@transactional
def shorten_deadline(*, order_id: int, until: datetime) -> Order:
    """Let a waiting order wait no longer than until then, because the money that it waited for did not come. Never
    lengthens; what does not wait is left as it is. Raises OrderNotFound.
    """
    order, _parts = lock_order(order_id)
    if order.payment_deadline is not None and order.payment_deadline > until:
        order.payment_deadline = until
        order.save(update_fields=["payment_deadline", "updated_at"])
    return order
