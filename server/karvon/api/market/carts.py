"""A cart as the shop contracts show it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request

from karvon.api.carts import CartEndpoint
from karvon.api.fields import RowIdField
from karvon.api.links import site_of
from karvon.api.market.products import MarketModifier, MarketProduct, missing_product_json, product_json
from karvon.carts.quoting import QuotedLine
from karvon.carts.services import Cart
from karvon.carts.store import MOST_OF_A_LINE
from karvon.catalog.window import list_by_ids
from karvon.kernel.languages import pick_language
from karvon.kernel.money import money_json
from karvon.kernel.rendering import time_json
from karvon.promotions.rules import ZERO

MOST_MODIFIERS = 50
Json = dict[str, Any]


class MarketCartEndpoint(CartEndpoint):
    """Carts in the words of the shop contracts."""

    def body_of(self, request: Request, cart: Cart) -> Json:
        return cart_json(cart, language=pick_language(request), site=site_of(request))


def cart_json(cart: Cart, *, language: str, site: str) -> Json:
    """The documented cart; one query for the products of its lines, none for an empty one."""
    snapshot, quote = cart.snapshot, cart.quote
    lines = quote.lines if quote else ()
    products = _products_of(lines, language, site)
    priced = quote.priced if quote else None
    return {
        "id": str(snapshot.cart_id) if snapshot else None,
        "items": [_item_json(line, products) for line in lines],
        "item_count": sum(line.line.quantity for line in lines),
        "subtotal": money_json(priced.subtotal if priced else ZERO),
        "discount": money_json(priced.discount if priced else ZERO),
        "delivery_fee": money_json(priced.delivery_fee if priced else ZERO),
        "total_amount": money_json(priced.total if priced else ZERO),
        "currency": (quote.currency if quote else None) or settings.KARVON_DEFAULT_CURRENCY,
        "promo_code": snapshot.coupon if snapshot else None,
        "updated_at": time_json(snapshot.updated_at if snapshot else None),
        "expires_at": time_json(snapshot.expires_at if snapshot else None),
    }


def added_json(cart: Cart, *, language: str, site: str) -> Json:
    """The line that something was just put into, and the cart that it belongs to."""
    lines = cart.quote.lines if cart.quote else ()
    line = next(each for each in lines if each.line.id == cart.touched)
    return {
        **_item_json(line, _products_of([line], language, site)),
        "cart_id": str(cart.snapshot.cart_id) if cart.snapshot else None,
    }


def _products_of(lines: Any, language: str, site: str) -> dict[int, Json]:
    ids = dict.fromkeys(line.offer.product_id for line in lines if line.offer is not None)
    found = (product_json(page, site) for page in list_by_ids(list(ids), language, whole=True))
    return {product["id"]: product for product in found}


def _item_json(quoted: QuotedLine, products: dict[int, Json]) -> Json:
    offer, line = quoted.offer, quoted.line
    product = products.get(offer.product_id) if offer else None
    price = money_json(offer.price if offer else line.seen_price)
    return {
        "id": line.id,
        "cart_item_id": line.id,
        "product": product
        or missing_product_json(
            offer.product_id if offer else None,
            offer.title if offer else "",
            price,
            offer.currency if offer else line.seen_currency,
        ),
        "variant": {
            "id": line.variant_id,
            "sku": offer.sku if offer else "",
            "title": offer.variant_title if offer else "",
            "attributes": dict(offer.options) if offer else {},
        },
        "quantity": line.quantity,
        "unit_price": money_json(quoted.unit_price),
        "total_price": money_json(quoted.subtotal),
        "modifiers": [
            {"id": each.id, "name": each.name, "price_delta": money_json(each.price_delta)}
            for each in quoted.modifiers
        ],
        "available": quoted.is_available,
        "problem": quoted.problem,
    }


class MarketCartQuantityField(serializers.IntegerField):
    """Units of a line."""

    def __init__(self, *, least: int = 1, **kwargs: Any) -> None:
        super().__init__(min_value=least, max_value=MOST_OF_A_LINE, **kwargs)


class MarketModifierIdsField(serializers.ListField):
    """Answers to the questions that are asked with a product."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=RowIdField(), required=False, default=list, max_length=MOST_MODIFIERS, **kwargs
        )


class MarketCartVariant(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    title = serializers.CharField()
    attributes = serializers.DictField(child=serializers.CharField())


class MarketCartItem(serializers.Serializer[Any]):
    """A line. One that cannot be bought stays, with `available` false and a `problem`; `total_price` is without discounts."""

    id = serializers.IntegerField()
    cart_item_id = serializers.IntegerField(help_text="The same as `id`.")
    product = MarketProduct()
    variant = MarketCartVariant()
    quantity = serializers.IntegerField()
    unit_price = serializers.CharField(help_text="With modifiers.")
    total_price = serializers.CharField()
    modifiers = MarketModifier(many=True)
    available = serializers.BooleanField()
    problem = serializers.CharField(allow_null=True)


class MarketCart(serializers.Serializer[Any]):
    """total_amount = subtotal - discount + delivery_fee, of the lines that can be bought, at today's prices."""

    id = serializers.UUIDField(allow_null=True)
    items = MarketCartItem(many=True)
    item_count = serializers.IntegerField()
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    delivery_fee = serializers.CharField()
    total_amount = serializers.CharField()
    currency = serializers.CharField()
    promo_code = serializers.CharField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
