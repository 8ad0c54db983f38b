"""Variants by SKU, and the attribute values of products and variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.catalog.errors import SkuTaken
from karvon.catalog.inputs import ProductInput, ValueInput, VariantInput
from karvon.catalog.models import Product, ProductAttribute, Variant, VariantAttribute
from karvon.catalog.services.lookups import CatalogLookups
from karvon.catalog.texts import assign, has_control_characters
from karvon.kernel.errors import ValidationFailed

_PLAIN = ("price", "compare_at_price", "barcode", "weight_grams", "tracks_stock", "is_active")
MOST_VARIANTS = 250


def write_variants(product: Product, given: ProductInput, lookups: CatalogLookups) -> bool:
    """Create or change variants by SKU (any case); True when a row changed. Raises SkuTaken, ValidationFailed.

    With `withdraws_missing_variants` those given are for sale, unless they say otherwise, and no others are.
    """
    variants = _by_sku(product, given)
    existing = {
        variant.sku.casefold(): variant for variant in Variant.objects.filter(product=product).order_by("pk")
    }
    changed = False
    for position, (key, each) in enumerate(variants.items()):
        variant = existing.get(key) or Variant(
            product=product, merchant_id=product.merchant_id, sku=each.sku, position=position
        )
        changed |= _write_variant(variant, each, lookups)
    if given.withdraws_missing_variants:
        missing = [each.pk for key, each in existing.items() if key not in variants and each.is_active]
        changed |= Variant.objects.filter(pk__in=missing).update(is_active=False) > 0
    return changed


def _by_sku(product: Product, given: ProductInput) -> dict[str, VariantInput]:
    """What is given by its SKU in lower case. Raises ValidationFailed."""
    found: dict[str, VariantInput] = {}
    for each in given.variants or ():
        sku = each.sku or product.slug[:100]
        if sku.casefold() in found:
            raise _refusal("variants", _("The SKU %(sku)s is given twice.") % {"sku": sku})
        if any(has_control_characters(text) for text in (sku, each.barcode or "")):
            raise _refusal("variants", _("Control characters are not allowed."))
        is_active = True if each.is_active is None and given.withdraws_missing_variants else each.is_active
        found[sku.casefold()] = replace(each, sku=sku, is_active=is_active)
    if len(found) > MOST_VARIANTS:
        raise _refusal("variants", _("Too many variants."))
    return found


def _refusal(field: str, message: str) -> ValidationFailed:
    return ValidationFailed(details={field: [message]})


def _write_variant(variant: Variant, given: VariantInput, lookups: CatalogLookups) -> bool:
    is_new = variant.pk is None
    if is_new and given.price is None:
        raise _refusal("price", _("A new variant needs a price."))
    changed = assign(variant, "title", given.titles)
    for name in _PLAIN:
        value = getattr(given, name)
        if value is not None and getattr(variant, name) != value:
            setattr(variant, name, value)
            changed = True
    if given.clears_compare_at_price and variant.compare_at_price is not None:
        variant.compare_at_price = None
        changed = True
    _check_amounts(variant)
    if is_new or changed:
        _save(variant)
    if given.options is not None:
        changed |= write_values(variant, given.options, lookups)
    return changed or is_new


def _check_amounts(variant: Variant) -> None:
    for name in ("price", "compare_at_price"):
        amount = getattr(variant, name)
        if amount is not None and (not Decimal(amount).is_finite() or not 0 <= amount < Decimal(10) ** 12):
            raise _refusal(name, _("Not an amount."))


def _save(variant: Variant) -> None:
    try:
        with transaction.atomic():
            variant.save()
    except IntegrityError as error:
        if "variant_sku_unique_per_merchant" in str(error):
            raise SkuTaken(params={"sku": variant.sku}) from error
        raise


def write_values(owner: Product | Variant, values: Sequence[ValueInput], lookups: CatalogLookups) -> bool:
    """Make the attribute values of a product or variant exactly these; True when one changed.

    Raises UnknownAttribute, and ValidationFailed for a value of another type or given twice.
    """
    model: type[Any] = ProductAttribute if isinstance(owner, Product) else VariantAttribute
    name = "product" if isinstance(owner, Product) else "variant"
    have = {value.attribute_id: value for value in model.objects.filter(**{name: owner})}
    changed = False
    if len({value.code for value in values}) < len(values):
        raise _refusal("attributes", _("An attribute is given twice."))
    for value in values:
        columns = lookups.columns_of(value, creates=False)
        row = have.pop(columns["attribute"].pk, None)
        if row is None:
            model.objects.create(**{name: owner}, **columns)
            changed = True
        elif any(
            _plain(getattr(row, key)) != _plain(columns[key])
            for key in ("choice", "number", "text", "boolean")
        ):
            for key, content in columns.items():
                setattr(row, key, content)
            row.save()
            changed = True
    if have:
        model.objects.filter(pk__in=[row.pk for row in have.values()]).delete()
        changed = True
    return changed


def _plain(value: Any) -> Any:
    return value.pk if hasattr(value, "pk") else value
