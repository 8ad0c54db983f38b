"""Reading a cart, and showing it as of now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from karvon.carts import store
from karvon.carts.errors import CartNotFound
from karvon.carts.lines import CartSnapshot
from karvon.carts.offers import Shelf, load_shelf
from karvon.carts.owner import CartOwner
from karvon.carts.quoting import CartQuote, price_snapshot
from karvon.kernel import clock
from karvon.kernel.languages import DEFAULT_LANGUAGE
from karvon.promotions.selectors import list_rules


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart as it is shown: what Redis remembers, and today's prices for it.

    `snapshot` is None while the shopper has none; `owner` is under whom to go on; `touched` is the line that something
    was just put into.
    """

    owner: CartOwner
    snapshot: CartSnapshot | None
    quote: CartQuote | None
    touched: int | None = None


def get_cart(
    owner: CartOwner,
    *,
    language: str = DEFAULT_LANGUAGE,
    delivery_type: str | None = None,
    branch_id: int | None = None,
) -> Cart:
    """The cart with live prices: at most one query, none for an empty one.

    Raises CartNotFound for a guest who names a customer's cart, DependencyDown when Redis does not answer.
    """
    state = store.read(owner)
    return show_cart(
        state.owner, state.snapshot, language=language, delivery_type=delivery_type, branch_id=branch_id
    )


def get_known_cart(
    owner: CartOwner, *, language: str = DEFAULT_LANGUAGE, delivery_type: str | None = None
) -> Cart:
    """As `get_cart`, for a cart that must be there. Raises CartNotFound."""
    cart = get_cart(owner, language=language, delivery_type=delivery_type)
    if cart.snapshot is None:
        raise CartNotFound
    return cart


def create_cart(owner: CartOwner, *, language: str = DEFAULT_LANGUAGE) -> Cart:
    """The shopper's cart, made if there is none yet."""
    state = store.read(owner)
    found = state.snapshot or store.create(state.owner)
    return show_cart(state.owner, found, language=language)


def load_for(
    snapshot: CartSnapshot | None,
    owner: CartOwner,
    *,
    language: str,
    variant_ids: Iterable[int] = (),
    product_ids: Iterable[int] = (),
    modifier_ids: Iterable[int] = (),
    code: str | None = None,
) -> Shelf:
    """Offers for all lines of the cart and what else is asked, with the rules for them: one query."""
    variants = (snapshot.variant_ids if snapshot else set()) | set(variant_ids)
    if code and not variants:
        key, now = owner.customer_key, clock.now()
        rules = list_rules(code=code, merchant_ids=(), now=now, customer_key=key, language=language)
        return Shelf({}, tuple(rules), code=code)
    return load_shelf(
        variants,
        (snapshot.modifier_ids if snapshot else set()) | set(modifier_ids),
        language=language,
        product_ids=product_ids,
        code=code or (snapshot.coupon if snapshot else None),
        customer_key=owner.customer_key,
    )


def show_cart(
    owner: CartOwner,
    snapshot: CartSnapshot | None,
    *,
    language: str,
    shelf: Shelf | None = None,
    delivery_type: str | None = None,
    branch_id: int | None = None,
) -> Cart:
    """The cart priced with `shelf`, read anew where it does not cover the cart (another device was
    faster).
    """
    if snapshot is None:
        return Cart(owner, None, None)
    if owner.is_guest:
        owner = CartOwner(cart_id=snapshot.cart_id)
    if shelf is None or not shelf.covers(snapshot):
        shelf = load_for(snapshot, owner, language=language)
    quote = price_snapshot(
        snapshot, shelf.offers, rules=shelf.rules, delivery_type=delivery_type, branch_id=branch_id
    )
    return Cart(owner, snapshot, quote)
