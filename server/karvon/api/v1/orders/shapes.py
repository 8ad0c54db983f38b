"""Orders as JSON. They show what `with_content` has loaded and ask the database nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from karvon.kernel.money import money_json
from karvon.kernel.rendering import time_json
from karvon.orders.dues import Dues, dues_by_part, dues_of_part, sum_dues
from karvon.orders.models import Fulfilment, Order, OrderEvent, OrderLine
from karvon.orders.states import derive_state

AMOUNTS = ("subtotal", "discount", "delivery_fee", "tax", "total")
DUES = {"amount_paid": "paid", "amount_due": "due", "refund_due": "to_refund"}


def order_json(order: Order, *, merchants: frozenset[int] | None = None) -> dict[str, Any]:
    """An order; with `merchants`, only their parts, and the amounts and state of these."""
    parts = list(order.fulfilments.all())
    lines = list(order.lines.all())
    state = order.state
    if merchants is None:
        amounts = {name: money_json(getattr(order, name)) for name in AMOUNTS}
        discounts = [_discount_json(each) for each in order.discounts.all()]
    else:
        # lists hold orders with different scopes for one reader
        parts = [part for part in parts if part.merchant_id in merchants]
        shown = {part.pk for part in parts}
        lines = [line for line in lines if line.fulfilment_id in shown]
        amounts = {name: money_json(_sum(parts, name)) for name in AMOUNTS}
        discounts = []
        state = derive_state([part.state for part in parts])
    dues = dues_by_part(parts, lines, order.currency)
    return {
        "id": order.pk,
        "number": order.number,
        "status": state,
        "payment_status": order.payment_state,
        "payment_method": order.payment_method,
        "items": [line_json(line) for line in lines],
        **amounts,
        **_dues_json(sum_dues(dues.values())),
        "currency": order.currency,
        "discounts": discounts,
        "fulfilments": [part_json(part, dues[part.pk]) for part in parts],
        "delivery_type": order.delivery_type,
        "delivery_address": order.delivery_address,
        "contact": {
            "name": order.contact_name,
            "phone": order.contact_phone,
            "email": order.contact_email,
        },
        "scheduled_for": time_json(order.scheduled_for),
        "note": order.note,
        "placed_at": time_json(order.placed_at),
        "confirmed_at": time_json(order.confirmed_at),
        "payment_deadline": time_json(order.payment_deadline),
    }


def order_detail_json(order: Order, *, merchants: frozenset[int] | None = None) -> dict[str, Any]:
    """An order with its timeline."""
    return order_json(order, merchants=merchants) | {"timeline": timeline_json(order, merchants=merchants)}


def timeline_json(order: Order, *, merchants: frozenset[int] | None = None) -> list[dict[str, Any]]:
    """What happened, oldest first."""
    shown = {
        part.pk for part in order.fulfilments.all() if merchants is None or part.merchant_id in merchants
    }
    return [
        _event_json(event)
        for event in order.events.all()
        if event.fulfilment_id is None or event.fulfilment_id in shown
    ]


def part_json(part: Fulfilment, dues: Dues) -> dict[str, Any]:
    """A part without its lines."""
    return {
        "id": part.pk,
        "number": part.number,
        "merchant": {"id": part.merchant_id, "username": part.merchant.username, "name": part.merchant.name},
        "branch": {"id": part.branch_id, "name": part.branch.name},
        "flow": part.flow,
        "status": part.state,
        **{name: money_json(getattr(part, name)) for name in AMOUNTS},
        **_dues_json(dues),
    }


def fulfilment_json(part: Fulfilment) -> dict[str, Any]:
    """A part with its lines, as its merchant's people see it."""
    lines = list(part.lines.all())
    return part_json(part, dues_of_part(part, lines, part.order.currency)) | {
        "order_id": part.order_id,
        "order_number": part.order.number,
        "currency": part.order.currency,
        "delivery_type": part.order.delivery_type,
        "note": part.order.note,
        "placed_at": time_json(part.placed_at),
        "items": [line_json(line) for line in lines],
    }


def line_json(line: OrderLine) -> dict[str, Any]:
    """A line as it was sold."""
    return {
        "id": line.pk,
        "fulfilment_id": line.fulfilment_id,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "title": line.title,
        "sku": line.sku,
        "options": line.options,
        "modifiers": line.modifiers,
        "image": line.image or None,
        "quantity": line.quantity,
        "cancelled_quantity": line.cancelled_quantity,
        "unit_price": money_json(line.unit_price),
        "subtotal": money_json(line.subtotal),
        "discount": money_json(line.discount),
        "tax": money_json(line.tax),
        "total": money_json(line.total),
    }


def _dues_json(dues: Dues) -> dict[str, str]:
    return {name: money_json(getattr(dues, of)) for name, of in DUES.items()}


def _discount_json(discount: Any) -> dict[str, Any]:
    return {
        "promotion_id": discount.promotion_id,
        "code": discount.code or None,
        "name": discount.name,
        "kind": discount.kind,
        "amount": money_json(discount.amount),
    }


def _event_json(event: OrderEvent) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "fulfilment_id": event.fulfilment_id,
        "from": event.from_state or None,
        "to": event.to_state or None,
        "by": event.actor_role,
        "reason": event.reason,
        "at": time_json(event.at),
    }


def _sum(parts: Sequence[Fulfilment], name: str) -> Decimal:
    return sum((getattr(part, name) for part in parts), Decimal(0))
