"""Why a coupon does nothing for a cart, told to the shopper."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from karvon.kernel.money import money_json

REASONS = {
    "coupon_not_found": gettext_lazy("There is no such coupon."),
    "coupon_not_started": gettext_lazy("This coupon is not valid yet."),
    "coupon_expired": gettext_lazy("This coupon has expired."),
    "coupon_exhausted": gettext_lazy("This coupon has been used up."),
    "coupon_used_up": gettext_lazy("You have already used this coupon."),
    "no_matching_items": gettext_lazy("Nothing in the cart is covered by this coupon."),
    "currency_mismatch": gettext_lazy("This coupon is for another currency."),
    "coupon_not_combinable": gettext_lazy(
        "The cart already has a better offer that this coupon does not add to."
    ),
}

# a coupon that could never have been meant for this shopper is refused, not kept in the cart
DEAD_REASONS = frozenset(
    {"coupon_not_found", "coupon_not_started", "coupon_expired", "coupon_exhausted", "coupon_used_up"}
)


def tell_reason(reason: str, *, missing: Decimal | None = None, currency: str = "") -> str:
    """The sentence for a reason code in the active language."""
    if reason == "minimum_not_reached":
        amount = f"{money_json(missing or Decimal(0))} {currency}".strip()
        return _("Add %(amount)s more to use this coupon.") % {"amount": amount}
    return str(REASONS[reason])
