"""Keeping the state of an order's payment in step with what is owed and what was paid."""

from __future__ import annotations

from collections.abc import Sequence

from karvon.orders.dues import Dues, dues_by_part, sum_dues
from karvon.orders.models import Fulfilment, Order, OrderLine, PaymentState
from karvon.orders.states import UNDONE

# the states that follow from the amounts; how the others came about is told by who set them
_FOLLOWING = frozenset({PaymentState.PENDING, PaymentState.PAID, PaymentState.REFUND_DUE})


def read_dues(order: Order, parts: Sequence[Fulfilment]) -> dict[int, Dues]:
    """What is owed for each part, from the lines as they are in the database now."""
    lines = OrderLine.objects.filter(order=order).order_by("pk")
    return dues_by_part(parts, lines, order.currency)


def book_payment(parts: Sequence[Fulfilment], dues: dict[int, Dues]) -> Dues:
    """What is due for these parts has been paid; the sums before. Writes the parts."""
    for part in parts:
        if dues[part.pk].due:
            part.paid_amount += dues[part.pk].due
            part.save(update_fields=["paid_amount", "updated_at"])
    return sum_dues(dues[part.pk] for part in parts)


def derive_payment_state(order: Order, dues: dict[int, Dues]) -> str:
    """The state that follows from the order's own state and the amounts."""
    if order.payment_state not in _FOLLOWING:
        return order.payment_state
    sums = sum_dues(dues.values())
    if sums.to_refund:
        return PaymentState.REFUND_DUE
    if order.state in UNDONE:
        # nothing was paid, or it would have to be given back
        return PaymentState.PAID if order.payment_state == PaymentState.PAID else PaymentState.FAILED
    return PaymentState.PENDING if sums.due else PaymentState.PAID
