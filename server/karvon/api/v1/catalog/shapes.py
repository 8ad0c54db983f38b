"""Catalogue rows as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from karvon.catalog.models import Attribute, Category, Collection, ModifierGroup, Product
from karvon.catalog.texts import all_texts, text_in
from karvon.catalog.window.reading import list_by_ids
from karvon.kernel.money import money_json
from karvon.media.urls import asset_url


def own_products_json(products: Sequence[Product], language: str) -> list[dict[str, Any]]:
    """Products for their back office: what lists show of them, and what only their people see.

    Reads what `selectors.with_variants` prefetched, and the window once.
    """
    bodies = list_by_ids([product.pk for product in products], language, also_hidden=True)
    listed = {each["id"]: each for each in map(orjson.loads, bodies)}
    return [
        {**listed.get(product.pk, {"id": product.pk}), **_own_fields(product, language)}
        for product in products
    ]


def _own_fields(product: Product, language: str) -> dict[str, Any]:
    home = product.merchant.default_language
    return {
        "description": text_in(product, "description", language, home),
        "handle": product.handle,
        "titles": all_texts(product, "title"),
        "descriptions": all_texts(product, "description"),
        "kind": product.kind,
        "vendor": product.vendor,
        "state": product.state,
        "publish_at": product.publish_at,
        "unpublish_at": product.unpublish_at,
        "attributes": {value.attribute.code: _plain(value) for value in product.attribute_values.all()},
        "variants": [
            {
                "id": variant.pk,
                "sku": variant.sku,
                "titles": all_texts(variant, "title"),
                "price": money_json(variant.price),
                "compare_at_price": None
                if variant.compare_at_price is None
                else money_json(variant.compare_at_price),
                "barcode": variant.barcode,
                "weight_grams": variant.weight_grams,
                "tracks_stock": variant.tracks_stock,
                "is_active": variant.is_active,
                "options": {value.attribute.code: _plain(value) for value in variant.attribute_values.all()},
            }
            for variant in product.variants.all()
        ],
        "modifier_groups": [link.group_id for link in product.modifier_links.all()],
    }


def _plain(value: Any) -> str:
    if value.choice is not None:
        return str(value.choice.code)
    if value.number is not None:
        return format(value.number.normalize(), "f")
    if value.boolean is not None:
        return "true" if value.boolean else "false"
    return str(value.text)


def category_json(
    category: Category, children: list[Category], counts: dict[int, int], language: str
) -> dict[str, Any]:
    return {
        **_child(category, counts, language),
        "parent": category.parent_id,
        "description": text_in(category, "description", language),
        "image": asset_url(category.image.file) if category.image else None,
        "position": category.position,
        "children": [_child(each, counts, language) for each in children],
    }


def _child(category: Category, counts: dict[int, int], language: str) -> dict[str, Any]:
    return {
        "id": category.pk,
        "name": text_in(category, "name", language),
        "slug": category.slug,
        "product_count": counts.get(category.pk, 0),
    }


def attribute_json(attribute: Attribute, language: str) -> dict[str, Any]:
    return {
        "id": attribute.pk,
        "code": attribute.code,
        "name": text_in(attribute, "name", language),
        "type": attribute.type,
        "unit": attribute.unit,
        "is_filterable": attribute.is_filterable,
        "is_option": attribute.is_option,
        "position": attribute.position,
        "choices": [
            {"code": each.code, "label": text_in(each, "label", language), "colour": each.colour}
            for each in attribute.choices.all()
        ],
    }


def collection_json(collection: Collection, language: str) -> dict[str, Any]:
    return {
        "id": collection.pk,
        "title": text_in(collection, "title", language),
        "slug": collection.slug,
        "description": text_in(collection, "description", language),
        "kind": collection.kind,
        "merchant": collection.merchant_id,
        "image": asset_url(collection.image.file) if collection.image else None,
        "is_active": collection.is_active,
        "position": collection.position,
    }


def modifier_group_json(group: ModifierGroup, language: str) -> dict[str, Any]:
    return {
        "id": group.pk,
        "merchant": group.merchant_id,
        "name": text_in(group, "name", language),
        "min_picks": group.min_picks,
        "max_picks": group.max_picks,
        "modifiers": [
            {
                "id": each.pk,
                "name": text_in(each, "name", language),
                "price_delta": money_json(each.price_delta),
            }
            for each in group.modifiers.all()
            if each.is_active
        ],
    }
