"""Lines of carts. Every verb answers the whole cart, priced as of now."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from karvon.carts import store
from karvon.carts.errors import (
    CartNotFound,
    CurrencyMixed,
    LineNotFound,
    MerchantClosed,
    NotEnoughLeft,
    ProductNotFound,
)
from karvon.carts.lines import CartLine, CartSnapshot, line_id_of, to_ms
from karvon.carts.offers import MERCHANT_CLOSED, Offer, OfferModifier, Shelf
from karvon.carts.owner import CartOwner
from karvon.carts.services.showing import Cart, load_for, show_cart
from karvon.kernel import clock
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.languages import DEFAULT_LANGUAGE


def add_line(
    owner: CartOwner,
    *,
    variant_id: int | None = None,
    product_id: int | None = None,
    quantity: int = 1,
    modifier_ids: Sequence[int] = (),
    language: str = DEFAULT_LANGUAGE,
    to_known_cart: bool = False,
) -> Cart:
    """Put units of a variant into the cart; with `product_id`, of its first variant that has enough.

    The same variant with the same modifiers adds up. With `to_known_cart` no cart is made, and a product is added to the
    line that it has already. One query.

    Raises CartNotFound (only then), ProductNotFound, ValidationFailed (quantity, modifiers), NotEnoughLeft, MerchantClosed,
    CurrencyMixed, TooManyLines (409).
    """
    if not 1 <= quantity <= store.MOST_OF_A_LINE:
        raise ValidationFailed(details={"quantity": [quantity_range()]})
    state = store.read(owner)
    if to_known_cart and state.snapshot is None:
        raise CartNotFound
    shelf = load_for(
        state.snapshot,
        owner,
        language=language,
        variant_ids=() if variant_id is None else (variant_id,),
        product_ids=() if product_id is None or variant_id is not None else (product_id,),
        modifier_ids=modifier_ids,
    )
    if to_known_cart and variant_id is None:
        variant_id = _find_variant(state.snapshot, shelf, product_id)
    offer = choose_offer(shelf, variant_id, product_id, quantity)
    modifiers = choose_modifiers(offer, modifier_ids)
    require_buyable(offer, quantity)
    _require_currency(offer, state.snapshot, shelf)
    line = CartLine(
        id=line_id_of(offer.variant_id, modifier_ids),
        variant_id=offer.variant_id,
        modifier_ids=tuple(sorted(set(modifier_ids))),
        quantity=quantity,
        seen_price=offer.unit_price(modifiers),
        seen_currency=offer.currency,
        added_ms=to_ms(clock.now()),
    )
    changed = store.add(state.owner, line, cap=offer.most_available, creates=not to_known_cart)
    return replace(show_cart(state.owner, changed, language=language, shelf=shelf), touched=line.id)


def set_line_quantity(
    owner: CartOwner, *, line_id: int, quantity: int, language: str = DEFAULT_LANGUAGE
) -> Cart:
    """Set the units of a line; 0 removes it. The shopper has then seen today's price. One query.

    Raises LineNotFound, NotEnoughLeft (409), ValidationFailed.
    """
    if not 0 <= quantity <= store.MOST_OF_A_LINE:
        raise ValidationFailed(details={"quantity": [quantity_range()]})
    if quantity == 0:
        return remove_line(owner, line_id=line_id, language=language)
    state = store.read(owner)
    line = state.snapshot.find_line(line_id) if state.snapshot else None
    if line is None:
        raise LineNotFound
    shelf = load_for(state.snapshot, owner, language=language)
    offer = shelf.offers.get(line.variant_id)
    if offer is None:
        raise ProductNotFound
    require_buyable(offer, quantity)
    modifiers = offer.pick_modifiers(line.modifier_ids)
    if modifiers is not None:
        line = replace(line, seen_price=offer.unit_price(modifiers), seen_currency=offer.currency)
    changed = store.set_quantity(state.owner, line, quantity, cap=offer.most_available)
    return show_cart(state.owner, changed, language=language, shelf=shelf)


def remove_line(owner: CartOwner, *, line_id: int, language: str = DEFAULT_LANGUAGE) -> Cart:
    """Take a line out, whatever has become of its product. Raises LineNotFound."""
    return show_cart(owner, store.remove(owner, line_id), language=language)


def remove_variant(owner: CartOwner, *, variant_id: int, language: str = DEFAULT_LANGUAGE) -> Cart:
    """Take every line of a variant out, with whatever modifiers. Raises LineNotFound when there is none."""
    state = store.read(owner)
    snapshot = state.snapshot
    lines = [line for line in snapshot.lines if line.variant_id == variant_id] if snapshot else []
    if not lines:
        raise LineNotFound
    for line in lines:
        # another device may have been faster with one of them
        with contextlib.suppress(LineNotFound):
            snapshot = store.remove(state.owner, line.id)
    return show_cart(state.owner, snapshot, language=language)


def clear_cart(owner: CartOwner, *, language: str = DEFAULT_LANGUAGE) -> Cart:
    """Take everything out. A shopper without a cart keeps having none."""
    state = store.read(owner)
    if state.snapshot is None:
        return show_cart(state.owner, None, language=language)
    return show_cart(state.owner, store.clear(state.owner), language=language)


def _find_variant(snapshot: CartSnapshot | None, shelf: Shelf, product_id: int | None) -> int | None:
    """The variant of a product that the cart holds already."""
    for line in snapshot.lines if snapshot else ():
        offer = shelf.offers.get(line.variant_id)
        if offer is not None and offer.product_id == product_id:
            return line.variant_id
    return None


def choose_offer(shelf: Shelf, variant_id: int | None, product_id: int | None, quantity: int) -> Offer:
    """The variant that is named; of a product, its first one that has enough. Raises ProductNotFound."""
    if variant_id is not None:
        offers = [shelf.offers[variant_id]] if variant_id in shelf.offers else []
    else:
        offers = [offer for offer in shelf.offers.values() if offer.product_id == product_id]
    offers = [
        offer
        for offer in offers
        if offer.problem in (None, MERCHANT_CLOSED) and product_id in (None, offer.product_id)
    ]
    if not offers:
        raise ProductNotFound
    offers.sort(key=lambda offer: (offer.position, offer.variant_id))
    enough = [offer for offer in offers if offer.most_available is None or offer.most_available >= quantity]
    return (enough or offers)[0]


def choose_modifiers(offer: Offer, modifier_ids: Sequence[int]) -> tuple[OfferModifier, ...]:
    """Raises ValidationFailed that says which question is answered wrongly."""
    picked = offer.pick_modifiers(modifier_ids)
    if picked is not None and len(set(modifier_ids)) == len(modifier_ids):
        return picked
    wanted = set(modifier_ids)
    problems = []
    for group in offer.modifier_groups:
        chosen = sum(modifier.is_active and modifier.id in wanted for modifier in group.modifiers)
        if not group.min_picks <= chosen <= group.max_picks:
            told = {"name": group.name, "least": group.min_picks, "most": group.max_picks}
            problems.append(_("%(name)s: choose from %(least)d to %(most)d.") % told)
    raise ValidationFailed(
        code="invalid_modifiers",
        details={"modifiers": problems or [_("This product has no such modifier.")]},
    )


def require_buyable(offer: Offer, quantity: int) -> None:
    """Raises MerchantClosed, ProductNotFound, NotEnoughLeft."""
    if offer.problem == MERCHANT_CLOSED:
        raise MerchantClosed
    if offer.problem is not None:
        raise ProductNotFound
    if offer.most_available is not None and offer.most_available < quantity:
        raise NotEnoughLeft(offer.most_available)


def _require_currency(offer: Offer, snapshot: CartSnapshot | None, shelf: Shelf) -> None:
    for line in snapshot.lines if snapshot else ():
        known = shelf.offers.get(line.variant_id)
        if (known.currency if known else line.seen_currency) != offer.currency:
            raise CurrencyMixed


def quantity_range() -> str:
    """What a quantity may be, in words."""
    return _("Must be from %(least)d to %(most)d.") % {"least": 1, "most": store.MOST_OF_A_LINE}
