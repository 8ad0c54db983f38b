"""Products together with the units of them that lie in stock, for those who write both at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from karvon.catalog import services as catalog
from karvon.catalog.errors import ProductNotFound
from karvon.catalog.inputs import ProductInput, VariantInput
from karvon.catalog.models import Product, Variant
from karvon.inventory.services.counting import adjust_stock
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def create_simple_product(
    *, merchant_id: int, product: ProductInput, price: Decimal, units: int, actor: User | None
) -> Product:
    """A product of one counted variant, with `units` of it in the merchant's default branch.

    Raises what `catalog.create_product` and `adjust_stock` raise.
    """
    row = catalog.create_product(
        merchant_id=merchant_id,
        product=replace(product, variants=(VariantInput(price=price, tracks_stock=True),)),
        actor=actor,
    )
    variant = Variant.objects.get(product=row)
    adjust_stock(variant_id=variant.pk, on_hand=units, actor=actor)
    return row


@transactional
def update_simple_product(
    *, product_id: int, product: ProductInput, price: Decimal | None, units: int | None, actor: User | None
) -> Product:
    """Change what is given; `price` and `units` are those of the only variant.

    Raises ValidationFailed where there are several variants, else as `create_simple_product`.
    """
    variants = list(Variant.objects.filter(product_id=product_id, is_active=True).order_by("pk")[:2])
    if not variants:
        raise ProductNotFound
    named = {"unit_price": price, "inventory": units}
    if len(variants) > 1 and any(value is not None for value in named.values()):
        message = _("This product has several variants: change each of them.")
        raise ValidationFailed(
            details={name: [message] for name, value in named.items() if value is not None}
        )
    # stock levels are locked before products, as everywhere
    if units is not None:
        adjust_stock(variant_id=variants[0].pk, on_hand=units, actor=actor)
    if price is not None:
        product = replace(product, variants=(VariantInput(sku=variants[0].sku, price=price),))
    return catalog.update_product(product_id=product_id, product=product, actor=actor)
