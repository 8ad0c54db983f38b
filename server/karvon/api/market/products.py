"""A product as the shop contracts show it, made of its page in the shop window."""

from __future__ import annotations

from typing import Any

import orjson
from rest_framework import serializers

from karvon.api.links import absolute
from karvon.carts.store import MOST_OF_A_LINE

KEPT = (
    "id", "slug", "description", "price", "currency", "category", "category_name", "in_stock", "average_rating",
    "reviews_count", "merchant", "price_min", "price_max", "compare_at_price", "tags", "kind", "vendor",
    "modifier_groups", "created_at", "updated_at",
)  # fmt: skip
BRIEF = ("id", "sku", "title", "price", "compare_at_price", "in_stock")


def product_json(page: bytes, site: str) -> dict[str, Any]:
    """The documented product; `site` goes before addresses of pictures."""
    found = orjson.loads(page)
    variants = [_variant(each, site) for each in found["variants"]]
    return {
        **{name: found[name] for name in KEPT},
        "name": found["title"],
        "image": absolute(site, found["image"]),
        "images": [
            {
                "id": each["id"],
                "image": absolute(site, each["url"]),
                "order": order,
                "alt": each["alt"],
                "width": each["width"],
                "height": each["height"],
            }
            for order, each in enumerate(found["images"])
        ],
        "stock": min(sum(each["stock"] for each in variants), MOST_OF_A_LINE),
        "attributes": {each["code"]: _value(each["value"]) for each in found["attributes"]},
        "variants": variants,
    }


def missing_product_json(product_id: int | None, name: str, price: str, currency: str) -> dict[str, Any]:
    """A product of a cart that is not on show any more, with every documented field."""
    empty: dict[str, Any] = dict.fromkeys(KEPT)
    lists: dict[str, Any] = {
        "images": [],
        "variants": [],
        "tags": [],
        "modifier_groups": [],
        "attributes": {},
    }
    known = {"id": product_id, "name": name, "price": price, "price_min": price, "price_max": price}
    texts = {"slug": "", "description": "", "currency": currency, "image": None}
    numbers = {"in_stock": False, "stock": 0, "average_rating": 0.0, "reviews_count": 0}
    return empty | lists | known | texts | numbers


def _variant(variant: dict[str, Any], site: str) -> dict[str, Any]:
    """What is not counted can be had as often as a cart's line goes."""
    return {
        **{name: variant[name] for name in BRIEF},
        "stock": MOST_OF_A_LINE if variant["stock"] is None else variant["stock"],
        "tracks_stock": variant["tracks_stock"],
        "attributes": {code: _value(each["value"]) for code, each in variant["options"].items()},
        "labels": {code: each["label"] for code, each in variant["options"].items()},
        "image": absolute(site, variant["image"]),
    }


def _value(value: str | bool) -> str:
    """As `attr_<name>` takes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


class MarketImage(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    image = serializers.URLField()
    order = serializers.IntegerField()
    alt = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class MarketVariant(serializers.Serializer[Any]):
    """Something that can be put into a cart. `attributes` are values as `attr_<name>` takes them, `labels` are for people."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    title = serializers.CharField()
    price = serializers.CharField()
    compare_at_price = serializers.CharField(allow_null=True)
    stock = serializers.IntegerField(help_text=f"{MOST_OF_A_LINE} where units are not counted.")
    tracks_stock = serializers.BooleanField()
    in_stock = serializers.BooleanField()
    attributes = serializers.DictField(child=serializers.CharField())
    labels = serializers.DictField(child=serializers.CharField())
    image = serializers.URLField(allow_null=True)


class MarketSeller(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()


class MarketTag(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class MarketModifier(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    price_delta = serializers.CharField()


class MarketModifierGroup(serializers.Serializer[Any]):
    """A question asked with a product: from `min_picks` to `max_picks` of its modifiers."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    min_picks = serializers.IntegerField()
    max_picks = serializers.IntegerField()
    modifiers = MarketModifier(many=True)


class MarketProduct(serializers.Serializer[Any]):
    """A product; `price` is its cheapest variant's."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField()
    price = serializers.CharField()
    currency = serializers.CharField()
    category = serializers.IntegerField(allow_null=True)
    category_name = serializers.CharField(allow_null=True)
    image = serializers.URLField(allow_null=True)
    images = MarketImage(many=True)
    in_stock = serializers.BooleanField()
    stock = serializers.IntegerField(help_text="Of all variants.")
    variants = MarketVariant(many=True)
    average_rating = serializers.FloatField()
    reviews_count = serializers.IntegerField()
    merchant = MarketSeller(allow_null=True)
    price_min = serializers.CharField()
    price_max = serializers.CharField()
    compare_at_price = serializers.CharField(allow_null=True)
    attributes = serializers.DictField(child=serializers.CharField())
    modifier_groups = MarketModifierGroup(many=True)
    tags = MarketTag(many=True)
    kind = serializers.CharField(allow_null=True)
    vendor = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
