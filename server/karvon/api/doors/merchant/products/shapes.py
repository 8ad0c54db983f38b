"""A product in the words of this door, from the shop window's document of its page."""

from __future__ import annotations

from typing import Any

import orjson

from karvon.api.links import absolute


def product_json(document: bytes, site: str) -> dict[str, Any]:
    """What everybody sees; `site` stands in front of pictures' addresses. `stock` is the sum over open branches."""
    page = orjson.loads(document)
    return {
        "id": page["id"],
        "merchant": page["merchant"]["id"],
        "title": page["title"],
        "description": page["description"],
        "price": page["price"],
        "currency": page["currency"],
        "stock": page["stock_quantity"],
        "in_stock": page["in_stock"],
        "images": [absolute(site, image["url"]) for image in page["images"]],
        "image_ids": [image["id"] for image in page["images"]],
        "category": page["category"],
        "category_name": page["category_name"],
        "slug": page["slug"],
        "variants": [_variant_json(each) for each in page["variants"]],
        "created_at": page["created_at"],
        "updated_at": page["updated_at"],
    }


def own_product_json(document: bytes, site: str, state: str) -> dict[str, Any]:
    """The same for the merchant's own people."""
    return product_json(document, site) | {"state": state}


def _variant_json(variant: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": variant["id"],
        "sku": variant["sku"],
        "title": variant["title"],
        "price": variant["price"],
        "stock": variant["stock"],
        "in_stock": variant["in_stock"],
        "options": {code: value["value"] for code, value in variant["options"].items()},
    }
