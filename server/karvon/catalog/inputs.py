"""What the write services are given. None in a field means: leave it as it is (or its default when new)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

Texts = Mapping[str, str]  # language code → text


@dataclass(frozen=True)
class ValueInput:
    """An attribute's value. A choice or colour is given by its code; imports make the attributes and choices that
    they do not find.
    """

    code: str
    value: str | Decimal | bool
    type: str = "choice"
    names: Texts = field(default_factory=dict)
    labels: Texts = field(default_factory=dict)
    unit: str = ""
    colour: str = ""
    is_option: bool = False


@dataclass(frozen=True)
class VariantInput:
    """A variant is known by its SKU; without one it is called like the product's slug."""

    sku: str = ""
    price: Decimal | None = None
    compare_at_price: Decimal | None = None
    clears_compare_at_price: bool = False
    titles: Texts | None = None
    barcode: str | None = None
    weight_grams: int | None = None
    tracks_stock: bool | None = None
    is_active: bool | None = None
    options: tuple[ValueInput, ...] | None = None


@dataclass(frozen=True)
class ProductInput:
    handle: str = ""
    titles: Texts | None = None
    descriptions: Texts | None = None
    slug: str | None = None
    kind: str | None = None
    vendor: str | None = None
    state: str | None = None
    publish_at: datetime | None = None
    unpublish_at: datetime | None = None
    category_id: int | None = None
    clears: frozenset[str] = frozenset()  # of publish_at, unpublish_at and category_id, what is emptied
    tags: tuple[str, ...] | None = None
    attributes: tuple[ValueInput, ...] | None = None
    variants: tuple[VariantInput, ...] | None = None
    modifier_group_ids: tuple[int, ...] | None = None
    withdraws_missing_variants: bool = False
