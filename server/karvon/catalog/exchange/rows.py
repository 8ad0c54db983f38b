"""What a format's reader is given and gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Refusal:
    """A row that was not imported: physical line in the file, column, reason, and the handle or SKU if
    known.
    """

    line: int
    field: str
    message: str
    identifier: str = ""


class ProductRefused(Exception):
    """A product that is not imported, with what is wrong in its rows."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(refusals[0].message if refusals else "")
        self.refusals = tuple(refusals)


@dataclass(frozen=True)
class Row:
    """One record: the physical line it begins on and its cells by lower-case column name, as they stand.

    `error` says why the record itself is unusable (too long, broken quotes, not text); its cells are then
    what could be saved of it, good for finding out whose row it was.
    """

    line: int
    cells: dict[str, str]
    error: str = ""

    def text(self, column: str) -> str:
        """The cell without the blanks around it; "" where the column or the cell is missing."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True)
class RowKey:
    """Which product a row belongs to.

    `group` names the product; a row that only knows its parent gives `parent` instead, one of the `aliases`
    that the parent's own row announces before or after it. Both empty: nobody's row.
    """

    group: str = ""
    parent: str = ""
    aliases: tuple[str, ...] = ()


Texts = dict[str, str]  # language code -> text


@dataclass(frozen=True)
class ParsedValue:
    """An attribute's value as a file tells it; the attribute is found or made by `code`."""

    code: str
    names: Texts
    type: str  # AttributeType value
    value: str | Decimal | bool  # of a choice or colour: its code
    labels: Texts = field(default_factory=dict)
    unit: str = ""
    colour: str = ""


@dataclass(frozen=True)
class ParsedImage:
    """A picture named by a file: an address or a file name, and its alternative text."""

    source: str
    alts: Texts = field(default_factory=dict)
    sku: str = ""


@dataclass(frozen=True)
class ParsedModifier:
    names: Texts
    price_delta: Decimal
    is_active: bool = True


@dataclass(frozen=True)
class ParsedModifierGroup:
    names: Texts
    min_picks: int
    max_picks: int
    modifiers: tuple[ParsedModifier, ...]


@dataclass(frozen=True)
class ParsedVariant:
    line: int
    sku: str
    price: Decimal
    compare_at_price: Decimal | None = None
    titles: Texts = field(default_factory=dict)
    barcode: str = ""
    weight_grams: int | None = None
    tracks_stock: bool = True
    is_active: bool = True
    options: tuple[ParsedValue, ...] = ()
    quantity: int | None = None  # units on hand at the default branch; None leaves them as they are


@dataclass(frozen=True)
class ParsedProduct:
    """A product as a file tells it.

    An exact one (Karvon's own format) says everything: what is empty in it becomes empty in the shop.
    Otherwise empty texts, None and missing categories leave the shop's as they are. `slug` is only a wish.
    """

    lines: tuple[int, ...]
    handle: str
    titles: Texts
    variants: tuple[ParsedVariant, ...]
    descriptions: Texts = field(default_factory=dict)
    slug: str = ""
    kind: str = ""
    vendor: str = ""
    currency: str = ""
    state: str = "published"
    publish_at: datetime | None = None
    unpublish_at: datetime | None = None
    category_slug: str = ""
    category_path: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    attributes: tuple[ParsedValue, ...] | None = None
    images: tuple[ParsedImage, ...] = ()
    modifier_groups: tuple[ParsedModifierGroup, ...] | None = None
    notes: tuple[str, ...] = ()
    is_exact: bool = False
