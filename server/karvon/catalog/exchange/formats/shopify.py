"""Shopify's product CSV: one row per variant, further rows of a product leave its title blank."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from karvon.catalog.exchange.formats.base import Context
from karvon.catalog.exchange.naming import derived_sku, option_value
from karvon.catalog.exchange.rows import (
    ParsedImage,
    ParsedProduct,
    ParsedValue,
    ParsedVariant,
    Row,
    RowKey,
)
from karvon.catalog.exchange.values import Cells, Problems, split_list

_COLUMNS = frozenset(
    {
        "handle", "title", "body (html)", "body html", "vendor", "type", "product category", "tags",
        "published",
        "variant sku", "variant grams", "variant inventory tracker", "variant inventory qty",
        "variant inventory policy", "variant price", "variant compare at price", "variant requires shipping",
        "variant barcode", "image src", "image position", "image alt text", "variant image", "gift card",
        "status", "variant weight unit", "cost per item",
    }
)  # fmt: skip
_OPTION = re.compile(r"option[123] (?:name|value)")
_STATES = {"active": "published", "draft": "draft", "archived": "archived"}


class ShopifyFormat:
    name = "shopify"
    label = "Shopify"
    required = ("handle", "title", "variant price")

    def knows(self, column: str) -> bool:
        return column in _COLUMNS or _OPTION.fullmatch(column) is not None

    def new_key(self) -> Callable[[Row], RowKey]:
        return lambda row: RowKey(group=row.text("handle").casefold())

    def parse(self, rows: Sequence[Row], context: Context) -> ParsedProduct:
        """See the protocol. A row without price, SKU and options only carries a further picture."""
        first = next((row for row in rows if row.text("title")), rows[0])
        problems = Problems(first.text("handle"))
        head = Cells(first, problems)
        handle = head.required("handle", 255)
        title = head.required("title", 255)
        state = _STATES[head.choice("status", _STATES, default="active")]
        if state == "published" and not head.flag("published", default=True):
            state = "draft"
        names = _option_names(head)
        variants = [
            _parse_variant(Cells(row, problems), handle, names, context) for row in rows if _is_variant(row)
        ]
        if not variants:
            problems.add(first.line, "variant price", _("is missing"))
        problems.raise_if_any()
        return ParsedProduct(
            lines=tuple(row.line for row in rows),
            handle=handle,
            titles={context.language: title},
            descriptions={context.language: head.text("body (html)") or head.text("body html")},
            kind="digital" if head.flag("gift card", default=False) else context.kind,
            vendor=head.text("vendor", 128),
            currency=context.currency,
            state=state,
            category_path=_category_path(head),
            tags=tuple(split_list(head.text("tags"))),
            variants=tuple(variants),
            images=_images(rows, context.language),
        )


def _is_variant(row: Row) -> bool:
    return any(row.text(column) for column in ("variant price", "variant sku", "option1 value", "title"))


def _option_names(head: Cells) -> tuple[str, ...]:
    return tuple(head.text(f"option{number} name", 128) for number in (1, 2, 3))


def _category_path(head: Cells) -> tuple[str, ...]:
    """Shopify's own tree when the shop uses it, otherwise the merchant's product type."""
    path = head.text("product category") or head.text("type")
    return tuple(split_list(path, ">"))


def _parse_variant(cells: Cells, handle: str, names: Sequence[str], context: Context) -> ParsedVariant:
    options = _options(cells, names, context.language)
    price = cells.amount("variant price", context.currency)
    if price is None and not cells.row.text("variant price"):
        cells.refuse("variant price", _("is missing"))
    # the tracker's cell is blank where a shop does not count this variant
    tracks = bool(cells.text("variant inventory tracker"))
    oversells = cells.text("variant inventory policy").casefold() == "continue"
    quantity = cells.count("variant inventory qty", smallest=-1_000_000)
    grams = cells.number("variant grams")
    return ParsedVariant(
        line=cells.row.line,
        sku=cells.text("variant sku", 100).lstrip("'") or derived_sku(handle, options),
        price=price or Decimal(0),
        compare_at_price=cells.amount("variant compare at price", context.currency),
        barcode=cells.text("variant barcode", 64).lstrip("'"),
        weight_grams=round(grams) if grams else None,
        tracks_stock=tracks and not oversells,
        # a shop that oversold exports less than nothing
        quantity=max(quantity, 0) if tracks and quantity is not None else None,
        options=options,
    )


def _options(cells: Cells, names: Sequence[str], language: str) -> tuple[ParsedValue, ...]:
    values = [cells.text(f"option{number} value", 128) for number in (1, 2, 3)]
    if values[:1] == ["Default Title"] and not any(values[1:]):
        return ()
    return tuple(
        option_value(name or f"option {number}", value, language)
        for number, (name, value) in enumerate(zip(names, values, strict=True), start=1)
        if value
    )


def _images(rows: Sequence[Row], language: str) -> tuple[ParsedImage, ...]:
    """The gallery in the order of its positions; a variant's own picture is part of it."""
    found: dict[str, tuple[int, ParsedImage]] = {}
    for row in rows:
        position = int(row.text("image position")) if row.text("image position").isdecimal() else 10_000
        sku = row.text("variant sku")
        for column, owner in (("image src", ""), ("variant image", sku)):
            source = row.text(column)
            if source and source not in found:
                alt = row.text("image alt text")[:255] if column == "image src" else ""
                found[source] = (position, ParsedImage(source, {language: alt} if alt else {}, owner))
    return tuple(image for _position, image in sorted(found.values(), key=lambda pair: pair[0]))
