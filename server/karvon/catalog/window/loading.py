# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Reads the facts of a batch of products in a number of queries that does not depend on how many they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from karvon.catalog.rules import matches
from karvon.catalog.window.facts import (
    AttributeFacts,
    CategoryFacts,
    ChoiceFacts,
    CollectionFacts,
    ImageFacts,
    MerchantFacts,
    ModifierFacts,
    ModifierGroupFacts,
    ProductFacts,
    TagFacts,
    ValueFacts,
    VariantFacts,
)
from karvon.catalog.window.statements import fetch_all
from karvon.kernel.languages import LANGUAGES

_SIZE = len(LANGUAGES)


def _text(alias: str, column: str) -> str:
    return ", ".join(f"coalesce({alias}.{column}_{language}, '')" for language in LANGUAGES)


_PRODUCTS = f"""
SELECT product.id, product.merchant_id, product.category_id, product.kind, product.slug, product.vendor,
       product.currency,
       product.state = 'published' AND product.deleted_at IS NULL
           AND coalesce(product.publish_at <= %(now)s::timestamptz, true)
           AND coalesce(product.unpublish_at > %(now)s::timestamptz, true),
       product.sold_count, product.rating_sum, product.reviews_count, product.created_at, product.updated_at,
       merchant.username, merchant.name, merchant.state = 'active', merchant.default_language,
       {_text("product", "title")}, {_text("product", "description")}
FROM catalog_product AS product JOIN merchants_merchant AS merchant ON merchant.id = product.merchant_id
WHERE product.id = ANY(%(ids)s::bigint[]) ORDER BY product.id
"""

_VARIANTS = f"""
SELECT variant.product_id, variant.id, variant.sku, variant.price, variant.compare_at_price, variant.barcode,
       variant.weight_grams, variant.tracks_stock, {_text("variant", "title")}
FROM catalog_variant AS variant
WHERE variant.product_id = ANY(%(ids)s::bigint[]) AND variant.is_active
ORDER BY variant.product_id, variant.position, variant.id
"""

_VALUE = """value.attribute_id, value.choice_id, value.number, value.text, value.boolean"""
_VALUES = f"""
SELECT value.product_id, NULL::bigint, {_VALUE}, attribute.position, value.id AS value_id
FROM catalog_productattribute AS value JOIN catalog_attribute AS attribute ON attribute.id = value.attribute_id
WHERE value.product_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT variant.product_id, variant.id, {_VALUE}, attribute.position, value.id
FROM catalog_variant AS variant
JOIN catalog_variantattribute AS value ON value.variant_id = variant.id
JOIN catalog_attribute AS attribute ON attribute.id = value.attribute_id
WHERE variant.product_id = ANY(%(ids)s::bigint[]) AND variant.is_active
ORDER BY position, value_id
"""

_ATTRIBUTES = f"""
SELECT attribute.id, attribute.code, attribute.type, attribute.unit, attribute.is_filterable, attribute.is_option,
       {_text("attribute", "name")}
FROM catalog_attribute AS attribute WHERE attribute.id = ANY(%(ids)s::bigint[])
"""

_CHOICES = f"""
SELECT choice.id, choice.code, choice.colour, {_text("choice", "label")}
FROM catalog_attributechoice AS choice WHERE choice.id = ANY(%(ids)s::bigint[])
"""

_IMAGES = f"""
SELECT image.product_id, image.asset_id, image.variant_id, asset.alt, asset.file, asset.width, asset.height,
       asset.dominant_colour, {_text("image", "alt")},
       (SELECT array_agg(rendition.format || ' ' || rendition.width || ' ' || rendition.height || ' '
                         || rendition.file ORDER BY rendition.format, rendition.width)
        FROM media_rendition AS rendition WHERE rendition.asset_id = asset.id)
FROM catalog_productimage AS image JOIN media_asset AS asset ON asset.id = image.asset_id
WHERE image.product_id = ANY(%(ids)s::bigint[])
ORDER BY image.product_id, image.position, image.id
"""

_TAGS = f"""
SELECT link.product_id, tag.slug, {_text("tag", "name")}
FROM catalog_product_tags AS link JOIN catalog_tag AS tag ON tag.id = link.tag_id
WHERE link.product_id = ANY(%(ids)s::bigint[]) ORDER BY tag.slug
"""

_GROUPS = f"""
SELECT link.product_id, asked.id, asked.min_picks, asked.max_picks, {_text("asked", "name")}
FROM catalog_productmodifiergroup AS link JOIN catalog_modifiergroup AS asked ON asked.id = link.group_id
WHERE link.product_id = ANY(%(ids)s::bigint[]) ORDER BY link.position, link.id
"""

_MODIFIERS = f"""
SELECT modifier.group_id, modifier.id, modifier.price_delta, {_text("modifier", "name")}
FROM catalog_modifier AS modifier
WHERE modifier.group_id = ANY(%(ids)s::bigint[]) AND modifier.is_active
ORDER BY modifier.position, modifier.id
"""

# hand-picked ones of these products, and everything that goes by rule
_COLLECTIONS = f"""
SELECT collection.id, collection.merchant_id, collection.slug, collection.rule, pick.product_id,
       {_text("collection", "title")}
FROM catalog_collection AS collection
JOIN catalog_collectionproduct AS pick ON pick.collection_id = collection.id
WHERE pick.product_id = ANY(%(ids)s::bigint[]) AND collection.is_active AND collection.kind = 'manual'
UNION ALL
SELECT collection.id, collection.merchant_id, collection.slug, collection.rule, NULL,
       {_text("collection", "title")}
FROM catalog_collection AS collection WHERE collection.is_active AND collection.kind = 'rule'
ORDER BY 1
"""

_CATEGORIES = f"""
WITH RECURSIVE above AS (
    SELECT category.* FROM catalog_category AS category WHERE category.id = ANY(%(ids)s::bigint[])
    UNION
    SELECT parent.* FROM catalog_category AS parent JOIN above ON parent.id = above.parent_id
)
SELECT above.id, above.parent_id, above.slug, {_text("above", "name")} FROM above
"""


def load_products(product_ids: Iterable[int], *, now: datetime) -> list[ProductFacts]:
    """The products that exist, by id, with everything that is shown of them."""
    ids = list(product_ids)
    products = {row[0]: _product(row) for row in fetch_all(_PRODUCTS, {"ids": ids, "now": now})}
    if not products:
        return []
    found = {"ids": list(products)}
    _add_categories(products)
    _add_variants(products, found)
    _add_images(products, found)
    for product_id, slug, *name in fetch_all(_TAGS, found):
        products[product_id].tags.append(TagFacts(slug, tuple(name)))
    _add_modifier_groups(products, found)
    _add_collections(products, found, now)  # last: rules look at everything else
    return list(products.values())


def load_paths(category_ids: Iterable[int]) -> dict[int, tuple[CategoryFacts, ...]]:
    """Each category with all above it, root first: one query."""
    rows = fetch_all(_CATEGORIES, {"ids": sorted(set(category_ids))})
    found = {row[0]: CategoryFacts(row[0], row[1], row[2], tuple(row[3:])) for row in rows}
    paths: dict[int, tuple[CategoryFacts, ...]] = {}
    for pk in found:
        path: list[CategoryFacts] = []
        at: int | None = pk
        while at is not None:
            path.append(found[at])
            at = found[at].parent_id
        paths[pk] = tuple(reversed(path))
    return paths


def _product(row: tuple[Any, ...]) -> ProductFacts:
    texts = row[17:]
    return ProductFacts(
        id=row[0],
        merchant=MerchantFacts(row[1], *row[13:17]),
        category_id=row[2],
        kind=row[3],
        slug=row[4],
        vendor=row[5],
        currency=row[6],
        is_published=row[7],
        sold_count=row[8],
        rating_sum=row[9],
        reviews_count=row[10],
        created_at=row[11],
        updated_at=row[12],
        title=texts[:_SIZE],
        description=texts[_SIZE:],
    )


def _add_categories(products: dict[int, ProductFacts]) -> None:
    wanted = {product.category_id for product in products.values() if product.category_id is not None}
    if not wanted:
        return
    paths = load_paths(wanted)
    for product in products.values():
        if product.category_id is not None:
            product.path = paths.get(product.category_id, ())


def _add_variants(products: dict[int, ProductFacts], found: dict[str, list[int]]) -> None:
    variants: dict[int, VariantFacts] = {}
    for product_id, pk, sku, price, compare_at, barcode, weight, tracks, *title in fetch_all(
        _VARIANTS, found
    ):
        variant = VariantFacts(pk, sku, tuple(title), price, compare_at, barcode, weight, tracks)
        variants[pk] = variant
        products[product_id].variants.append(variant)
    values = fetch_all(_VALUES, found)
    if not values:
        return
    attributes = {
        pk: AttributeFacts(code, tuple(name), kind, unit, is_filterable, is_option)
        for pk, code, kind, unit, is_filterable, is_option, *name in fetch_all(
            _ATTRIBUTES, {"ids": sorted({row[2] for row in values})}
        )
    }
    chosen = sorted({row[3] for row in values if row[3] is not None})
    choices = {
        pk: ChoiceFacts(code, tuple(label), colour)
        for pk, code, colour, *label in (fetch_all(_CHOICES, {"ids": chosen}) if chosen else ())
    }
    for product_id, variant_id, attribute_id, choice_id, number, text, boolean, _position, _id in values:
        value = ValueFacts(attributes[attribute_id], choices.get(choice_id), number, text, boolean)
        owner = products[product_id] if variant_id is None else variants.get(variant_id)
        if owner is not None:  # a variant that came between the two queries is another refresh's
            owner.values.append(value)


def _add_images(products: dict[int, ProductFacts], found: dict[str, list[int]]) -> None:
    for product_id, asset_id, variant_id, alt, file, width, height, colour, *rest in fetch_all(
        _IMAGES, found
    ):
        renditions = []
        for line in rest.pop() or ():
            kind, wide, high, name = line.split(" ", 3)
            renditions.append((kind, int(wide), int(high), name))
        products[product_id].images.append(
            ImageFacts(asset_id, variant_id, tuple(rest), alt, file, width, height, colour, renditions)
        )


def _add_modifier_groups(products: dict[int, ProductFacts], found: dict[str, list[int]]) -> None:
    links = fetch_all(_GROUPS, found)
    if not links:
        return
    groups: dict[int, ModifierGroupFacts] = {}
    for product_id, pk, least, most, *name in links:
        if pk not in groups:
            groups[pk] = ModifierGroupFacts(pk, tuple(name), least, most, [])
        products[product_id].groups.append(groups[pk])
    for group_id, pk, delta, *name in fetch_all(_MODIFIERS, {"ids": sorted(groups)}):
        groups[group_id].modifiers.append(ModifierFacts(pk, tuple(name), delta))


def _add_collections(products: dict[int, ProductFacts], found: dict[str, list[int]], now: datetime) -> None:
    for pk, merchant_id, slug, rule, product_id, *title in fetch_all(_COLLECTIONS, found):
        if product_id is not None:
            products[product_id].collections.append(
                CollectionFacts(pk, merchant_id, slug, tuple(title), None)
            )
            continue
        rule = orjson.loads(rule)  # Django's connections leave jsonb as text
        collection = CollectionFacts(pk, merchant_id, slug, tuple(title), rule)
        for product in products.values():
            if merchant_id in (None, product.merchant.id) and matches(rule, product, now):
                product.collections.append(collection)
