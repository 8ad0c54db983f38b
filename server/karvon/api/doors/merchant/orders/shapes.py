"""One merchant's share of an order, in the words of this door. Asks the database nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from karvon.api.links import absolute
from karvon.kernel.money import money_json
from karvon.orders.models import Order, OrderLine
from karvon.orders.states import derive_state
from karvon.orders.whatsapp import address_text

AMOUNTS = ("subtotal", "discount", "delivery_fee", "tax", "total")


def order_json(order: Order, site: str) -> dict[str, Any]:
    """What `orders_of_merchant` loaded: that merchant's lines, and the sums and the state of its parts."""
    lines = list(order.lines.all())
    parts = list({line.fulfilment_id: line.fulfilment for line in lines}.values())
    sums = {name: sum((getattr(part, name) for part in parts), Decimal(0)) for name in AMOUNTS}
    return {
        "id": order.pk,
        "number": order.number,
        "merchant": parts[0].merchant_id,
        "customer_name": order.contact_name,
        "customer_phone": order.contact_phone,
        "customer_email": order.contact_email,
        "address": address_text(order),
        "items": [_item_json(line, site) for line in lines],
        **{name: money_json(amount) for name, amount in sums.items()},
        "currency": order.currency,
        "status": derive_state([part.state for part in parts]),
        "payment_status": order.payment_state,
        "payment_method": order.payment_method,
        "delivery_type": order.delivery_type,
        "confirmation_method": order.confirmation_method,
        "note": order.note,
        "created_at": order.placed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _item_json(line: OrderLine, site: str) -> dict[str, Any]:
    return {
        "id": line.pk,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "title": line.title,
        "sku": line.sku,
        "options": line.options,
        "modifiers": [each["name"] for each in line.modifiers],
        "image": absolute(site, line.image or None),
        "quantity": line.quantity,
        "cancelled_quantity": line.cancelled_quantity,
        "price": money_json(line.unit_price),
        "discount": money_json(line.discount),
        "total": money_json(line.total),
    }
