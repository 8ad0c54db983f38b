"""Promotions for tests of this room and those above."""

from __future__ import annotations

from itertools import count
from typing import Any

from karvon.catalog.models import Product
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant
from karvon.promotions.models import Promotion

_numbers = count(1)


def make_product(*, merchant: Merchant | None = None) -> Product:
    """A product for a promotion's scope."""
    name = f"scope-{next(_numbers)}"
    merchant = merchant or make_merchant()
    return Product.objects.create(
        merchant=merchant, title=name, slug=name, handle=name, currency=merchant.currency
    )


def make_promotion(*, products: Any = (), categories: Any = (), **fields: Any) -> Promotion:
    """10 % off everything, by itself, unless told otherwise."""
    number = next(_numbers)
    fields = {"name": f"Offer {number}", "kind": "percent", "value": "10", "currency": "UZS"} | fields
    promotion = Promotion.objects.create(**fields)
    promotion.products.set(products)
    promotion.categories.set(categories)
    return promotion


def make_coupon(code: str | None = None, **fields: Any) -> Promotion:
    """The same with a code."""
    return make_promotion(code=code or f"CODE{next(_numbers)}", **fields)
