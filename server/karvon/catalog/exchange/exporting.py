"""A merchant's catalogue as Karvon CSV: the inverse of the import, written while it is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db.models import Prefetch, QuerySet

from karvon.catalog.exchange.formats.karvon import COLUMNS
from karvon.catalog.exchange.guarding import guard
from karvon.catalog.exchange.stock import get_on_hand
from karvon.catalog.models import (
    Category,
    Product,
    ProductAttribute,
    ProductImage,
    ProductModifierGroup,
    Variant,
    VariantAttribute,
)
from karvon.catalog.models.attribute import AttributeValue
from karvon.kernel.languages import LANGUAGES
from karvon.kernel.money import money_json
from karvon.merchants.models import Merchant

CHUNK = 200


def export_catalogue(
    merchant: Merchant, *, on_progress: Callable[[int], None] = lambda products: None
) -> Iterator[bytes]:
    """The file, in pieces of some hundred products; UTF-8 with a mark that spreadsheets understand.

    Six queries per piece, whatever the catalogue's size. `on_progress` is told the number of products so far.
    """
    yield b"\xef\xbb\xbf" + _encode([COLUMNS])
    paths = _CategoryPaths()
    last, done = 0, 0
    while products := list(_products(merchant).filter(pk__gt=last)[:CHUNK]):
        last = products[-1].pk
        stock = get_on_hand(merchant, [variant.pk for one in products for variant in one.variants.all()])
        yield _encode(row for product in products for row in _rows(product, paths, stock))
        done += len(products)
        on_progress(done)


def count_products(merchant: Merchant) -> int:
    return _products(merchant).count()


def _products(merchant: Merchant) -> QuerySet[Product]:
    values = ("attribute", "choice")
    return (
        Product.objects.filter(merchant=merchant, deleted_at__isnull=True)
        .order_by("id")
        .prefetch_related(
            "tags",
            Prefetch("attribute_values", ProductAttribute.objects.select_related(*values)),
            Prefetch("variants", Variant.objects.order_by("position", "id")),
            Prefetch("variants__attribute_values", VariantAttribute.objects.select_related(*values)),
            Prefetch(
                "images", ProductImage.objects.select_related("asset", "variant").order_by("position", "id")
            ),
            Prefetch(
                "modifier_links",
                ProductModifierGroup.objects.select_related("group").order_by("position", "id"),
            ),
            "modifier_links__group__modifiers",
        )
    )


def _encode(rows: Any) -> bytes:
    buffer = io.StringIO(newline="")
    # every cell is quoted: a delimiter of another country's spreadsheet cannot split a cell and bare a
    # formula
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


def _rows(product: Product, paths: _CategoryPaths, stock: Any) -> Iterator[Sequence[str]]:
    head = {"handle": product.handle, **_product_cells(product, paths)}
    for variant in product.variants.all():
        cells = head | _variant_cells(variant, stock.get(variant.pk))
        yield [cells.get(column, "") for column in COLUMNS]
        head = {"handle": product.handle}


def _product_cells(product: Product, paths: _CategoryPaths) -> dict[str, str]:
    return {
        "slug": product.slug,
        "state": product.state,
        "publish_at": _moment(product.publish_at),
        "unpublish_at": _moment(product.unpublish_at),
        "kind": product.kind,
        "vendor": product.vendor,
        "currency": product.currency,
        "category": paths.path_of(product.category_id),
        "category_slug": paths.slug_of(product.category_id),
        "tags": ", ".join(sorted(tag.slug for tag in product.tags.all())),
        **_texts(product, "title", "title"),
        **_texts(product, "description", "description"),
        "attributes": _json([_value(value) for value in product.attribute_values.all()]),
        "modifiers": _json([_modifier_group(link) for link in product.modifier_links.all()]),
        "images": _json([_image(image) for image in product.images.all()]),
    }


def _variant_cells(variant: Variant, on_hand: int | None) -> dict[str, str]:
    return {
        "sku": variant.sku,
        **_texts(variant, "title", "variant_title"),
        "price": money_json(variant.price),
        "compare_at_price": "" if variant.compare_at_price is None else money_json(variant.compare_at_price),
        "barcode": variant.barcode,
        "weight_grams": "" if variant.weight_grams is None else str(variant.weight_grams),
        "tracks_stock": "yes" if variant.tracks_stock else "no",
        "is_active": "yes" if variant.is_active else "no",
        "options": _json([_value(value) for value in variant.attribute_values.all()]),
        "stock": "" if on_hand is None else str(on_hand),
    }


def _value(value: AttributeValue) -> dict[str, Any]:
    attribute = value.attribute
    document: dict[str, Any] = {
        "code": attribute.code,
        "type": attribute.type,
        "names": _names(attribute, "name"),
        "value": _plain_value(value),
    }
    if value.choice is not None:
        document["labels"] = _names(value.choice, "label")
        if value.choice.colour:
            document["colour"] = value.choice.colour
    if attribute.unit:
        document["unit"] = attribute.unit
    return document


def _plain_value(value: AttributeValue) -> str | bool | None:
    if value.choice is not None:
        return value.choice.code
    if value.number is not None:
        return f"{value.number.normalize():f}"
    return value.text if value.text is not None else value.boolean


def _modifier_group(link: ProductModifierGroup) -> dict[str, Any]:
    return {
        "names": _names(link.group, "name"),
        "min": link.group.min_picks,
        "max": link.group.max_picks,
        "modifiers": [
            {
                "names": _names(modifier, "name"),
                "price_delta": money_json(modifier.price_delta),
                "active": modifier.is_active,
            }
            for modifier in link.group.modifiers.all()
        ],
    }


def _image(image: ProductImage) -> dict[str, Any]:
    document: dict[str, Any] = {"file": image.asset.file.rsplit("/", 1)[-1]}
    if alts := _names(image, "alt"):
        document["alts"] = alts
    if image.variant is not None:
        document["sku"] = image.variant.sku
    return document


def _texts(instance: Any, field: str, column: str) -> dict[str, str]:
    return {f"{column}_{language}": getattr(instance, f"{field}_{language}") or "" for language in LANGUAGES}


def _names(instance: Any, field: str) -> dict[str, str]:
    texts = {language: getattr(instance, f"{field}_{language}") for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


def _json(documents: list[dict[str, Any]]) -> str:
    return orjson.dumps(documents).decode() if documents else ""


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""


class _CategoryPaths:
    """Names and slugs of the whole tree, read once: there are far fewer categories than products."""

    def __init__(self) -> None:
        rows = Category.objects.order_by().values_list(
            "id", "parent_id", "slug", *(f"name_{language}" for language in LANGUAGES)
        )
        self._nodes = {row[0]: (row[1], row[2], _first_name(row[3:])) for row in rows}

    def slug_of(self, category_id: int | None) -> str:
        return self._nodes[category_id][1] if category_id in self._nodes else ""

    def path_of(self, category_id: int | None) -> str:
        """ "Clothing > Hoodies"; a ">" within a name is written with a backslash before it."""
        names: list[str] = []
        while category_id in self._nodes and len(names) < 50:
            category_id, _slug, name = self._nodes[category_id]
            names.append(name.replace(">", "\\>"))
        return " > ".join(reversed(names))


def _first_name(names: Sequence[str | None]) -> str:
    """The English name, or the first there is."""
    by_language = dict(zip(LANGUAGES, names, strict=True))
    return by_language.get("en") or next((name for name in names if name), "")
