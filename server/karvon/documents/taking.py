"""Taking the snapshots: what of an order stands on a merchant's document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from karvon.documents.snapshots import ZERO, Buyer, Reference, Seller, Snapshot, SoldLine
from karvon.kernel.money import round_amount
from karvon.orders.dues import dues_by_part, owed_for_line, sum_dues
from karvon.orders.models import Fulfilment, Order, OrderLine
from karvon.orders.states import UNDONE
from karvon.orders.whatsapp import address_text


@dataclass(frozen=True)
class Share:
    """What one merchant has in an order: its parts (with merchant and branch at hand) and their lines, all in key order."""

    order: Order
    parts: Sequence[Fulfilment]
    lines: Sequence[OrderLine]

    @property
    def is_settled(self) -> bool:
        """Whether everything that goes on was paid, and something was; also of what was called off since."""
        going = [part for part in self.parts if part.state not in UNDONE]
        is_paid = any(part.paid_amount for part in self.parts)
        return is_paid and all(part.settled_at is not None for part in going)


def take_of_sale(share: Share, *, refers_to: Reference | None = None, is_receipt: bool = False) -> Snapshot:
    """An invoice's content, which is what was agreed; a receipt's, which is about what was paid."""
    order, parts = share.order, share.parts
    dues = sum_dues(dues_by_part(parts, share.lines, order.currency).values())
    agreed = _sum(parts, "total")
    settled = [part.settled_at for part in parts if part.settled_at is not None]
    return Snapshot(
        **_common(share),
        lines=tuple(_sold(line, line.quantity, order.currency) for line in share.lines),
        discounts=_discounts(share),
        subtotal=_sum(parts, "subtotal"),
        delivery_fee=_sum(parts, "delivery_fee"),
        tax=_sum(parts, "tax"),
        total=dues.paid if is_receipt else agreed,
        called_off=agreed - dues.owed,
        paid=dues.paid,
        refunded=dues.refunded,
        due=dues.due,
        paid_at=max(settled) if settled else None,
        refers_to=refers_to,
    )


def take_of_refund(
    share: Share, *, amount: Decimal, already: Mapping[int, int], refers_to: Reference | None
) -> Snapshot:
    """A credit note's content: of one part, the units called off that no credit note before has given back (`already`, units by
    line), where they and the delivery fee are worth the amount; else the amount alone.
    """
    order, part = share.order, share.parts[0]
    gone = {line.pk: _gone(part, line) for line in share.lines}
    fresh = [
        _sold(line, units, order.currency, before=already.get(line.pk, 0))
        for line in share.lines
        if (units := gone[line.pk] - already.get(line.pk, 0)) > 0
    ]
    fee = part.delivery_fee if part.state in UNDONE else ZERO
    worth = sum((line.total for line in fresh), ZERO)
    fits, with_fee = amount in (worth, worth + fee), amount == worth + fee
    if not fits:
        fresh, gone = [], dict(already)
    tax = (
        sum((line.tax for line in fresh), ZERO) if fits else _proportion(part.tax, amount, part.total, order)
    )
    discount = sum((line.discount for line in fresh), ZERO)
    return Snapshot(
        **_common(share),
        lines=tuple(fresh),
        discounts=(("", discount),) if discount else (),
        subtotal=sum((line.subtotal for line in fresh), ZERO) if fits else amount,
        delivery_fee=fee if fits and with_fee else ZERO,
        tax=tax,
        total=amount,
        refunded=amount,
        refers_to=refers_to,
        credited=tuple(sorted(gone.items())),
    )


def _gone(part: Fulfilment, line: OrderLine) -> int:
    return line.quantity if part.state in UNDONE else line.cancelled_quantity


def _common(share: Share) -> dict[str, Any]:
    order, first = share.order, share.parts[0]
    merchant, branch, customer = first.merchant, first.branch, order.customer
    return {
        "order_number": order.number,
        "parts": tuple(part.number for part in share.parts),
        "placed_at": order.placed_at,
        "timezone": merchant.timezone,
        "payment_method": order.payment_method,
        "delivery_type": order.delivery_type,
        "seller": Seller(
            name=merchant.name,
            address=", ".join(text for text in (branch.address, branch.city) if text),
            phone=merchant.phone or branch.phone,
            email=merchant.email,
            tax_rate=merchant.tax_rate,
        ),
        "buyer": Buyer(
            name=order.contact_name or (customer.full_name if customer else ""),
            phone=order.contact_phone,
            email=order.contact_email or (customer.email if customer else "") or "",
            address=address_text(order),
        ),
    }


def _sold(line: OrderLine, units: int, currency: str, *, before: int = 0) -> SoldLine:
    """`units` of a line, after `before` others of it were taken away: exact, so that all of them add up to the line."""
    is_whole = units == line.quantity

    def share(amount: Decimal) -> Decimal:
        if is_whole:
            return amount
        until, since = amount * (before + units) / line.quantity, amount * before / line.quantity
        return round_amount(until, currency) - round_amount(since, currency)

    total, subtotal = line.total, line.subtotal
    if not is_whole:
        total, subtotal = (
            _owed_after(line, before, currency) - _owed_after(line, before + units, currency),
            (line.unit_price * units),
        )
    return SoldLine(
        title=line.title,
        sku=line.sku,
        options=tuple(str(label) for label in line.options.values()),
        modifiers=tuple(str(modifier.get("name", "")) for modifier in line.modifiers),
        quantity=units,
        unit_price=line.unit_price,
        subtotal=subtotal,
        discount=subtotal - total,
        tax=share(line.tax),
        total=total,
    )


def _owed_after(line: OrderLine, cancelled: int, currency: str) -> Decimal:
    """What would be owed for the line with that many units called off: the rule of `orders.dues`."""
    left = OrderLine(quantity=line.quantity, cancelled_quantity=cancelled, total=line.total)
    return owed_for_line(left, currency)


def _discounts(share: Share) -> tuple[tuple[str, Decimal], ...]:
    """By name where they are this merchant's alone; else their sum."""
    total = _sum(share.parts, "discount")
    named = [(each.name, each.amount) for each in share.order.discounts.all() if each.amount]
    if named and sum(amount for _name, amount in named) == total == share.order.discount:
        return tuple(named)
    return (("", total),) if total else ()


def _sum(parts: Sequence[Fulfilment], name: str) -> Decimal:
    return sum((getattr(part, name) for part in parts), ZERO)


def _proportion(of: Decimal, amount: Decimal, whole: Decimal, order: Order) -> Decimal:
    return round_amount(of * amount / whole, order.currency) if whole else ZERO
