"""A product as its merchant writes it: what it is, how it looks and how many there are, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from karvon.catalog.gallery import set_product_images
from karvon.catalog.inputs import ProductInput
from karvon.catalog.models import Variant
from karvon.catalog.services import create_product, update_product
from karvon.inventory.services.counting import set_units_for_sale
from karvon.kernel.db import run_isolated
from karvon.kernel.errors import ValidationFailed

if TYPE_CHECKING:
    from karvon.accounts.models import User


@dataclass(frozen=True)
class Offering:
    """None leaves as it is. `units` are of a product with one variant, `units_by_sku` of each; `asset_ids` is the whole
    gallery in its order.
    """

    product: ProductInput
    asset_ids: Sequence[int] | None = None
    units: int | None = None
    units_by_sku: Mapping[str, int] = field(default_factory=dict)


def offer_product(*, merchant_id: int, offering: Offering, actor: User | None) -> int:
    """Puts a new product up; its id. Raises what `create_product`, `set_product_images` and `set_units_for_sale` raise;
    then nothing was made.
    """

    def work() -> int:
        product = create_product(merchant_id=merchant_id, product=offering.product, actor=actor)
        _dress(product.pk, offering, actor)
        variants = _variants_of(product.pk)
        # of variants that are new there is nothing to lock yet
        _count(variants, _units_by_sku(offering, set(variants)), actor)
        return int(product.pk)

    return run_isolated(work)


def change_offer(*, product_id: int, offering: Offering, actor: User | None) -> None:
    """Changes what is given. Raises as `offer_product`; then nothing was changed."""

    def work() -> None:
        before = _variants_of(product_id)
        units = _units_by_sku(offering, _skus_afterwards(offering.product, set(before)))
        # stock levels are locked before products, as everywhere
        _count(before, units, actor)
        update_product(product_id=product_id, product=offering.product, actor=actor)
        _dress(product_id, offering, actor)
        added = {sku: pk for sku, pk in _variants_of(product_id).items() if sku not in before}
        _count(added, units, actor)

    run_isolated(work)


def _variants_of(product_id: int) -> dict[str, int]:
    """Id by SKU in lower case, of those for sale."""
    variants = Variant.objects.filter(product_id=product_id, is_active=True).order_by("pk")
    return {variant.sku.casefold(): variant.pk for variant in variants}


def _skus_afterwards(product: ProductInput, before: set[str]) -> set[str]:
    given = {variant.sku.casefold() for variant in product.variants or () if variant.is_active is not False}
    return given if product.withdraws_missing_variants else before | given


def _units_by_sku(offering: Offering, skus: set[str]) -> dict[str, int]:
    units = {sku.casefold(): number for sku, number in offering.units_by_sku.items()}
    if offering.units is None:
        return units
    if len(skus) != 1:
        raise ValidationFailed(details={"stock": [_("A product with several variants counts each of them.")]})
    return units | dict.fromkeys(skus, offering.units)


def _count(variants: Mapping[str, int], units: Mapping[str, int], actor: User | None) -> None:
    for sku, variant_id in sorted(variants.items(), key=lambda pair: pair[1]):
        if sku in units:
            set_units_for_sale(variant_id=variant_id, units=units[sku], actor=actor)


def _dress(product_id: int, offering: Offering, actor: User | None) -> None:
    if offering.asset_ids is not None:
        set_product_images(product_id=product_id, asset_ids=offering.asset_ids, actor=actor)
