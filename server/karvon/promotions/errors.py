from __future__ import annotations

from django.utils.translation import gettext_lazy

from karvon.kernel.errors import Conflict


class CouponExhausted(Conflict):
    """All uses of a promotion are gone."""

    code = "coupon_exhausted"
    message = gettext_lazy("This coupon has been used up.")


class CouponUsedUp(Conflict):
    """This customer has used a promotion as often as is allowed."""

    code = "coupon_used_up"
    message = gettext_lazy("You have already used this coupon.")


class PromotionInUse(Conflict):
    """Orders refer to the promotion: it can be ended, not removed."""

    code = "promotion_in_use"
    message = gettext_lazy("Orders have used this promotion. Deactivate it instead.")


class CodeTaken(Conflict):
    code = "coupon_code_taken"
    message = gettext_lazy("Another promotion has this coupon code.")
