"""What has to be written so that the shop says what the file says: compared in memory, nothing is written
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from modeltranslation.fields import TranslationField

from karvon.catalog.exchange.resolving import Resolver
from karvon.catalog.exchange.rows import (
    ParsedProduct,
    ParsedVariant,
    ProductRefused,
    Refusal,
    Texts,
)
from karvon.catalog.exchange.state import ChunkState, sku_key
from karvon.catalog.html import clean_html
from karvon.catalog.models import Product, ProductAttribute, Variant, VariantAttribute
from karvon.catalog.models.attribute import AttributeValue
from karvon.kernel.clock import now as current_time
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.models import Merchant

_VALUE_COLUMNS = ("choice_id", "number", "text", "boolean")


@dataclass
class VariantPlan:
    row: Variant
    parsed: ParsedVariant
    is_new: bool
    is_changed: bool = False
    is_moved: bool = False  # its quantity
    new_values: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class ProductPlan:
    """One product's changes. `touches` says whether there are any."""

    row: Product
    parsed: ParsedProduct
    is_new: bool
    is_changed: bool = False
    variants: list[VariantPlan] = field(default_factory=list)
    withdrawn: list[Variant] = field(default_factory=list)
    new_values: list[dict[str, Any]] = field(default_factory=list)
    stale_product_values: list[int] = field(default_factory=list)
    stale_variant_values: list[int] = field(default_factory=list)
    tag_ids: set[int] | None = None  # None: as they are
    group_ids: list[int] | None = None
    asset_ids: list[int] = field(default_factory=list)  # new in the gallery

    @property
    def touches(self) -> bool:
        return bool(
            self.is_new
            or self.is_changed
            or self.withdrawn
            or self.new_values
            or self.stale_product_values
            or self.stale_variant_values
            or self.tag_ids is not None
            or self.group_ids is not None
            or self.asset_ids
            or any(one.is_new or one.is_changed or one.is_moved or one.new_values for one in self.variants)
        )

    def takes_moves_of(self, before: ProductPlan) -> None:
        """`before` planned the same product, and its quantities are written by now."""
        moved = {one.row.pk for one in before.variants if one.is_moved and not one.is_new}
        for one in self.variants:
            one.is_moved |= one.row.pk in moved

    @property
    def outcome(self) -> str:
        return "created" if self.is_new else "updated" if self.touches else "unchanged"


def plan_product(
    parsed: ParsedProduct, merchant: Merchant, state: ChunkState, resolver: Resolver, asset_ids: Sequence[int]
) -> ProductPlan:
    """Raises ProductRefused for a SKU that another product of the merchant has, and what the resolver
    raises.
    """
    known = state.products.get(parsed.handle)
    row = known or new_product(merchant, parsed.handle)
    plan = ProductPlan(row=row, parsed=parsed, is_new=known is None)
    _refuse_foreign_skus(parsed, state, row.pk)
    plan.is_changed = _set_columns(row, _product_columns(parsed, resolver))
    if parsed.attributes is not None or parsed.is_exact:
        have = state.product_values[row.pk] if known else {}
        wanted = [resolver.columns_of(value) for value in parsed.attributes or ()]
        plan.new_values, plan.stale_product_values = _compare_values(have, wanted, ProductAttribute)
    _plan_variants(plan, state, resolver)
    tag_ids = resolver.tag_ids(parsed)
    if tag_ids is not None and tag_ids != (state.tags[row.pk] if known else set()):
        plan.tag_ids = tag_ids
    group_ids = resolver.group_ids(parsed)
    if group_ids is not None and group_ids != (state.group_ids[row.pk] if known else []):
        plan.group_ids = group_ids
    shown = state.asset_ids[row.pk] if known else set()
    plan.asset_ids = [asset_id for asset_id in dict.fromkeys(asset_ids) if asset_id not in shown]
    return plan


def new_product(merchant: Merchant, handle: str) -> Product:
    # a time of ours instead of the column's default keeps bulk inserts on PostgreSQL's fast path (one UNNEST)
    return Product(merchant=merchant, handle=handle, currency=merchant.currency, created_at=current_time())


def new_variant(product: Product, sku: str) -> Variant:
    return Variant(merchant_id=product.merchant_id, sku=sku, created_at=current_time(), **_untitled())


@cache
def _untitled() -> dict[str, Any]:
    """Titles in all languages as they begin; looking for the default of each costs as much as all the rest of a new row."""
    fields = Variant._meta.concrete_fields
    return {each.attname: each.get_default() for each in fields if isinstance(each, TranslationField)}


def _refuse_foreign_skus(parsed: ParsedProduct, state: ChunkState, product_id: int | None) -> None:
    foreign = [
        Refusal(
            variant.line,
            "sku",
            _("Another product of the shop has the SKU %(sku)s.") % {"sku": variant.sku},
            parsed.handle,
        )
        for variant in parsed.variants
        if state.sku_owners.get(sku_key(variant.sku), product_id) != product_id
    ]
    if foreign:
        raise ProductRefused(foreign)


def _product_columns(parsed: ParsedProduct, resolver: Resolver) -> dict[str, Any]:
    descriptions = {language: clean_html(text) for language, text in parsed.descriptions.items()}
    columns: dict[str, Any] = {
        **_text_columns("title", parsed.titles, parsed.is_exact),
        **_text_columns("description", descriptions, parsed.is_exact),
        "state": parsed.state,
    }
    optional = {
        "kind": parsed.kind,
        "vendor": parsed.vendor,
        "currency": parsed.currency,
        "category_id": resolver.category_id(parsed),
    }
    columns |= {name: value for name, value in optional.items() if value}
    if parsed.is_exact:
        columns |= {
            "publish_at": parsed.publish_at,
            "unpublish_at": parsed.unpublish_at,
            "vendor": parsed.vendor,
        }
        if not (parsed.category_slug or parsed.category_path):
            columns["category_id"] = None
    return columns


def _text_columns(name: str, texts: Texts, is_exact: bool) -> dict[str, str]:
    """Given texts; an exact file empties those that it does not give."""
    return {
        f"{name}_{language}": texts.get(language, "")
        for language in LANGUAGES
        if is_exact or texts.get(language)
    }


def _set_columns(row: Any, columns: dict[str, Any]) -> bool:
    changed = False
    for name, value in columns.items():
        have = getattr(row, name)
        if have != value and not (value == "" and have is None):
            setattr(row, name, value)
            changed = True
    return changed


def _compare_values(
    have: dict[int, Any], wanted: list[dict[str, Any]], model: type[AttributeValue]
) -> tuple[list[dict[str, Any]], list[int]]:
    """(columns of values to insert, ids of values to delete); a changed value is both."""
    new = []
    kept = set()
    for columns in wanted:
        known = have.get(columns["attribute"].pk)
        if known is not None and _same_value(known, model(**columns)):
            kept.add(known.pk)
        else:
            new.append(columns)
    return new, [value.pk for value in have.values() if value.pk not in kept]


def _same_value(left: AttributeValue, right: AttributeValue) -> bool:
    return all(getattr(left, column) == getattr(right, column) for column in _VALUE_COLUMNS)


def _plan_variants(plan: ProductPlan, state: ChunkState, resolver: Resolver) -> None:
    known = dict(state.variants[plan.row.pk]) if not plan.is_new else {}
    for position, parsed in enumerate(plan.parsed.variants):
        row = known.pop(sku_key(parsed.sku), None)
        is_new = row is None
        row = row or new_variant(plan.row, parsed.sku)
        variant = VariantPlan(row=row, parsed=parsed, is_new=is_new)
        variant.is_changed = _set_columns(row, _variant_columns(parsed, position, plan.parsed.is_exact))
        have = {} if is_new else state.variant_values[row.pk]
        wanted = [resolver.columns_of(value) for value in parsed.options]
        variant.new_values, stale = _compare_values(have, wanted, VariantAttribute)
        plan.stale_variant_values += stale
        if parsed.quantity is not None:
            variant.is_moved = is_new or state.on_hand.get(row.pk) != parsed.quantity
        plan.variants.append(variant)
    # what the file no longer has is not sold any more; its orders and its stock stay
    plan.withdrawn = [row for row in known.values() if row.is_active]


def _variant_columns(parsed: ParsedVariant, position: int, is_exact: bool) -> dict[str, Any]:
    columns: dict[str, Any] = {
        **_text_columns("title", parsed.titles, is_exact),
        "price": parsed.price,
        "compare_at_price": parsed.compare_at_price,
        "tracks_stock": parsed.tracks_stock,
        "is_active": parsed.is_active,
        "position": position,
    }
    if parsed.barcode or is_exact:
        columns["barcode"] = parsed.barcode
    if parsed.weight_grams is not None or is_exact:
        columns["weight_grams"] = parsed.weight_grams
    return columns
