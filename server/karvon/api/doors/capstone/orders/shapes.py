"""Orders as this door shows them: what was ordered, and how the payment stands."""

from __future__ import annotations

from typing import Any

from karvon.api.doors.capstone.letters import PAYMENT_LETTERS
from karvon.kernel.money import money_json
from karvon.orders.models import Order, PaymentState


def order_json(order: Order) -> dict[str, Any]:
    """An order whose lines are at hand."""
    return {
        "id": order.pk,
        "number": order.number,
        "customer": order.customer_id,
        "placed_at": order.placed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "payment_status": PAYMENT_LETTERS[PaymentState(order.payment_state)],
        "status": order.state,
        "items": [
            {
                "id": line.pk,
                "product": {
                    "id": line.product_id,
                    "title": line.title,
                    "unit_price": money_json(line.unit_price),
                },
                "unit_price": money_json(line.unit_price),
                "quantity": line.quantity,
                "total_price": money_json(line.total),
            }
            for line in order.lines.all()
        ],
        "total": money_json(order.total),
        "currency": order.currency,
    }
