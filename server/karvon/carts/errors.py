from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from karvon.kernel.errors import Conflict, InsufficientStock, NotFound, ValidationFailed


class CartNotFound(NotFound):
    code = "cart_not_found"
    message = gettext_lazy("There is no such cart.")


class LineNotFound(NotFound):
    code = "cart_line_not_found"
    message = gettext_lazy("There is no such line in the cart.")


class ProductNotFound(NotFound):
    code = "product_not_found"
    message = gettext_lazy("There is no such product.")


class CurrencyMixed(Conflict):
    code = "currency_mixed"
    message = gettext_lazy("The cart holds goods in another currency. Order those first or empty the cart.")


class MerchantClosed(Conflict):
    code = "merchant_closed"
    message = gettext_lazy("The merchant does not take orders now.")


class TooManyLines(Conflict):
    code = "cart_full"
    message = gettext_lazy("The cart is full.")


class CouponRefused(ValidationFailed):
    """A coupon that could never apply for this shopper; `code` is the reason (`promotions.reasons`)."""


class NotEnoughLeft(InsufficientStock):
    """`left` units can still be added or set; `details` tells the shopper."""

    def __init__(self, left: int) -> None:
        self.left = max(left, 0)
        text = _("Only %(left)d left.") % {"left": self.left} if self.left else _("Sold out.")
        super().__init__(details={"quantity": [text], "available": [str(self.left)]})
