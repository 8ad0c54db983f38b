"""The two documents of a product, per language, as bytes with holes (see `catalog.models.window`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from karvon.catalog.html import excerpt, to_plain
from karvon.catalog.window.facts import (
    ImageFacts,
    ModifierGroupFacts,
    ProductFacts,
    ValueFacts,
    VariantFacts,
    say,
)
from karvon.kernel.languages import LANGUAGES
from karvon.kernel.money import money_json
from karvon.media.urls import asset_url

EXCERPT = 200
THUMBNAIL = 320

# put into the JSON as they are: between real NUL bytes, which no text of ours can contain
_QUANTITY, _IN_STOCK, _AVERAGE, _REVIEWS = (
    orjson.Fragment(b"\x00%b\x00" % name) for name in (b"q", b"i", b"a", b"r")
)
Json = dict[str, Any]


def build_bodies(
    product: ProductFacts, languages: Iterable[str] = LANGUAGES
) -> list[tuple[str, bytes, bytes]]:
    """(language, list document, detail document) for each of the languages."""
    shared = _shared(product)
    plain = {text: to_plain(text) for text in set(product.description)}
    bodies = []
    for language in languages:
        description = say(product.description, language, product.merchant.home)
        listed = _list_document(product, language, shared, excerpt(plain[description], EXCERPT))
        detail = {**listed, "description": description, **_detail_fields(product, language, shared)}
        bodies.append((language, orjson.dumps(listed), orjson.dumps(detail)))
    return bodies


def price_range(variants: Iterable[VariantFacts]) -> tuple[Decimal, Decimal]:
    """The lowest and the highest price; zeros without variants."""
    prices = [variant.price for variant in variants] or [Decimal(0)]
    return min(prices), max(prices)


def shown_value(value: ValueFacts) -> str | bool:
    """An attribute's value for programs: a choice's code, a number without trailing zeros, a text, true or false."""
    if value.choice is not None:
        return value.choice.code
    if value.number is not None:
        return format(value.number.normalize(), "f")
    if value.boolean is not None:
        return value.boolean
    return value.text or ""


def attribute_tokens(product: ProductFacts) -> list[str]:
    """ "<code>=<value>" of the product and its variants, for filters."""
    tokens = set()
    for values in (product.values, *(variant.values for variant in product.variants)):
        for value in values:
            if value.attribute.is_filterable:
                shown = shown_value(value)
                if isinstance(shown, bool):
                    shown = "yes" if shown else "no"
                tokens.add(f"{value.attribute.code}={shown}"[:200])
    return sorted(tokens)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else money_json(amount)


def _shared(product: ProductFacts) -> Json:
    """What is the same in every language."""
    low, high = price_range(product.variants)
    cheapest = min(product.variants, key=lambda variant: variant.price, default=None)
    return {
        "price_min": money_json(low),
        "price_max": money_json(high),
        "compare_at_price": _amount(cheapest.compare_at_price) if cheapest else None,
        "image": asset_url(_thumbnail(product.images[0])) if product.images else None,
        "created_at": _time(product.created_at),
        "updated_at": _time(product.updated_at),
        "merchant": {
            "id": product.merchant.id,
            "username": product.merchant.username,
            "name": product.merchant.name,
        },
        "images": [_picture(image) for image in product.images],
        "pictures_of_variants": {
            image.variant_id: asset_url(_thumbnail(image)) for image in reversed(product.images)
        },
    }


def _thumbnail(image: ImageFacts) -> str:
    """The WebP nearest to 320 px, or the original while there is none."""
    webp = [each for each in image.renditions if each[0] == "webp"]
    return min(webp, key=lambda each: abs(each[1] - THUMBNAIL))[3] if webp else image.file


def _picture(image: ImageFacts) -> Json:
    srcset: dict[str, list[Json]] = {"webp": [], "avif": []}
    for kind, width, height, file in image.renditions:
        srcset[kind].append({"url": asset_url(file), "width": width, "height": height})
    return {
        "id": image.asset_id,
        "url": asset_url(image.file),
        "width": image.width,
        "height": image.height,
        "colour": image.colour,
        "variant": image.variant_id,
        "srcset": orjson.Fragment(orjson.dumps(srcset)),
    }


def _list_document(product: ProductFacts, language: str, shared: Json, description: str) -> Json:
    """The fields of the canonical contract in its order."""
    home = product.merchant.home
    return {
        "id": product.id,
        "title": say(product.title, language, home),
        "slug": product.slug,
        "description": description,
        "price": shared["price_min"],
        "currency": product.currency,
        "category": product.category_id,
        "category_name": say(product.path[-1].name, language, home) if product.path else None,
        "image": shared["image"],
        "stock_quantity": _QUANTITY,
        "created_at": shared["created_at"],
        "updated_at": shared["updated_at"],
        "average_rating": _AVERAGE,
        "reviews_count": _REVIEWS,
        "merchant": shared["merchant"],
        "price_min": shared["price_min"],
        "price_max": shared["price_max"],
        "compare_at_price": shared["compare_at_price"],
        "in_stock": _IN_STOCK,
        "tags": [{"slug": tag.slug, "name": say(tag.name, language, home)} for tag in product.tags],
    }


def _detail_fields(product: ProductFacts, language: str, shared: Json) -> Json:
    home = product.merchant.home
    return {
        "kind": product.kind,
        "vendor": product.vendor,
        "images": [
            {**picture, "alt": say(image.alt, language, home) or image.asset_alt}
            for picture, image in zip(shared["images"], product.images, strict=True)
        ],
        "categories": [
            {"id": each.id, "slug": each.slug, "name": say(each.name, language, home)}
            for each in product.path
        ],
        "collections": [
            {"id": each.id, "slug": each.slug, "title": say(each.title, language, home)}
            for each in product.collections
        ],
        "attributes": [
            {"code": value.attribute.code, **_value(value, language, home)} for value in product.values
        ],
        "variants": [_variant(each, language, home, shared) for each in product.variants],
        "modifier_groups": [_modifier_group(group, language, home) for group in product.groups],
    }


def _value(value: ValueFacts, language: str, home: str) -> Json:
    shown = shown_value(value)
    label = "" if isinstance(shown, bool) else shown
    colour = None
    if value.choice is not None:
        label = say(value.choice.label, language, home) or value.choice.code
        colour = value.choice.colour or None
    elif value.number is not None and value.attribute.unit:
        label = f"{shown} {value.attribute.unit}"
    return {
        "name": say(value.attribute.name, language, home),
        "type": value.attribute.type,
        "value": shown,
        "label": label,
        "colour": colour,
    }


def _variant(variant: VariantFacts, language: str, home: str, shared: Json) -> Json:
    number = str(variant.id).encode()
    counted = variant.tracks_stock
    return {
        "id": variant.id,
        "sku": variant.sku,
        "title": say(variant.title, language, home),
        "price": money_json(variant.price),
        "compare_at_price": _amount(variant.compare_at_price),
        "barcode": variant.barcode or None,
        "weight_grams": variant.weight_grams,
        "tracks_stock": counted,
        "stock": orjson.Fragment(b"\x00v" + number + b"\x00") if counted else None,
        "in_stock": orjson.Fragment(b"\x00s" + number + b"\x00") if counted else True,
        "options": {value.attribute.code: _value(value, language, home) for value in variant.values},
        "image": shared["pictures_of_variants"].get(variant.id),
    }


def _modifier_group(group: ModifierGroupFacts, language: str, home: str) -> Json:
    return {
        "id": group.id,
        "name": say(group.name, language, home),
        "min_picks": group.min_picks,
        "max_picks": group.max_picks,
        "modifiers": [
            {
                "id": modifier.id,
                "name": say(modifier.name, language, home),
                "price_delta": money_json(modifier.price_delta),
            }
            for modifier in group.modifiers
        ],
    }
