"""What the shop has of a chunk of products, loaded in a number of queries that does not depend on the
chunk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models.functions import Lower

from karvon.catalog.exchange.rows import ParsedProduct
from karvon.catalog.exchange.stock import get_on_hand
from karvon.catalog.models import (
    Product,
    ProductAttribute,
    ProductImage,
    ProductModifierGroup,
    Variant,
    VariantAttribute,
)
from karvon.merchants.models import Merchant


@dataclass
class ChunkState:
    """Rows by what a file knows of them. Empty mappings for products that are new."""

    products: dict[str, Product] = field(default_factory=dict)  # by handle
    variants: dict[int, dict[str, Variant]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # product id, SKU key
    sku_owners: dict[str, int] = field(default_factory=dict)  # SKU key -> product id, of the whole merchant
    product_values: dict[int, dict[int, ProductAttribute]] = field(default_factory=lambda: defaultdict(dict))
    variant_values: dict[int, dict[int, VariantAttribute]] = field(default_factory=lambda: defaultdict(dict))
    tags: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    group_ids: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    asset_ids: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    on_hand: Mapping[int, int] = field(default_factory=dict)


def sku_key(sku: str) -> str:
    """SKUs are the same in any case, as the database's unique index has it."""
    return sku.lower()


def load_state(merchant: Merchant, parsed: Sequence[ParsedProduct], *, locks: bool) -> ChunkState:
    """Two queries for products that are all new, nine for others. `locks` takes the products' row locks."""
    state = ChunkState()
    products = Product.objects.filter(
        merchant=merchant, handle__in=[one.handle for one in parsed], deleted_at=None
    )
    if locks:
        products = products.select_for_update(of=("self",))
    state.products = {product.handle: product for product in products.order_by("pk")}
    skus = [sku_key(variant.sku) for one in parsed for variant in one.variants]
    owners = (
        Variant.objects.annotate(sku_key=Lower("sku")).filter(merchant=merchant, sku_key__in=skus).order_by()
    )
    state.sku_owners = dict(owners.values_list("sku_key", "product_id"))
    if state.products:
        _load_details(state, merchant, [product.pk for product in state.products.values()])
    return state


def _load_details(state: ChunkState, merchant: Merchant, product_ids: Sequence[int]) -> None:
    for variant in Variant.objects.filter(product__in=product_ids).order_by("position", "id"):
        state.variants[variant.product_id][sku_key(variant.sku)] = variant
    variant_ids = [variant.pk for variants in state.variants.values() for variant in variants.values()]
    for value in ProductAttribute.objects.filter(product__in=product_ids).order_by("id"):
        state.product_values[value.product_id][value.attribute_id] = value
    for own in VariantAttribute.objects.filter(variant__in=variant_ids).order_by("id"):
        state.variant_values[own.variant_id][own.attribute_id] = own
    for product_id, tag_id in _pairs(Product.tags.through.objects, product_ids, "tag_id"):
        state.tags[product_id].add(tag_id)
    links = ProductModifierGroup.objects.order_by("position", "id")
    for product_id, group_id in _pairs(links, product_ids, "group_id"):
        state.group_ids[product_id].append(group_id)
    for product_id, asset_id in _pairs(ProductImage.objects.order_by(), product_ids, "asset_id"):
        state.asset_ids[product_id].add(asset_id)
    state.on_hand = get_on_hand(merchant, variant_ids)


def _pairs(rows: object, product_ids: Sequence[int], column: str) -> Iterable[tuple[int, int]]:
    return rows.filter(product__in=product_ids).values_list("product_id", column)  # type: ignore[attr-defined,no-any-return]
