"""What is owed for an order: what was agreed, less what was called off. Pure; amounts are in the order's currency.

The agreed amounts never change. Calling units off takes their share of the line's total away; a part that was cancelled,
rejected or returned is owed nothing, its delivery fee included. What was paid and not given back, less what is owed, is to be
refunded; the other way round it is still due.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from karvon.kernel.money import round_amount
from karvon.orders.models import Fulfilment, OrderLine
from karvon.orders.states import UNDONE

ZERO = Decimal(0)


@dataclass(frozen=True)
class Dues:
    """Of one part or of several: owed = paid - refunded + due - to_refund."""

    owed: Decimal = ZERO
    paid: Decimal = ZERO
    due: Decimal = ZERO
    to_refund: Decimal = ZERO
    refunded: Decimal = ZERO

    def __add__(self, other: Dues) -> Dues:
        return Dues(
            self.owed + other.owed,
            self.paid + other.paid,
            self.due + other.due,
            self.to_refund + other.to_refund,
            self.refunded + other.refunded,
        )


def owed_for_line(line: OrderLine, currency: str) -> Decimal:
    """The line's total without the share of the units that were called off."""
    left = line.quantity - line.cancelled_quantity
    return round_amount(line.total * left / line.quantity, currency)


def dues_of_part(part: Fulfilment, lines: Iterable[OrderLine], currency: str) -> Dues:
    """`lines` are the part's own."""
    owed = ZERO
    if part.state not in UNDONE:
        owed = sum((owed_for_line(line, currency) for line in lines), part.delivery_fee)
    paid, refunded = part.paid_amount, part.refunded_amount
    kept = paid - refunded
    return Dues(
        owed=owed,
        paid=paid,
        due=max(owed - kept, ZERO),
        to_refund=max(kept - owed, ZERO),
        refunded=refunded,
    )


def dues_by_part(parts: Iterable[Fulfilment], lines: Iterable[OrderLine], currency: str) -> dict[int, Dues]:
    """The dues of each part by its id; `lines` are of the whole order."""
    lines = list(lines)
    return {
        part.pk: dues_of_part(part, [line for line in lines if line.fulfilment_id == part.pk], currency)
        for part in parts
    }


def sum_dues(dues: Iterable[Dues]) -> Dues:
    return sum(dues, Dues())
