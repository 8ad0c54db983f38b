"""What the documents of a product are made from: plain values, read in bulk, without the ORM.

A text is a tuple in the order of `LANGUAGES`; "" where a language has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES

Text = tuple[str, ...]
POSITIONS = {language: position for position, language in enumerate(LANGUAGES)}
NO_TEXT: Text = ("",) * len(LANGUAGES)


def say(text: Text, language: str, home: str) -> str:
    """A text in one language, falling back: the seller's language, English, whatever there is."""
    return (
        text[POSITIONS[language]]
        or text[POSITIONS.get(home, POSITIONS[DEFAULT_LANGUAGE])]
        or text[POSITIONS[DEFAULT_LANGUAGE]]
        or next(filter(None, text), "")
    )


@dataclass(slots=True, frozen=True)
class MerchantFacts:
    id: int
    username: str
    name: str
    is_active: bool
    home: str  # its default language


@dataclass(slots=True, frozen=True)
class CategoryFacts:
    id: int
    parent_id: int | None
    slug: str
    name: Text


@dataclass(slots=True, frozen=True)
class AttributeFacts:
    code: str
    name: Text
    type: str
    unit: str
    is_filterable: bool
    is_option: bool


@dataclass(slots=True, frozen=True)
class ChoiceFacts:
    code: str
    label: Text
    colour: str


@dataclass(slots=True, frozen=True)
class ValueFacts:
    """One of the four is filled."""

    attribute: AttributeFacts
    choice: ChoiceFacts | None
    number: Decimal | None
    text: str | None
    boolean: bool | None


@dataclass(slots=True)
class VariantFacts:
    id: int
    sku: str
    title: Text
    price: Decimal
    compare_at_price: Decimal | None
    barcode: str
    weight_grams: int | None
    tracks_stock: bool
    values: list[ValueFacts] = field(default_factory=list)


@dataclass(slots=True)
class ImageFacts:
    """A picture and its renditions: (format, width, height, storage name), by format and width."""

    asset_id: int
    variant_id: int | None
    alt: Text
    asset_alt: str
    file: str
    width: int
    height: int
    colour: str
    renditions: list[tuple[str, int, int, str]] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class TagFacts:
    slug: str
    name: Text


@dataclass(slots=True, frozen=True)
class ModifierFacts:
    id: int
    name: Text
    price_delta: Decimal


@dataclass(slots=True, frozen=True)
class ModifierGroupFacts:
    id: int
    name: Text
    min_picks: int
    max_picks: int
    modifiers: list[ModifierFacts]


@dataclass(slots=True, frozen=True)
class CollectionFacts:
    id: int
    merchant_id: int | None
    slug: str
    title: Text
    rule: dict[str, object] | None  # None when hand-picked


@dataclass(slots=True)
class ProductFacts:
    """Active variants only; `path` is the category and all above it, root first."""

    id: int
    merchant: MerchantFacts
    category_id: int | None
    kind: str
    title: Text
    slug: str
    description: Text
    vendor: str
    currency: str
    is_published: bool  # by state, schedule and deletion, at the moment of reading
    sold_count: int
    rating_sum: int
    reviews_count: int
    created_at: datetime
    updated_at: datetime
    path: tuple[CategoryFacts, ...] = ()
    variants: list[VariantFacts] = field(default_factory=list)
    values: list[ValueFacts] = field(default_factory=list)
    images: list[ImageFacts] = field(default_factory=list)
    tags: list[TagFacts] = field(default_factory=list)
    groups: list[ModifierGroupFacts] = field(default_factory=list)
    collections: list[CollectionFacts] = field(default_factory=list)

    @property
    def is_shown(self) -> bool:
        """Published, in its time, of an active merchant, with something to sell."""
        return self.is_published and self.merchant.is_active and bool(self.variants)
