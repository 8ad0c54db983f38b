"""A guest's cart becomes part of a customer's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from karvon.carts import checkpoints, store
from karvon.carts.errors import CartNotFound
from karvon.carts.offers import Offer
from karvon.carts.owner import CartOwner
from karvon.carts.services.showing import Cart, load_for, show_cart
from karvon.kernel.languages import DEFAULT_LANGUAGE

if TYPE_CHECKING:
    from karvon.accounts.models import User


def merge_carts(guest_cart_id: UUID, user: User, *, language: str = DEFAULT_LANGUAGE) -> Cart:
    """Move a guest's cart into a customer's: quantities add up, capped by stock. Once, however often it is
    asked.

    A cart that is no more, or belongs to somebody, changes nothing.
    """
    return _merge(CartOwner(user_id=user.pk), guest_cart_id, language=language)


def adopt_carried_cart(owner: CartOwner, guest_cart_id: UUID) -> None:
    """Merge the guest cart that a customer still carries, if there is one: a look into Redis when there is
    none.
    """
    if owner.user_id is not None and store.read(owner, carried_id=guest_cart_id).carried:
        _merge(owner, guest_cart_id, language=DEFAULT_LANGUAGE)


def _merge(owner: CartOwner, guest_cart_id: UUID, *, language: str) -> Cart:
    try:
        guest = store.read(CartOwner(cart_id=guest_cart_id)).snapshot
    except CartNotFound:
        guest = None
    state = store.read(owner)
    if guest is None:
        return show_cart(state.owner, state.snapshot, language=language)
    shelf = load_for(
        state.snapshot,
        owner,
        language=language,
        variant_ids=guest.variant_ids,
        modifier_ids=guest.modifier_ids,
        code=guest.coupon,
    )
    caps = {variant_id: _cap(shelf.offers.get(variant_id)) for variant_id in guest.variant_ids}
    merged = store.merge(owner, guest_cart_id, caps)
    if merged is None:
        return show_cart(owner, store.read(owner).snapshot, language=language, shelf=shelf)
    changed, version = merged
    checkpoints.consume_checkpoint(guest_cart_id, version)
    return show_cart(owner, changed, language=language, shelf=shelf)


def _cap(offer: Offer | None) -> int | None:
    return 0 if offer is None else offer.most_available
