"""Carts for tests of this room and those above."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from karvon.carts.owner import CartOwner
from karvon.carts.services import Cart, add_line
from karvon.catalog.models import Modifier, ModifierGroup, Product, ProductModifierGroup, Variant
from karvon.kernel.redis import get_redis


def empty_redis() -> None:
    """What a lost Redis looks like (scripts are forgotten too)."""
    get_redis().flushdb()
    get_redis().script_flush()


def fill_cart(*items: tuple[Variant, int], owner: CartOwner | None = None) -> Cart:
    """A cart with these variants and quantities; a new guest's unless an owner is given."""
    cart = None
    for variant, quantity in items:
        asked = owner or (cart.owner if cart else CartOwner())
        cart = add_line(asked, variant_id=variant.pk, quantity=quantity)
    assert cart is not None
    return cart


def cart_id_of(cart: Cart) -> UUID:
    assert cart.snapshot is not None
    return cart.snapshot.cart_id


def make_modifier_group(
    product: Product, *, deltas: tuple[str, ...] = ("0", "5000"), **fields: Any
) -> tuple[ModifierGroup, list[Modifier]]:
    """A question asked of a product, with one modifier per price difference."""
    fields.setdefault("name", "Sauce")
    group = ModifierGroup.objects.create(merchant=product.merchant, **fields)
    ProductModifierGroup.objects.create(product=product, group=group)
    modifiers = [
        Modifier.objects.create(group=group, name=f"Choice {place}", price_delta=delta, position=place)
        for place, delta in enumerate(deltas)
    ]
    return group, modifiers
