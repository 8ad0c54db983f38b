"""Keeping the state of an order's payment in step with what is owed and what was paid, and telling whose money moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

from karvon.kernel.events import publish
from karvon.orders.dues import Dues, dues_by_part, sum_dues
from karvon.orders.events import MoneyMoved
from karvon.orders.locks import lines_of
from karvon.orders.models import Fulfilment, Order, OrderLine, PaymentState
from karvon.orders.models.order import PAID_ON_DELIVERY
from karvon.orders.sales import Sale, sale_of_part
from karvon.orders.states import UNDONE

# the states that follow from the amounts; how the others came about is told by who set them
_FOLLOWING = frozenset(
    {
        PaymentState.PENDING,
        PaymentState.PAID,
        PaymentState.REFUND_DUE,
        PaymentState.PARTIALLY_REFUNDED,
        PaymentState.REFUNDED,
    }
)


def read_dues(order: Order, parts: Sequence[Fulfilment]) -> dict[int, Dues]:
    """What is owed for each part of a locked order."""
    return dues_by_part(parts, lines_of(order), order.currency)


def read_sale(order: Order, part: Fulfilment) -> Sale:
    """What stands of the sale of a locked order's part."""
    lines = [line for line in lines_of(order) if line.fulfilment_id == part.pk]
    return sale_of_part(part, lines, order.currency)


SETTLED = ("paid_amount", "settled_at")  # of a part, by `book_payment`


def book_payment(order: Order, parts: Sequence[Fulfilment], dues: dict[int, Dues], *, now: datetime) -> Dues:
    """What is due for these parts has been paid; the sums before. Each part is settled once; the caller writes SETTLED of
    the parts.
    """
    events = []
    for part in parts:
        if part.settled_at is None and part.state not in UNDONE:
            part.settled_at = now
            part.paid_amount += dues[part.pk].due
            events.append(money_moved(order, part, read_sale(order, part), kind="paid", now=now))
    publish(*events)
    return sum_dues(dues[part.pk] for part in parts)


def settled_events(order: Order, parts: Iterable[Fulfilment], lines: Iterable[OrderLine]) -> list[MoneyMoved]:
    """The news of parts that were settled when the order was placed, because they cost nothing."""
    lines = list(lines)
    return [
        money_moved(
            order,
            part,
            sale_of_part(part, [line for line in lines if line.fulfilment_id == part.pk], order.currency),
            kind="paid",
            now=part.settled_at,
        )
        for part in parts
        if part.settled_at is not None
    ]


def publish_called_off(order: Order, part: Fulfilment, before: Sale, after: Sale, *, now: datetime) -> None:
    """Some of a settled part's sale does not stand any more. What was never settled moved no money."""
    if part.settled_at is not None and (lost := before - after):
        publish(money_moved(order, part, lost, kind="called_off", now=now))


def money_moved(
    order: Order,
    part: Fulfilment,
    sale: Sale,
    *,
    kind: Literal["paid", "called_off", "refunded"],
    now: datetime | None,
    amount: Decimal | None = None,
) -> MoneyMoved:
    """`now` defaults to when the part was settled; `amount` is said where it does not follow from the sale."""
    now = now or part.settled_at or part.placed_at
    return MoneyMoved(
        order_id=order.pk,
        fulfilment_id=part.pk,
        merchant_id=part.merchant_id,
        kind=kind,
        method=order.payment_method,
        currency=order.currency,
        at=now.isoformat(),
        amount=str(sale.amount if amount is None else amount),
        goods=str(sale.goods),
        discount=str(sale.discount),
        delivery=str(sale.delivery),
        promotion=str(sale.promotion),
        commission=str(sale.commission),
        is_merchants=order.payment_method in PAID_ON_DELIVERY or order.is_paid_to_merchant,
    )


def derive_payment_state(order: Order, dues: dict[int, Dues]) -> str:
    """The state that follows from the order's own state and the amounts."""
    if order.payment_state not in _FOLLOWING:
        return order.payment_state
    sums = sum_dues(dues.values())
    if sums.to_refund:
        return PaymentState.REFUND_DUE
    if sums.due and order.state not in UNDONE:
        return PaymentState.PENDING
    if sums.refunded:
        return PaymentState.REFUNDED if sums.refunded == sums.paid else PaymentState.PARTIALLY_REFUNDED
    if order.state in UNDONE:
        # nothing was paid, or it would have to be given back
        return PaymentState.PAID if order.payment_state == PaymentState.PAID else PaymentState.FAILED
    return PaymentState.PAID
