"""Variants by SKU, and the attribute values of products and variants."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from karvon.catalog.errors import SkuTaken
from karvon.catalog.inputs import ProductInput, ValueInput, VariantInput
from karvon.catalog.models import Product, ProductAttribute, Variant, VariantAttribute
from karvon.catalog.services.lookups import CatalogLookups
from karvon.catalog.texts import assign
from karvon.kernel.errors import ValidationFailed

_PLAIN = ("price", "compare_at_price", "barcode", "weight_grams", "tracks_stock", "is_active")
MOST_VARIANTS = 250


def write_variants(product: Product, given: ProductInput, lookups: CatalogLookups) -> bool:
    """Create or change variants by SKU (any case); True when a row changed. Raises SkuTaken, ValidationFailed."""
    variants = given.variants or ()
    if len(variants) > MOST_VARIANTS:
        raise ValidationFailed(details={"variants": [_("Too many variants.")]})
    existing = {
        variant.sku.casefold(): variant
        for variant in Variant.objects.filter(product=product)
        .order_by("pk")
        .prefetch_related("attribute_values")
    }
    changed = False
    seen = set()
    for position, each in enumerate(variants):
        key = each.sku.casefold()
        if key in seen:
            raise ValidationFailed(
                details={"variants": [_("The SKU %(sku)s is given twice.") % {"sku": each.sku}]}
            )
        seen.add(key)
        changed |= _write_variant(
            product, existing.get(key), each, position, lookups, given.creates_attributes
        )
    if given.withdraws_missing_variants:
        for key, variant in existing.items():
            if key not in seen and variant.is_active:
                Variant.objects.filter(pk=variant.pk).update(is_active=False)
                changed = True
    return changed


def _write_variant(
    product: Product,
    variant: Variant | None,
    given: VariantInput,
    position: int,
    lookups: CatalogLookups,
    creates: bool,
) -> bool:
    is_new = variant is None
    if variant is None:
        if given.price is None:
            raise ValidationFailed(details={"price": [_("A new variant needs a price.")]})
        variant = Variant(product=product, merchant_id=product.merchant_id, sku=given.sku, position=position)
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
        changed |= write_values(variant, given.options, lookups, creates=creates)
    return changed or is_new


def _check_amounts(variant: Variant) -> None:
    for name in ("price", "compare_at_price"):
        amount = getattr(variant, name)
        if amount is not None and (not Decimal(amount).is_finite() or not 0 <= amount < Decimal(10) ** 12):
            raise ValidationFailed(details={name: [_("Not an amount.")]})


def _save(variant: Variant) -> None:
    try:
        with transaction.atomic():
            variant.save()
    except IntegrityError as error:
        if "variant_sku_unique_per_merchant" in str(error):
            raise SkuTaken(params={"sku": variant.sku}) from error
        raise


def write_values(
    owner: Product | Variant, values: Sequence[ValueInput], lookups: CatalogLookups, *, creates: bool
) -> bool:
    """Make the attribute values of a product or variant exactly these; True when one changed."""
    model: type[Any] = ProductAttribute if isinstance(owner, Product) else VariantAttribute
    name = "product" if isinstance(owner, Product) else "variant"
    have = {value.attribute_id: value for value in model.objects.filter(**{name: owner})}
    changed = False
    for value in values:
        columns = lookups.columns_of(value, creates=creates)
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
