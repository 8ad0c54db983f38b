"""Karvon's own CSV: what the export writes, without loss. One row per variant; see docs/import.md.

The product's columns are read from its first row; further rows of the same handle are further variants.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from karvon.catalog.exchange.formats.base import Context
from karvon.catalog.exchange.guarding import unguard
from karvon.catalog.exchange.rows import (
    ParsedImage,
    ParsedModifier,
    ParsedModifierGroup,
    ParsedProduct,
    ParsedValue,
    ParsedVariant,
    Row,
    RowKey,
    Texts,
)
from karvon.catalog.exchange.values import LARGEST_AMOUNT, Cells, Problems, split_list
from karvon.catalog.models import AttributeType, ProductKind, ProductState
from karvon.kernel.languages import LANGUAGES

PRODUCT_COLUMNS = (
    "slug", "state", "publish_at", "unpublish_at", "kind", "vendor", "currency", "category",
    "category_slug", "tags",
    *(f"title_{language}" for language in LANGUAGES),
    *(f"description_{language}" for language in LANGUAGES),
    "attributes", "modifiers", "images",
)  # fmt: skip
VARIANT_COLUMNS = (
    "sku", *(f"variant_title_{language}" for language in LANGUAGES), "price", "compare_at_price", "barcode",
    "weight_grams", "tracks_stock", "is_active", "options", "stock",
)  # fmt: skip
COLUMNS = ("handle", *PRODUCT_COLUMNS, *VARIANT_COLUMNS)
_CODE = re.compile(r"[-a-zA-Z0-9_]{1,64}")
_T = TypeVar("_T")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class KarvonFormat:
    name = "karvon"
    label = "Karvon"
    required = ("handle", "sku", "price")

    def knows(self, column: str) -> bool:
        return column in COLUMNS

    def new_key(self) -> Callable[[Row], RowKey]:
        return lambda row: RowKey(group=unguard(row.text("handle")).casefold())

    def parse(self, rows: Sequence[Row], context: Context) -> ParsedProduct:
        """See the protocol."""
        rows = [Row(row.line, {column: unguard(cell) for column, cell in row.cells.items()}) for row in rows]
        problems = Problems(rows[0].text("handle"))
        head = Cells(rows[0], problems)
        titles = _texts(head, "title", 255)
        if not titles:
            head.refuse("title_en", _("is missing"))
        currency = _currency(head, context)
        handle = head.required("handle", 255)
        variants = tuple(_parse_variant(Cells(row, problems), currency) for row in rows)
        publish_at, unpublish_at = _moment(head, "publish_at"), _moment(head, "unpublish_at")
        if publish_at and unpublish_at and publish_at >= unpublish_at:
            head.refuse("unpublish_at", _("must be after publish_at"))
        product = ParsedProduct(
            lines=tuple(row.line for row in rows),
            handle=handle,
            slug=head.text("slug", 160),
            titles=titles,
            descriptions=_texts(head, "description", 0),
            kind=head.choice("kind", ProductKind.values, default=context.kind),
            vendor=head.text("vendor", 128),
            currency=currency,
            state=head.choice("state", ProductState.values, default=ProductState.PUBLISHED),
            publish_at=publish_at,
            unpublish_at=unpublish_at,
            category_slug=head.text("category_slug", 120),
            category_path=tuple(split_list(head.text("category"), ">")),
            tags=tuple(split_list(head.text("tags"))),
            attributes=_read_json(head, "attributes", _value) or (),
            modifier_groups=_read_json(head, "modifiers", _modifier_group),
            images=_read_json(head, "images", _image) or (),
            variants=variants,
            is_exact=True,
        )
        problems.raise_if_any()
        return product


def _texts(cells: Cells, stem: str, longest: int) -> Texts:
    texts = {language: cells.text(f"{stem}_{language}", longest) for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


def _currency(head: Cells, context: Context) -> str:
    currency = head.text("currency") or context.currency
    if not re.fullmatch("[A-Z]{3}", currency):
        head.refuse("currency", _("must be three capital letters"))
        return context.currency
    return currency


def _moment(head: Cells, column: str) -> datetime | None:
    """An ISO 8601 moment in UTC; times without a zone are UTC."""
    text = head.text(column)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        head.refuse(column, _("is not a date: %(text)s") % {"text": text[:40]})
        return None


def _parse_variant(cells: Cells, currency: str) -> ParsedVariant:
    price = cells.amount("price", currency)
    if price is None and not cells.row.text("price"):
        cells.refuse("price", _("is missing"))
    tracks = cells.flag("tracks_stock", default=True)
    return ParsedVariant(
        line=cells.row.line,
        sku=cells.required("sku", 100),
        titles=_texts(cells, "variant_title", 255),
        price=price or Decimal(0),
        compare_at_price=cells.amount("compare_at_price", currency),
        barcode=cells.text("barcode", 64),
        weight_grams=cells.count("weight_grams"),
        tracks_stock=tracks,
        is_active=cells.flag("is_active", default=True),
        options=_read_json(cells, "options", _value) or (),
        quantity=cells.count("stock") if tracks else None,
    )


def _read_json(cells: Cells, column: str, read: Callable[[dict[str, Any]], _T]) -> tuple[_T, ...] | None:
    """Each object of a JSON list through `read`; None where the cell is empty."""
    found = cells.json_list(column)
    if found is None:
        return None
    try:
        if not all(isinstance(one, dict) for one in found):
            raise ValueError(_("must be a list of objects"))
        return tuple(read(one) for one in found)
    except (ValueError, TypeError, InvalidOperation) as error:
        cells.refuse(column, str(error) or _("is not understood"))
        return None


def _value(given: dict[str, Any]) -> ParsedValue:
    code, type_ = _string(given, "code", 64), _string(given, "type", 16) or AttributeType.CHOICE
    if not _CODE.fullmatch(code):
        raise ValueError(_("an attribute needs a code of letters, digits, - and _"))
    if type_ not in AttributeType.values:
        raise ValueError(
            _("an attribute's type must be one of: %(types)s") % {"types": ", ".join(AttributeType)}
        )
    colour = _string(given, "colour", 7)
    if colour and not _COLOUR.fullmatch(colour):
        raise ValueError(_("a colour must be written #rrggbb"))
    return ParsedValue(
        code=code,
        names=_named(given, "names", 128) or {"en": code},
        type=type_,
        value=_typed(given.get("value"), type_),
        labels=_named(given, "labels", 128),
        unit=_string(given, "unit", 16),
        colour=colour,
    )


def _typed(value: Any, type_: str) -> str | Decimal | bool:
    if type_ == AttributeType.BOOLEAN and isinstance(value, bool):
        return value
    if type_ == AttributeType.NUMBER and isinstance(value, (str, int)) and not isinstance(value, bool):
        number = Decimal(value)
        if not number.is_finite() or abs(number) >= LARGEST_AMOUNT:
            raise ValueError(_("an attribute's number is out of range"))
        return number
    is_word = type_ not in (AttributeType.BOOLEAN, AttributeType.NUMBER)
    if is_word and isinstance(value, str) and 0 < len(value) <= 500 and "\0" not in value:
        return value
    raise ValueError(_("an attribute's value does not fit its type"))


def _modifier_group(given: dict[str, Any]) -> ParsedModifierGroup:
    low, high = given.get("min", 0), given.get("max", 1)
    if not (isinstance(low, int) and isinstance(high, int) and 0 <= low <= high <= 100 and high >= 1):
        raise ValueError(_("a modifier group needs min and max with 0 ≤ min ≤ max and max ≥ 1"))
    modifiers = given.get("modifiers")
    if not isinstance(modifiers, list) or not all(isinstance(one, dict) for one in modifiers):
        raise ValueError(_("a modifier group needs a list of modifiers"))
    return ParsedModifierGroup(_required_names(given), low, high, tuple(map(_modifier, modifiers)))


def _modifier(given: dict[str, Any]) -> ParsedModifier:
    delta = given.get("price_delta", "0")
    amount = (
        Decimal(delta) if isinstance(delta, (str, int)) and not isinstance(delta, bool) else Decimal("NaN")
    )
    if not amount.is_finite() or abs(amount) >= LARGEST_AMOUNT:
        raise ValueError(_("a modifier's price_delta must be an amount"))
    active = given.get("active", True)
    if not isinstance(active, bool):
        raise ValueError(_("a modifier's active must be true or false"))
    return ParsedModifier(_required_names(given), amount, active)


def _image(given: dict[str, Any]) -> ParsedImage:
    file = _string(given, "file", 2000)
    if not file:
        raise ValueError(_("a picture needs a file"))
    return ParsedImage(file, _named(given, "alts", 255), _string(given, "sku", 100))


def _required_names(given: dict[str, Any]) -> Texts:
    names = _named(given, "names", 128)
    if not names:
        raise ValueError(_("names are missing"))
    return names


def _named(given: dict[str, Any], key: str, longest: int) -> Texts:
    texts = given.get(key) or {}
    if not isinstance(texts, dict):
        raise ValueError(_("%(key)s must be an object of language and text") % {"key": key})
    return {language: text for language in LANGUAGES if (text := _string(texts, language, longest))}


def _string(given: dict[str, Any], key: str, longest: int) -> str:
    value = given.get(key) or ""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise ValueError(
            _("%(key)s must be a text of at most %(limit)s characters") % {"key": key, "limit": longest}
        )
    return value
