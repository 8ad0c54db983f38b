"""Products of the shop window as this door shows them."""

from __future__ import annotations

from typing import Any

import orjson

from karvon.api.links import absolute
from karvon.carts.store import MOST_OF_A_LINE

LARGEST_PICTURE = 500 * 1024


def product_json(page: bytes, site: str) -> dict[str, Any]:
    """The documented product, of its document in the shop window. Prices include tax, so both prices are one."""
    found = orjson.loads(page)
    stocks = [each["stock"] for each in found["variants"]]
    return {
        "id": found["id"],
        "title": found["title"],
        "slug": found["slug"],
        "description": found["description"],
        "unit_price": found["price"],
        "price_with_tax": found["price"],
        "currency": found["currency"],
        # what is not counted can be had as often as a cart's line goes
        "inventory": sum(MOST_OF_A_LINE if stock is None else stock for stock in stocks),
        "collection": found["category"],
        "images": images_json(found, site),
        "last_update": found["updated_at"],
    }


def images_json(found: dict[str, Any], site: str) -> list[dict[str, Any]]:
    """The pictures of a product's document, in their order."""
    return [{"id": each["id"], "image": absolute(site, each["url"])} for each in found["images"]]
