"""What the sale of a part is made of, and whose money it is. Pure; amounts are in the order's currency.

A merchant earns its goods at their price, less the discounts that it bears itself, and the delivery; the platform adds what its
promotions took off and takes its commission. Calling units off takes their share of everything back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal

from karvon.kernel.money import round_amount
from karvon.orders.dues import ZERO, owed_for_line
from karvon.orders.models import Fulfilment, OrderLine
from karvon.orders.states import UNDONE


@dataclass(frozen=True)
class Sale:
    """`discount` is the merchant's, `promotion` the platform's; `delivery` is before a promotion lowered it."""

    goods: Decimal = ZERO
    discount: Decimal = ZERO
    delivery: Decimal = ZERO
    promotion: Decimal = ZERO
    commission: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        """What the customer pays."""
        return self.goods - self.discount + self.delivery - self.promotion

    def __add__(self, other: Sale) -> Sale:
        return Sale(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Sale)))

    def __sub__(self, other: Sale) -> Sale:
        return Sale(*(getattr(self, each.name) - getattr(other, each.name) for each in fields(Sale)))

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))


def sale_of_line(line: OrderLine, currency: str) -> Sale:
    """Of the units that were not called off. Exact to the minor unit: the parts add up to what is owed for the line."""
    share = Decimal(line.quantity - line.cancelled_quantity) / line.quantity
    goods = round_amount(line.subtotal * share, currency)
    reduced = goods - owed_for_line(line, currency)
    promotion = (
        round_amount(reduced * line.platform_discount / line.discount, currency) if line.discount else ZERO
    )
    return Sale(
        goods=goods,
        discount=reduced - promotion,
        promotion=promotion,
        commission=round_amount(line.commission * share, currency),
    )


def sale_of_part(part: Fulfilment, lines: Iterable[OrderLine], currency: str) -> Sale:
    """What stands of the part's sale; nothing of one that was called off or returned. `lines` are the part's own."""
    if part.state in UNDONE:
        return Sale()
    delivery = Sale(delivery=part.delivery_fee + part.platform_delivery, promotion=part.platform_delivery)
    return sum((sale_of_line(line, currency) for line in lines), delivery)
