"""What shoppers do with carts. Every verb answers the whole cart, priced as of now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from karvon.carts import checkpoints, store
from karvon.carts.errors import (
    CartNotFound,
    CouponRefused,
    CurrencyMixed,
    LineNotFound,
    MerchantClosed,
    NotEnoughLeft,
    ProductNotFound,
)
from karvon.carts.lines import DELIVERY, PICKUP, CartLine, CartSnapshot, line_id_of, to_ms
from karvon.carts.offers import MERCHANT_CLOSED, Offer, OfferModifier, Shelf, load_shelf
from karvon.carts.owner import CartOwner
from karvon.carts.quoting import CartQuote, price_snapshot
from karvon.kernel import clock
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.languages import DEFAULT_LANGUAGE
from karvon.promotions.reasons import DEAD_REASONS, tell_reason
from karvon.promotions.selectors import list_rules

if TYPE_CHECKING:
    from karvon.accounts.models import User

LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart as it is shown: what Redis remembers, and today's prices for it.

    `snapshot` is None while the shopper has none; `owner` is under whom to go on.
    """

    owner: CartOwner
    snapshot: CartSnapshot | None
    quote: CartQuote | None


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
    return _shown(
        state.owner, state.snapshot, language=language, delivery_type=delivery_type, branch_id=branch_id
    )


def create_cart(owner: CartOwner, *, language: str = DEFAULT_LANGUAGE) -> Cart:
    """The shopper's cart, made if there is none yet."""
    state = store.read(owner)
    found = state.snapshot or store.create(state.owner)
    return _shown(state.owner, found, language=language)


def add_line(
    owner: CartOwner,
    *,
    variant_id: int | None = None,
    product_id: int | None = None,
    quantity: int = 1,
    modifier_ids: Sequence[int] = (),
    language: str = DEFAULT_LANGUAGE,
) -> Cart:
    """Put units of a variant into the cart; with `product_id`, of its first variant that has enough.

    The same variant with the same modifiers adds up. One query.

    Raises ProductNotFound, ValidationFailed (quantity, modifiers), NotEnoughLeft, MerchantClosed, CurrencyMixed,
    TooManyLines (409).
    """
    if not 1 <= quantity <= store.MOST_OF_A_LINE:
        raise ValidationFailed(details={"quantity": [_quantity_range()]})
    state = store.read(owner)
    shelf = _load(
        state.snapshot,
        owner,
        language=language,
        variant_ids=() if variant_id is None else (variant_id,),
        product_ids=() if product_id is None or variant_id is not None else (product_id,),
        modifier_ids=modifier_ids,
    )
    offer = _choose_offer(shelf, variant_id, product_id, quantity)
    modifiers = _choose_modifiers(offer, modifier_ids)
    _require_buyable(offer, quantity)
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
    changed = store.add(state.owner, line, cap=offer.most_available)
    return _shown(state.owner, changed, language=language, shelf=shelf)


def set_line_quantity(
    owner: CartOwner, *, line_id: int, quantity: int, language: str = DEFAULT_LANGUAGE
) -> Cart:
    """Set the units of a line; 0 removes it. The shopper has then seen today's price. One query.

    Raises LineNotFound, NotEnoughLeft (409), ValidationFailed.
    """
    if not 0 <= quantity <= store.MOST_OF_A_LINE:
        raise ValidationFailed(details={"quantity": [_quantity_range()]})
    if quantity == 0:
        return remove_line(owner, line_id=line_id, language=language)
    state = store.read(owner)
    line = state.snapshot.find_line(line_id) if state.snapshot else None
    if line is None:
        raise LineNotFound
    shelf = _load(state.snapshot, owner, language=language)
    offer = shelf.offers.get(line.variant_id)
    if offer is None:
        raise ProductNotFound
    _require_buyable(offer, quantity)
    modifiers = offer.pick_modifiers(line.modifier_ids)
    if modifiers is not None:
        line = replace(line, seen_price=offer.unit_price(modifiers), seen_currency=offer.currency)
    changed = store.set_quantity(state.owner, line, quantity, cap=offer.most_available)
    return _shown(state.owner, changed, language=language, shelf=shelf)


def remove_line(owner: CartOwner, *, line_id: int, language: str = DEFAULT_LANGUAGE) -> Cart:
    """Take a line out, whatever has become of its product. Raises LineNotFound."""
    return _shown(owner, store.remove(owner, line_id), language=language)


def clear_cart(owner: CartOwner, *, language: str = DEFAULT_LANGUAGE) -> Cart:
    """Take everything out. A shopper without a cart keeps having none."""
    state = store.read(owner)
    if state.snapshot is None:
        return _shown(state.owner, None, language=language)
    return _shown(state.owner, store.clear(state.owner), language=language)


def set_delivery_type(owner: CartOwner, *, delivery_type: str, language: str = DEFAULT_LANGUAGE) -> Cart:
    """Choose delivery or pickup; fees follow. Raises ValidationFailed."""
    if delivery_type not in (DELIVERY, PICKUP):
        raise ValidationFailed(details={"delivery_type": [_("Choose delivery or pickup.")]})
    return _change_field(owner, "d", lambda _: delivery_type, language=language)


def apply_coupon(owner: CartOwner, *, code: str, language: str = DEFAULT_LANGUAGE) -> Cart:
    """Enter a coupon. One that only waits for a fuller cart is kept, and the cart tells why it does nothing
    yet.

    Raises CouponRefused (400, `code` is the reason) when there is no such coupon or it may not be used (any
    more).
    """
    code = code.strip()
    if not 1 <= len(code) <= LONGEST_CODE or not code.isprintable():
        raise _refusal("coupon_not_found")

    def check(shelf: Shelf) -> str:
        rule = next((rule for rule in shelf.rules if rule.code and rule.code.upper() == code.upper()), None)
        if rule is None or rule.code is None or rule.problem in DEAD_REASONS:
            raise _refusal(rule.problem if rule and rule.problem else "coupon_not_found")
        return rule.code

    return _change_field(owner, "k", check, language=language, code=code)


def remove_coupon(owner: CartOwner, *, language: str = DEFAULT_LANGUAGE) -> Cart:
    """Take the coupon out."""
    return _change_field(owner, "k", lambda _: "", language=language)


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
        return _shown(state.owner, state.snapshot, language=language)
    shelf = _load(
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
        return _shown(owner, store.read(owner).snapshot, language=language, shelf=shelf)
    changed, version = merged
    checkpoints.consume_checkpoint(guest_cart_id, version)
    return _shown(owner, changed, language=language, shelf=shelf)


def _cap(offer: Offer | None) -> int | None:
    return 0 if offer is None else offer.most_available


def _load(
    snapshot: CartSnapshot | None,
    owner: CartOwner,
    *,
    language: str,
    variant_ids: Sequence[int] | set[int] = (),
    product_ids: Sequence[int] = (),
    modifier_ids: Sequence[int] | set[int] = (),
    code: str | None = None,
) -> Shelf:
    """Offers for all lines of the cart and what else is asked, with the rules for them: one query."""
    variants = (snapshot.variant_ids if snapshot else set()) | set(variant_ids)
    if code and not variants:
        key, now = owner.customer_key, clock.now()
        rules = list_rules(code=code, merchant_ids=(), now=now, customer_key=key, language=language)
        return Shelf({}, tuple(rules))
    return load_shelf(
        variants,
        (snapshot.modifier_ids if snapshot else set()) | set(modifier_ids),
        language=language,
        product_ids=product_ids,
        code=code or (snapshot.coupon if snapshot else None),
        customer_key=owner.customer_key,
    )


def _shown(
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
    if shelf is None or not _covers(shelf, snapshot):
        shelf = _load(snapshot, owner, language=language)
    quote = price_snapshot(
        snapshot, shelf.offers, rules=shelf.rules, delivery_type=delivery_type, branch_id=branch_id
    )
    return Cart(owner, snapshot, quote)


def _covers(shelf: Shelf, snapshot: CartSnapshot) -> bool:
    known = {rule.code.upper() for rule in shelf.rules if rule.code}
    coupon_known = snapshot.coupon is None or snapshot.coupon.upper() in known
    return coupon_known and snapshot.variant_ids <= shelf.offers.keys()


def _choose_offer(shelf: Shelf, variant_id: int | None, product_id: int | None, quantity: int) -> Offer:
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


def _choose_modifiers(offer: Offer, modifier_ids: Sequence[int]) -> tuple[OfferModifier, ...]:
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


def _require_buyable(offer: Offer, quantity: int) -> None:
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


def _change_field(
    owner: CartOwner,
    field: str,
    choose: Callable[[Shelf], str],
    *,
    language: str,
    code: str | None = None,
) -> Cart:
    state = store.read(owner)
    shelf = _load(state.snapshot, owner, language=language, code=code)
    changed = store.set_field(state.owner, field, choose(shelf))
    return _shown(state.owner, changed, language=language, shelf=shelf)


def _refusal(reason: str) -> CouponRefused:
    message = tell_reason(reason)
    return CouponRefused(message, code=reason, details={"code": [message]})


def _quantity_range() -> str:
    return _("Must be from %(least)d to %(most)d.") % {"least": 1, "most": store.MOST_OF_A_LINE}
