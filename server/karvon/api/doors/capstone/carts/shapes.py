"""Carts as this door shows them."""

from __future__ import annotations

from typing import Any

from karvon.carts.quoting import QuotedLine
from karvon.carts.services import Cart
from karvon.kernel.money import money_json


def cart_json(cart: Cart) -> dict[str, Any]:
    """The cart with live prices. Without items `total_price` is the number 0, with items a decimal string: what they cost
    less the discounts, without delivery.
    """
    lines = cart.quote.lines if cart.quote else ()
    priced = cart.quote.priced if cart.quote else None
    return {
        "id": str(cart.snapshot.cart_id) if cart.snapshot else None,
        "items": [item_json(each) for each in lines],
        "total_price": money_json(priced.subtotal - priced.discount) if lines and priced else 0,
    }


def find_item_json(cart: Cart, item_id: int | None) -> dict[str, Any]:
    """The item with this id, which the cart holds."""
    lines = cart.quote.lines if cart.quote else ()
    return next(item_json(each) for each in lines if each.line.id == item_id)


def item_json(quoted: QuotedLine) -> dict[str, Any]:
    """An item; what cannot be bought any more has a `problem` and counts for nothing."""
    offer, line = quoted.offer, quoted.line
    product_id = offer.product_id if offer else None
    return {
        "id": line.id,
        "product_id": product_id,
        "product": {
            "id": product_id,
            "title": offer.title if offer else "",
            "unit_price": money_json(quoted.unit_price),
        },
        "quantity": line.quantity,
        "total_price": money_json(quoted.subtotal),
        "available": quoted.is_available,
        "problem": quoted.problem,
    }
