# mypy: disable-error-code="var-annotated"
"""WooCommerce's product CSV: variations name their parent by SKU or `id:<ID>` and may stand anywhere in the
file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
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
        "id", "type", "sku", "name", "published", "visibility in catalog", "short description", "description",
        "date sale price starts", "date sale price ends", "in stock?", "stock", "backorders allowed?",
        "sale price", "regular price", "categories", "tags", "images", "parent", "position", "external url",
        "brands", "gtin, upc, ean, or isbn", "grouped products",
    }
)  # fmt: skip
_ATTRIBUTE = re.compile(r"attribute (\d{1,2}) (?:name|value\(s\))")
_WEIGHT = re.compile(r"weight \((kg|g|lbs|oz)\)")
_GRAMS = {"kg": Decimal(1000), "g": Decimal(1), "lbs": Decimal("453.59237"), "oz": Decimal("28.349523")}
_KINDS = frozenset({"simple", "variable", "variation", "grouped", "external"})
_MOST_ATTRIBUTES = 30


class WooCommerceFormat:
    name = "woocommerce"
    label = "WooCommerce"
    required = ("type", "sku", "name", "regular price")

    def knows(self, column: str) -> bool:
        return any((column in _COLUMNS, _ATTRIBUTE.fullmatch(column), _WEIGHT.fullmatch(column)))

    def new_key(self) -> Callable[[Row], RowKey]:
        return _key_of

    def parse(self, rows: Sequence[Row], context: Context) -> ParsedProduct:
        """See the protocol."""
        first = next((row for row in rows if "variation" not in _types(row)), rows[0])
        problems = Problems(_handle_of(first))
        head = Cells(first, problems)
        kind = _main_type(head)
        title = head.required("name", 255)
        variations = [row for row in rows if row is not first]
        variants, notes = _parse_variants(head, kind, variations, problems, context)
        problems.raise_if_any()
        attributes, further = _product_attributes(head, kind, context.language)
        return ParsedProduct(
            lines=tuple(row.line for row in rows),
            handle=_handle_of(first),
            titles={context.language: title},
            descriptions={context.language: _description(head)},
            kind="digital" if _is_digital(first) else context.kind,
            vendor=head.text("brands", 128),
            currency=context.currency,
            state=_state(head, kind),
            category_path=_category_path(head),
            tags=tuple(dict.fromkeys([*split_list(head.text("tags")), *further])),
            attributes=attributes,
            variants=tuple(variants),
            images=_images(first, variations),
            notes=tuple(notes),
        )


def _key_of(row: Row) -> RowKey:
    identifier, sku = row.text("id"), row.text("sku")
    if "variation" in _types(row):
        parent = row.text("parent")
        return RowKey(
            parent=parent.casefold() if parent[:3].casefold() == "id:" else f"sku:{parent.casefold()}"
        )
    aliases = [f"id:{identifier}"] if identifier else []
    if sku:
        aliases.append(f"sku:{sku.casefold()}")
    return RowKey(group=f"{identifier}/{sku}" if aliases else f"line {row.line}", aliases=tuple(aliases))


def _handle_of(row: Row) -> str:
    """A product is known again by its SKU, or where it has none by WooCommerce's number."""
    return row.text("sku") or (f"woo-{row.text('id')}" if row.text("id") else row.text("name"))[:255]


def _types(row: Row) -> list[str]:
    """ "simple, downloadable, virtual" -> three words."""
    return [word.strip().casefold() for word in row.text("type").split(",")]


def _main_type(head: Cells) -> str:
    kind = next((word for word in _types(head.row) if word in _KINDS), "")
    if not kind:
        head.refuse("type", _("is not known: %(text)s") % {"text": head.row.text("type")[:40]})
    elif kind == "grouped":
        head.refuse("type", _("A grouped product has no price of its own: make a collection of its parts."))
    elif kind == "variation":
        head.refuse("parent", _("is not in the file"))
    return kind


def _is_digital(row: Row) -> bool:
    return bool({"virtual", "downloadable"} & set(_types(row)))


def _parse_variants(
    head: Cells, kind: str, variations: Sequence[Row], problems: Problems, context: Context
) -> tuple[list[ParsedVariant], list[str]]:
    if kind in ("simple", "external"):
        for row in variations:
            problems.add(row.line, "parent", _("is not a variable product"))
        notes = [_("sold on another site: imported as a draft")] if kind == "external" else []
        return [_parse_variant(head, (), context)], notes
    if kind == "variable" and not variations:
        head.refuse("type", _("A variable product needs at least one variation."))
    notes = []
    variants = []
    for row in sorted(variations, key=_position):
        cells = Cells(row, problems)
        options = tuple(
            option_value(name, value, context.language) for name, value in _attribute_pairs(cells) if value
        )
        if len(options) < sum(1 for _pair in _attribute_pairs(cells)):
            notes.append(_("a variation for any value of an option leaves that option out"))
        variants.append(_parse_variant(cells, options, context))
    return variants, list(dict.fromkeys(notes))


def _position(row: Row) -> tuple[int, int]:
    text = row.text("position")
    return (int(text) if text.isdecimal() else 0, row.line)


def _parse_variant(cells: Cells, options: tuple[ParsedValue, ...], context: Context) -> ParsedVariant:
    price, compare_at = _prices(cells, context)
    tracks, quantity = _stock(cells)
    return ParsedVariant(
        line=cells.row.line,
        sku=cells.text("sku", 100) or derived_sku(_fallback_name(cells.row), options),
        price=price,
        compare_at_price=compare_at,
        barcode=cells.text("gtin, upc, ean, or isbn", 64),
        weight_grams=_grams(cells),
        tracks_stock=tracks and not _is_digital(cells.row),
        is_active=cells.count("published", smallest=-1) != 0 or "variation" not in _types(cells.row),
        quantity=quantity,
        options=options,
    )


def _fallback_name(row: Row) -> str:
    return _handle_of(row) if row.text("id") else f"{row.text('parent')} {row.text('name')}"


def _prices(cells: Cells, context: Context) -> tuple[Decimal, Decimal | None]:
    """The price to pay now, and the regular one where a sale is on."""
    regular = cells.amount("regular price", context.currency)
    sale = cells.amount("sale price", context.currency)
    starts = _date(cells, "date sale price starts")
    ends = _date(cells, "date sale price ends")
    if regular is None and not cells.row.text("regular price"):
        cells.refuse("regular price", _("is missing"))
    if regular is None:
        return Decimal(0), None
    is_on = (starts is None or starts <= context.now) and (ends is None or context.now < ends)
    if sale is not None and sale < regular and is_on:
        return sale, regular
    return regular, None


def _date(cells: Cells, column: str) -> datetime | None:
    text = cells.text(column)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        cells.refuse(column, _("is not a date: %(text)s") % {"text": text[:40]})
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stock(cells: Cells) -> tuple[bool, int | None]:
    """Whether units are counted, and how many there are. "parent" leaves counting to the parent."""
    if cells.text("stock").casefold() == "parent":
        return False, None
    quantity = cells.count("stock", smallest=-1_000_000)
    if quantity is not None:
        return True, max(quantity, 0)
    # not counted by the shop, but marked as sold out by hand
    return (True, 0) if not cells.flag("in stock?", default=True) else (False, None)


def _grams(cells: Cells) -> int | None:
    for column in cells.row.cells:
        if match := _WEIGHT.fullmatch(column):
            weight = cells.number(column)
            return round(weight * _GRAMS[match[1]]) if weight else None
    return None


def _attribute_pairs(cells: Cells) -> list[tuple[str, str]]:
    """(name, value or values) of the numbered attribute columns."""
    pairs = []
    for number in range(1, _MOST_ATTRIBUTES + 1):
        if name := cells.text(f"attribute {number} name", 128):
            pairs.append((name, cells.text(f"attribute {number} value(s)")))
    return pairs


def _product_attributes(head: Cells, kind: str, language: str) -> tuple[tuple[ParsedValue, ...], list[str]]:
    """Attributes of the product itself; on a variable product they only list what variations choose from."""
    if kind == "variable":
        return (), []
    values, further = {}, []
    for name, text in _attribute_pairs(head):
        parts = split_list(text)
        if parts:
            parsed = option_value(name, parts[0][:128], language)
            values.setdefault(parsed.code, parsed)
            # one value per attribute: the others can still be found
            further += parts[1:]
    return tuple(values.values()), further


def _description(head: Cells) -> str:
    """The long text, or the short one where there is none. Line breaks are exported as backslash and n."""
    text = head.text("description") or head.text("short description")
    return text.replace("\\n", "\n")


def _state(head: Cells, kind: str) -> str:
    is_listed = head.text("visibility in catalog").casefold() != "hidden"
    is_published = (head.count("published", smallest=-1) or 0) == 1 if head.text("published") else True
    return "published" if is_published and is_listed and kind != "external" else "draft"


def _category_path(head: Cells) -> tuple[str, ...]:
    """The deepest of the listed categories: "Clothing, Clothing > Hoodies" is Clothing > Hoodies."""
    paths = [tuple(split_list(path, ">")) for path in split_list(head.text("categories"))]
    return max(paths, key=len, default=())


def _images(first: Row, variations: Sequence[Row]) -> tuple[ParsedImage, ...]:
    found = {source: ParsedImage(source) for source in split_list(first.text("images"))}
    for row in variations:
        for source in split_list(row.text("images")):
            found.setdefault(source, ParsedImage(source, sku=row.text("sku")))
    return tuple(found.values())
