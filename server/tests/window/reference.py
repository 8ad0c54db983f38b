"""What the shop window must show, worked out the slow and plain way: row by row from the tables, through the ORM.

Shares nothing with the window's own code but the models, so that a mistake there is not made here as well.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from typing import Any

from django.db.models import F, Sum
from django.test import RequestFactory

from karvon.api.v1.catalog.reading import product_detail, product_list
from karvon.catalog.models import Category, Collection, Product, Variant, WindowRow
from karvon.inventory.models import StockLevel
from karvon.kernel import clock
from karvon.media.models import Asset
from karvon.merchants.models import Branch

LANGUAGES = ("uz", "ru", "en", "ar")
Json = dict[str, Any]


def say(row: Any, field: str, language: str, home: str) -> str:
    """The asked language, the seller's, English, whatever there is."""
    for each in (language, home, "en", *LANGUAGES):
        if text := getattr(row, f"{field}_{each}"):
            return text
    return ""


def money(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def active(product: Product) -> list[Variant]:
    return sorted(product.variants.filter(is_active=True), key=lambda each: (each.position, each.pk))


def path_of(product: Product) -> list[Category]:
    path, at = [], product.category
    while at is not None:
        path.insert(0, at)
        at = Category.objects.get(pk=at.parent_id) if at.parent_id else None
    return path


def units(variant: Variant) -> int:
    levels = StockLevel.objects.filter(variant=variant, branch__is_active=True)
    return levels.aggregate(n=Sum(F("on_hand") - F("reserved")))["n"] or 0


def is_shown(product: Product, now: datetime) -> bool:
    return (
        product.state == "published"
        and product.deleted_at is None
        and (product.publish_at is None or product.publish_at <= now)
        and (product.unpublish_at is None or product.unpublish_at > now)
        and product.merchant.state == "active"
        and bool(active(product))
    )


def values_of(owner: Any) -> list[Any]:
    return sorted(owner.attribute_values.all(), key=lambda each: (each.attribute.position, each.pk))


def plain_value(value: Any) -> Any:
    if value.choice is not None:
        return value.choice.code
    if value.number is not None:
        text = f"{value.number:.4f}".rstrip("0").rstrip(".")
        return "0" if text in ("-0", "") else text
    return value.text if value.text is not None else value.boolean


def holds(condition: Json, product: Product, now: datetime) -> bool:
    """The conditions that the tests use."""
    want, variants = condition["value"], active(product)
    match condition["field"], condition["op"]:
        case "price", "lt":
            return bool(variants) and min(each.price for each in variants) < Decimal(str(want))
        case "tag", "eq":
            return product.tags.filter(slug=want).exists()
        case "category", "eq":
            return want in [each.pk for each in path_of(product)]
        case "on_sale", "eq":
            return want == any((each.compare_at_price or 0) > each.price for each in variants)
        case "created_within_days", "eq":
            return product.created_at >= now - timedelta(days=want)
    raise AssertionError(condition)


def collections_of(product: Product, now: datetime) -> list[Collection]:
    found = []
    for each in Collection.objects.filter(is_active=True).order_by("pk"):
        if each.kind == "manual":
            belongs = each.picks.filter(product=product).exists()
        else:
            belongs = each.merchant_id in (None, product.merchant_id) and all(
                holds(condition, product, now) for condition in each.rule["all"]
            )
        if belongs:
            found.append(each)
    return found


def row_of(product: Product, now: datetime) -> Json:
    """The columns that lists filter and sort by."""
    variants, path = active(product), path_of(product)
    prices = [each.price for each in variants] or [Decimal(0)]
    counted = [each for each in variants if each.tracks_stock]
    quantity = sum(units(each) for each in counted)
    branches = Branch.objects.filter(merchant=product.merchant, is_active=True).order_by("pk")
    if len(counted) == len(variants):
        branches = [
            branch
            for branch in branches
            if StockLevel.objects.filter(
                variant__in=counted, branch=branch, on_hand__gt=F("reserved")
            ).exists()
        ]
    tokens = set()
    for value in [*values_of(product), *(each for variant in variants for each in values_of(variant))]:
        if value.attribute.is_filterable:
            shown = plain_value(value)
            shown = {True: "yes", False: "no"}[shown] if isinstance(shown, bool) else shown
            tokens.add(f"{value.attribute.code}={shown}")
    count = product.reviews_count
    rating = Decimal(product.rating_sum) / count if count else Decimal(0)
    return {
        "merchant_id": product.merchant_id,
        "is_visible": is_shown(product, now),
        "category_ids": [each.pk for each in path],
        "category_order": " / ".join(
            say(each, "name", "en", product.merchant.default_language) for each in path
        ),
        "collection_ids": sorted(each.pk for each in collections_of(product, now)),
        "attributes": sorted(tokens),
        "tags": sorted(each.slug for each in product.tags.all()),
        "price_min": min(prices),
        "price_max": max(prices),
        "currency": product.currency,
        "quantity": quantity,
        "in_stock": quantity > 0 or len(counted) < len(variants),
        "branch_ids": [each.pk for each in branches] if variants else [],
        "rating": rating.quantize(Decimal("0.01"), ROUND_HALF_UP),
        "reviews_count": count,
        "popularity": product.sold_count,
        "created_at": product.created_at,
    }


def picture_url(asset: Asset) -> str:
    webp = asset.renditions.filter(format="webp")
    near = min(webp, key=lambda each: (abs(each.width - 320), each.width), default=None)
    return f"/media/{near.file if near else asset.file}"


def list_item_of(product: Product, language: str, row: Json) -> Json:
    """The document of a list."""
    home = product.merchant.default_language
    images = product.images.order_by("position", "pk")
    variants = active(product)
    cheapest = min(variants, key=lambda each: each.price, default=None)
    text = re.sub(r"<[^>]*>", " ", say(product, "description", language, home))
    category = product.category
    return {
        "id": product.pk,
        "title": say(product, "title", language, home),
        "slug": product.slug,
        "description": re.sub(r"\s+", " ", unescape(text)).strip(),
        "price": money(row["price_min"]),
        "currency": product.currency,
        "category": product.category_id,
        "category_name": say(category, "name", language, home) if category else None,
        "image": picture_url(images[0].asset) if images else None,
        "stock_quantity": row["quantity"],
        "created_at": time(product.created_at),
        "updated_at": time(product.updated_at),
        "average_rating": float(row["rating"]),
        "reviews_count": row["reviews_count"],
        "merchant": {
            "id": product.merchant_id,
            "username": product.merchant.username,
            "name": product.merchant.name,
        },
        "price_min": money(row["price_min"]),
        "price_max": money(row["price_max"]),
        "compare_at_price": money(cheapest.compare_at_price) if cheapest else None,
        "in_stock": row["in_stock"],
        "tags": [
            {"slug": each.slug, "name": say(each, "name", language, home)}
            for each in product.tags.order_by("slug")
        ],
    }


def value_of(value: Any, language: str, home: str) -> Json:
    shown = plain_value(value)
    label = "" if isinstance(shown, bool) else shown
    if value.choice is not None:
        label = say(value.choice, "label", language, home)
    elif value.number is not None and value.attribute.unit:
        label = f"{shown} {value.attribute.unit}"
    return {
        "name": say(value.attribute, "name", language, home),
        "type": value.attribute.type,
        "value": shown,
        "label": label,
        "colour": (value.choice.colour or None) if value.choice else None,
    }


def variant_of(variant: Variant, language: str, home: str) -> Json:
    left = units(variant)
    picture = variant.images.order_by("position", "pk").first()
    return {
        "id": variant.pk,
        "sku": variant.sku,
        "title": say(variant, "title", language, home),
        "price": money(variant.price),
        "compare_at_price": money(variant.compare_at_price),
        "barcode": variant.barcode or None,
        "weight_grams": variant.weight_grams,
        "tracks_stock": variant.tracks_stock,
        "stock": left if variant.tracks_stock else None,
        "in_stock": left > 0 or not variant.tracks_stock,
        "options": {each.attribute.code: value_of(each, language, home) for each in values_of(variant)},
        "image": picture_url(picture.asset) if picture else None,
    }


def detail_of(product: Product, language: str, row: Json, now: datetime) -> Json:
    """The document of a page."""
    home = product.merchant.default_language
    return {
        **list_item_of(product, language, row),
        "description": say(product, "description", language, home),
        "kind": product.kind,
        "vendor": product.vendor,
        "images": [
            {
                "id": each.asset_id,
                "url": f"/media/{each.asset.file}",
                "width": each.asset.width,
                "height": each.asset.height,
                "colour": each.asset.dominant_colour,
                "variant": each.variant_id,
                "srcset": {
                    kind: [
                        {"url": f"/media/{one.file}", "width": one.width, "height": one.height}
                        for one in each.asset.renditions.filter(format=kind).order_by("width")
                    ]
                    for kind in ("webp", "avif")
                },
                "alt": say(each, "alt", language, home) or each.asset.alt,
            }
            for each in product.images.order_by("position", "pk")
        ],
        "categories": [
            {"id": each.pk, "slug": each.slug, "name": say(each, "name", language, home)}
            for each in path_of(product)
        ],
        "collections": [
            {"id": each.pk, "slug": each.slug, "title": say(each, "title", language, home)}
            for each in collections_of(product, now)
        ],
        "attributes": [
            {"code": each.attribute.code, **value_of(each, language, home)} for each in values_of(product)
        ],
        "variants": [variant_of(each, language, home) for each in active(product)],
        "modifier_groups": [
            {
                "id": link.group_id,
                "name": say(link.group, "name", language, home),
                "min_picks": link.group.min_picks,
                "max_picks": link.group.max_picks,
                "modifiers": [
                    {
                        "id": one.pk,
                        "name": say(one, "name", language, home),
                        "price_delta": money(one.price_delta),
                    }
                    for one in link.group.modifiers.filter(is_active=True).order_by("position", "pk")
                ],
            }
            for link in product.modifier_links.order_by("position", "pk")
        ],
    }


def assert_window_is_right(*, now: datetime | None = None, languages: tuple[str, ...] = LANGUAGES) -> int:
    """Compare every row, list and page of the window with the tables; how many products there are."""
    now = now or clock.now()
    products = list(Product.objects.select_related("merchant", "category").order_by("-created_at", "-pk"))
    rows = {each.pk: row_of(each, now) for each in products}
    for product in products:
        expected = rows[product.pk]
        if product.deleted_at is not None:  # shown no more, nor ever again: the rest of its row is of no use
            expected = {"is_visible": False}
        assert WindowRow.objects.filter(pk=product.pk).values(*expected).get() == expected, product.title_en
    shown = [each for each in products if rows[each.pk]["is_visible"]]
    for language in languages:
        request = RequestFactory().get("/", {"page_size": 100}, headers={"Accept-Language": language})
        page = json.loads(product_list(request).content)
        assert page["results"] == [list_item_of(each, language, rows[each.pk]) for each in shown]
        assert page["count"] == len(shown)
        for product in shown:
            seen = json.loads(product_detail(request, str(product.pk)).content)
            assert seen == detail_of(product, language, rows[product.pk], now)
    return len(products)
