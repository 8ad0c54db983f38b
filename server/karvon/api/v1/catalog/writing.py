"""Products as their merchants write them, and what they get back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from karvon.accounts.models import User
from karvon.api.v1.catalog import shapes
from karvon.api.v1.catalog.serializers import ProductRequest
from karvon.catalog import selectors, services
from karvon.catalog.models import Product, ProductState, Variant
from karvon.catalog.window.reading import list_by_ids
from karvon.inventory.services import adjust_stock
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed
from karvon.merchants.selectors import merchant_ids_of


def merchant_of(actor: User, given: int | None) -> int:
    """The merchant somebody writes for: named, or their only one. Raises ValidationFailed."""
    if given is not None:
        return given
    own = merchant_ids_of(actor)
    if len(own) != 1:
        raise ValidationFailed(details={"merchant": [_("Say for which merchant.")]})
    return next(iter(own))


@transactional
def create(asked: ProductRequest, *, actor: User, language: str) -> Product:
    """On show at once unless another state is asked for. Raises what the services raise."""
    data = asked.validated_data
    data.setdefault("state", ProductState.PUBLISHED)
    product = services.create_product(
        merchant_id=merchant_of(actor, data.get("merchant")),
        product=asked.to_input(language, replaces=True, sku=_new_sku(data)),
        actor=actor,
    )
    _count(product.pk, asked, actor)
    return selectors.get_own_product(product.pk, actor)


@transactional
def update(product_id: int, asked: ProductRequest, *, actor: User, language: str, replaces: bool) -> Product:
    """Changes what is given. Raises what the services raise."""
    own = selectors.get_own_product(product_id, actor)
    only = next((variant.sku for variant in own.variants.all()), "") or _new_sku(asked.validated_data)
    services.update_product(
        product_id=product_id, product=asked.to_input(language, replaces=replaces, sku=only), actor=actor
    )
    _count(product_id, asked, actor)
    return selectors.get_own_product(product_id, actor)


def describe(products: Sequence[Product], language: str) -> list[dict[str, Any]]:
    """JSON for the back office of products read by `selectors.with_variants`; one more query."""
    listed = list_by_ids([product.pk for product in products], language, also_hidden=True)
    return [
        shapes.own_product_json(product, body, language)
        for product, body in zip(products, listed, strict=True)
    ]


def _count(product_id: int, asked: ProductRequest, actor: User) -> None:
    """`stock_quantity` is what lies in the merchant's default branch."""
    units = asked.validated_data.get("stock_quantity")
    if units is None:
        return
    variants = list(Variant.objects.filter(product_id=product_id, is_active=True)[:2])
    if len(variants) != 1:
        raise ValidationFailed(
            details={"stock_quantity": [_("A product with several variants counts each of them.")]},
        )
    adjust_stock(variant_id=variants[0].pk, on_hand=units, actor=actor)


def _new_sku(data: dict[str, Any]) -> str:
    """For a product whose merchant names none."""
    title = data.get("title") or next(iter((data.get("titles") or {}).values()), "")
    return f"{slugify(data.get('slug') or title)[:40] or 'item'}-{secrets.token_hex(3)}"
