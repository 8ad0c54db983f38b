"""The two documents of a product, per language, as bytes with holes (see `catalog.models.window`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from karvon.catalog.html import to_plain
from karvon.catalog.models import Product, Variant
from karvon.catalog.models.attribute import AttributeValue
from karvon.catalog.texts import text_in
from karvon.catalog.window.loading import CategoryPaths
from karvon.kernel.money import money_json
from karvon.media.selectors import image_json
from karvon.media.urls import asset_url

EXCERPT = 200

# in JSON text a string "\u0000x\u0000" stands where the hole will be; with its quotes it becomes the bare token
_HOLES = {name: f"\x00{name}\x00" for name in ("q", "i", "a", "r")}


def encode(document: dict[str, Any]) -> bytes:
    """Bytes of JSON with holes."""
    # orjson writes NUL as \u0000: quote + token + quote is turned into the token between real NUL bytes
    raw = orjson.dumps(document, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)
    return raw.replace(b'"\\u0000', b"\x00").replace(b'\\u0000"', b"\x00")


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def price_range(variants: Iterable[Variant]) -> tuple[Decimal, Decimal]:
    prices = [variant.price for variant in variants] or [Decimal(0)]
    return min(prices), max(prices)


def list_document(product: Product, language: str, paths: CategoryPaths) -> dict[str, Any]:
    """A product as lists show it; the fields of the canonical contract in its order."""
    home = product.merchant.default_language
    variants = list(product.variants.all())
    low, high = price_range(variants)
    cheapest = min(variants, key=lambda variant: variant.price, default=None)
    category = paths.rows.get(product.category_id or 0)
    images = list(product.images.all())
    compare = cheapest.compare_at_price if cheapest else None
    return {
        "id": product.pk,
        "title": text_in(product, "title", language, home),
        "slug": product.slug,
        "description": to_plain(text_in(product, "description", language, home), EXCERPT),
        "price": money_json(low),
        "currency": product.currency,
        "category": product.category_id,
        "category_name": text_in(category, "name", language, home) if category else None,
        "image": asset_url(_thumbnail(images[0])) if images else None,
        "stock_quantity": _HOLES["q"],
        "created_at": _time(product.created_at),
        "updated_at": _time(product.updated_at),
        "average_rating": _HOLES["a"],
        "reviews_count": _HOLES["r"],
        "merchant": {
            "id": product.merchant_id,
            "username": product.merchant.username,
            "name": product.merchant.name,
        },
        "price_min": money_json(low),
        "price_max": money_json(high),
        "compare_at_price": money_json(compare) if compare is not None else None,
        "in_stock": _HOLES["i"],
        "tags": [
            {"slug": tag.slug, "name": text_in(tag, "name", language, home)} for tag in product.tags.all()
        ],
    }


def _thumbnail(image: Any) -> str:
    """The WebP of about 320 px, or the original while there is none."""
    webp = [each for each in image.asset.renditions.all() if each.format == "webp"]
    return min(webp, key=lambda each: abs(each.width - 320)).file if webp else image.asset.file


def detail_document(
    product: Product, language: str, paths: CategoryPaths, collections: list[dict[str, Any]]
) -> dict[str, Any]:
    """A product on its own page."""
    home = product.merchant.default_language
    document = list_document(product, language, paths)
    document |= {
        "description": text_in(product, "description", language, home),
        "kind": product.kind,
        "vendor": product.vendor,
        "images": [
            {
                **image_json(image.asset),
                "alt": text_in(image, "alt", language, home),
                "variant": image.variant_id,
            }
            for image in product.images.all()
        ],
        "categories": [
            {"id": pk, "slug": paths.rows[pk].slug, "name": text_in(paths.rows[pk], "name", language, home)}
            for pk in paths.path(product.category_id)
        ],
        "attributes": [_attribute(value, language, home) for value in product.attribute_values.all()],
        "variants": [_variant(variant, language, home) for variant in product.variants.all()],
        "modifier_groups": [
            _modifier_group(link.group, language, home) for link in product.modifier_links.all()
        ],
        "collections": collections,
    }
    return document


def _attribute(value: AttributeValue, language: str, home: str) -> dict[str, Any]:
    attribute = value.attribute
    shown: Any
    if value.choice is not None:
        shown = {"value": value.choice.code, "label": text_in(value.choice, "label", language, home)}
        if value.choice.colour:
            shown["colour"] = value.choice.colour
    elif value.number is not None:
        number = format(value.number.normalize(), "f")
        shown = {"value": number, "label": f"{number} {attribute.unit}".strip()}
    elif value.boolean is not None:
        shown = {"value": value.boolean, "label": ""}
    else:
        shown = {"value": value.text, "label": value.text}
    return {"code": attribute.code, "name": text_in(attribute, "name", language, home), **shown}


def _variant(variant: Variant, language: str, home: str) -> dict[str, Any]:
    return {
        "id": variant.pk,
        "sku": variant.sku,
        "title": text_in(variant, "title", language, home),
        "price": money_json(variant.price),
        "compare_at_price": None
        if variant.compare_at_price is None
        else money_json(variant.compare_at_price),
        "barcode": variant.barcode,
        "weight_grams": variant.weight_grams,
        "tracks_stock": variant.tracks_stock,
        "stock": f"\x00v{variant.pk}\x00",
        "options": [_attribute(value, language, home) for value in variant.attribute_values.all()],
    }


def _modifier_group(group: Any, language: str, home: str) -> dict[str, Any]:
    return {
        "id": group.pk,
        "name": text_in(group, "name", language, home),
        "min_picks": group.min_picks,
        "max_picks": group.max_picks,
        "modifiers": [
            {
                "id": modifier.pk,
                "name": text_in(modifier, "name", language, home),
                "price_delta": money_json(modifier.price_delta),
            }
            for modifier in group.modifiers.all()
            if modifier.is_active
        ],
    }


def attribute_tokens(product: Product) -> list[str]:
    """ "<code>=<value>" of the product and its variants, for filters."""
    tokens = set()
    owners: list[Any] = [product, *product.variants.all()]
    for owner in owners:
        for value in owner.attribute_values.all():
            if not value.attribute.is_filterable:
                continue
            shown = _attribute(value, "en", "en")["value"]
            if isinstance(shown, bool):
                shown = "yes" if shown else "no"
            tokens.add(f"{value.attribute.code}={shown}"[:200])
    return sorted(tokens)
