"""Stocked variants for tests of this room and those above."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from karvon.catalog.models import Product, ProductState, Variant, WindowRow
from karvon.inventory.models import StockLevel
from karvon.inventory.services import receive_stock, set_threshold
from karvon.inventory.window import refresh_stock
from karvon.kernel import clock
from karvon.merchants.models import Branch, Merchant
from karvon.merchants.tests.factories import make_merchant

_numbers = count(1)


def make_variant(
    *,
    merchant: Merchant | None = None,
    product: Product | None = None,
    units: int | None = None,
    branch: Branch | None = None,
    threshold: int | None = None,
    price: Decimal | str | int = "10000",
    **fields: Any,
) -> Variant:
    """A variant on sale, with a window row; `units` on hand at `branch` (the default one unless given)."""
    number = next(_numbers)
    if product is None:
        product = make_product(merchant=merchant)
    fields.setdefault("sku", f"SKU-{number}")
    variant = Variant.objects.create(
        product=product, merchant=product.merchant, price=Decimal(price), position=number, **fields
    )
    refresh_stock([product.pk])
    if units is not None:
        stock_up(variant, units, branch=branch, threshold=threshold)
    return variant


def make_product(*, merchant: Merchant | None = None, **fields: Any) -> Product:
    """A published product without variants, with its row in the shop window."""
    number = next(_numbers)
    merchant = merchant or make_merchant()
    fields.setdefault("title", f"Thing {number}")
    fields.setdefault("currency", merchant.currency)
    fields.setdefault("state", ProductState.PUBLISHED)
    product = Product.objects.create(
        merchant=merchant, slug=f"thing-{number}", handle=f"thing-{number}", **fields
    )
    WindowRow.objects.create(
        product=product,
        merchant_id=merchant.pk,
        is_visible=True,
        price_min=0,
        price_max=0,
        currency=product.currency,
        created_at=clock.now(),
        category_ids=[product.category_id] if product.category_id else [],
    )
    return product


def stock_up(
    variant: Variant, units: int, *, branch: Branch | None = None, threshold: int | None = None
) -> StockLevel:
    """Receive units; with `threshold`, set the alarm first."""
    branch_id = branch.pk if branch else default_branch(variant).pk
    level = receive_stock(variant_id=variant.pk, branch_id=branch_id, quantity=max(units, 1), actor=None)
    if units == 0:
        from karvon.inventory.services import adjust_stock

        level = adjust_stock(variant_id=variant.pk, branch_id=branch_id, on_hand=0, actor=None)
    if threshold is not None:
        level = set_threshold(level_id=level.pk, low_threshold=threshold, actor=None)
    return level


def default_branch(variant: Variant) -> Branch:
    return Branch.objects.get(merchant_id=variant.merchant_id, is_default=True)


def level_of(variant: Variant, branch: Branch | None = None) -> StockLevel:
    """The level as it is in the database now."""
    branch_id = branch.pk if branch else default_branch(variant).pk
    return StockLevel.objects.get(variant=variant, branch_id=branch_id)
