"""How the whole cart is handed over, and its coupon."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from karvon.carts import store
from karvon.carts.errors import CouponRefused
from karvon.carts.lines import DELIVERY, PICKUP
from karvon.carts.offers import Shelf
from karvon.carts.owner import CartOwner
from karvon.carts.services.showing import Cart, load_for, show_cart
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.languages import DEFAULT_LANGUAGE
from karvon.promotions.reasons import DEAD_REASONS, tell_reason

LONGEST_CODE = 40


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


def _change_field(
    owner: CartOwner,
    field: str,
    choose: Callable[[Shelf], str],
    *,
    language: str,
    code: str | None = None,
) -> Cart:
    state = store.read(owner)
    shelf = load_for(state.snapshot, owner, language=language, code=code)
    changed = store.set_field(state.owner, field, choose(shelf))
    return show_cart(state.owner, changed, language=language, shelf=shelf)


def _refusal(reason: str) -> CouponRefused:
    message = tell_reason(reason)
    return CouponRefused(message, code=reason, details={"code": [message]})
