"""Products as their merchants write them: the catalogue's part and the units that lie in stock, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from karvon.accounts.models import User
from karvon.api.v1.catalog.bodies import check_merchant_stays, merchant_of
from karvon.api.v1.catalog.serializers import ProductRequest
from karvon.catalog import selectors, services
from karvon.catalog.models import Product, ProductState, Variant
from karvon.inventory.services import adjust_stock
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed


@transactional
def create(asked: ProductRequest, *, actor: User, language: str) -> Product:
    """On show at once unless another state is asked for. Raises what the services raise."""
    data = asked.validated_data
    data.setdefault("state", ProductState.PUBLISHED)
    product = services.create_product(
        merchant_id=merchant_of(actor, data.get("merchant")),
        product=asked.to_input(language, replaces=True),
        actor=actor,
    )
    _count(product.pk, data, actor)
    return selectors.get_own_product(product.pk, actor)


@transactional
def update(
    product_id: int,
    asked: ProductRequest,
    *,
    actor: User,
    language: str,
    replaces: bool,
    expected_version: int | None,
) -> Product:
    """Changes what is given. Raises what the services raise, and ValidationFailed."""
    data = asked.validated_data
    own = selectors.get_own_product(product_id, actor)
    check_merchant_stays(data, own.merchant_id)
    given = asked.to_input(language, replaces=replaces, sku=_main_sku(own, data))
    if replaces and not given.titles:
        raise ValidationFailed(details={"title": [_("This field is required.")]})
    # stock levels are locked before products, as everywhere; of variants that are new there is nothing to lock yet
    names_variants = "variants" in data
    if not names_variants:
        _count(product_id, data, actor)
    services.update_product(
        product_id=product_id, product=given, actor=actor, expected_version=expected_version
    )
    if names_variants:
        _count(product_id, data, actor)
    return selectors.get_own_product(product_id, actor)


def _main_sku(product: Product, data: Mapping[str, Any]) -> str:
    """Whose `price` is meant where no SKU is named. Raises ValidationFailed when there are several variants."""
    skus = [variant.sku for variant in product.variants.all() if variant.is_active]
    if "price" in data and not data.get("sku") and len(skus) > 1:
        raise ValidationFailed(details={"price": [_("There are several variants: say which by “sku”.")]})
    return skus[0] if skus else ""


def _count(product_id: int, data: Mapping[str, Any], actor: User) -> None:
    """`stock_quantity` is what lies in the merchant's default branch, of the product's only variant or of each."""
    units = {
        each["sku"]: each["stock_quantity"] for each in data.get("variants", ()) if "stock_quantity" in each
    }
    variants = {
        variant.sku.casefold(): variant.pk
        for variant in Variant.objects.filter(product_id=product_id, is_active=True).order_by("pk")
    }
    if "stock_quantity" in data:
        if len(variants) != 1:
            message = _("A product with several variants counts each of them.")
            raise ValidationFailed(details={"stock_quantity": [message]})
        units = dict.fromkeys(variants, data["stock_quantity"])
    for sku, number in units.items():
        if (pk := variants.get(sku.casefold())) is not None:
            adjust_stock(variant_id=pk, on_hand=number, actor=actor)
