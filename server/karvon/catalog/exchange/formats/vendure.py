"""Vendure's product CSV: a row with a name begins a product, rows without one are its further variants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from karvon.catalog.exchange.formats.base import Context
from karvon.catalog.exchange.naming import attribute_code, option_value
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
        "name", "slug", "description", "assets", "facets", "optiongroups", "optionvalues", "sku", "price",
        "stockonhand", "trackinventory", "variantassets", "variantfacets", "enabled",
    }
)  # fmt: skip
_LISTED_ELSEWHERE = ("category", "brand")


class VendureFormat:
    name = "vendure"
    label = "Vendure"
    required = ("name", "slug", "sku", "price", "optiongroups", "optionvalues")

    def knows(self, column: str) -> bool:
        return column in _COLUMNS

    def new_key(self) -> Callable[[Row], RowKey]:
        return _Keys()

    def parse(self, rows: Sequence[Row], context: Context) -> ParsedProduct:
        """See the protocol."""
        problems = Problems(rows[0].text("slug"))
        head = Cells(rows[0], problems)
        title = head.required("name", 255)
        handle = head.text("slug", 255) or attribute_code(title)
        problems.identifier = handle
        names = split_list(head.text("optiongroups"), "|")
        facets = _facets(head, "facets")
        attributes, further = _attributes(facets, context.language)
        variants = tuple(_parse_variant(Cells(row, problems), names, context) for row in rows)
        problems.raise_if_any()
        return ParsedProduct(
            lines=tuple(row.line for row in rows),
            handle=handle,
            slug=handle,
            titles={context.language: title},
            descriptions={context.language: head.text("description")},
            kind=context.kind,
            vendor=next((value for name, value in facets if name == "brand"), "")[:128],
            currency=context.currency,
            state="published" if head.flag("enabled", default=True) else "draft",
            category_path=tuple(value for name, value in facets if name == "category"),
            attributes=attributes,
            tags=further or None,
            variants=variants,
            images=_images(rows),
        )


class _Keys:
    """A row without a name belongs to the product above it - unless a row between could not be read."""

    def __init__(self) -> None:
        self._current = ""

    def __call__(self, row: Row) -> RowKey:
        if row.text("name") or row.text("slug"):
            self._current = (row.text("slug") or row.text("name")).casefold()
        elif row.error and not row.cells:
            # it may have begun another product: what follows is nobody's until the next name
            self._current = ""
        return RowKey(group=self._current)


def _facets(cells: Cells, column: str) -> list[tuple[str, str]]:
    """ "category:Shoes|brand:Nike" -> [("category", "Shoes"), ("brand", "Nike")]."""
    pairs = []
    for facet in split_list(cells.text(column), "|"):
        name, colon, value = facet.partition(":")
        if not colon or not name.strip() or not value.strip():
            cells.refuse(column, _("must be written name:value: %(text)s") % {"text": facet[:40]})
            continue
        pairs.append((name.strip().casefold(), value.strip()[:128]))
    return pairs


def _attributes(
    facets: Sequence[tuple[str, str]], language: str
) -> tuple[tuple[ParsedValue, ...], tuple[str, ...]]:
    """The first value of each facet is the attribute; further ones of the same facet become tags."""
    values: dict[str, ParsedValue] = {}
    further: list[str] = []
    for name, value in facets:
        if name in _LISTED_ELSEWHERE:
            continue
        parsed = option_value(name, value, language)
        if parsed.code in values:
            further.append(value)
        else:
            values[parsed.code] = parsed
    return tuple(values.values()), tuple(dict.fromkeys(further))


def _parse_variant(cells: Cells, names: Sequence[str], context: Context) -> ParsedVariant:
    values = split_list(cells.text("optionvalues"), "|")
    if len(values) != len(names):
        cells.refuse(
            "optionvalues",
            _("has %(found)s values for %(expected)s options")
            % {"found": len(values), "expected": len(names)},
        )
    options = [
        option_value(name, value, context.language) for name, value in zip(names, values, strict=False)
    ]
    taken = {option.code for option in options}
    own, _further = _attributes(_facets(cells, "variantfacets"), context.language)
    price = cells.amount("price", context.currency)
    if price is None and not cells.row.text("price"):
        cells.refuse("price", _("is missing"))
    tracks = cells.text("trackinventory").casefold() not in ("false", "0", "no")
    return ParsedVariant(
        line=cells.row.line,
        sku=cells.required("sku", 100),
        price=price or Decimal(0),
        tracks_stock=tracks,
        quantity=cells.count("stockonhand") if tracks else None,
        options=(*options, *(value for value in own if value.code not in taken)),
    )


def _images(rows: Sequence[Row]) -> tuple[ParsedImage, ...]:
    images = [ParsedImage(name) for name in split_list(rows[0].text("assets"), "|")]
    for row in rows:
        images += [
            ParsedImage(name, sku=row.text("sku")) for name in split_list(row.text("variantassets"), "|")
        ]
    return tuple({image.source: image for image in reversed(images)}.values())[::-1]
