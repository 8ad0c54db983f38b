"""What this room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, InvalidTransition, NotFound


class OrderNotFound(NotFound):
    code = "order_not_found"
    message = _("There is no such order.")


class CartIsEmpty(Conflict):
    code = "cart_empty"
    message = _("There is nothing in the cart.")


class LinesUnavailable(Conflict):
    code = "lines_unavailable"
    message = _("Some things in the cart cannot be bought right now.")


class PriceChanged(Conflict):
    code = "price_changed"
    message = _("The total has changed. Please look at it again.")


class BelowMinimumOrder(Conflict):
    code = "below_minimum_order"
    message = _("The order is below the branch's minimum.")


class CartAlreadyOrdered(Conflict):
    code = "cart_already_ordered"
    message = _("This cart has become an order already.")


class NotPayable(Conflict):
    code = "not_payable"
    message = _("This order does not wait for a payment.")


class TooLateToCancel(InvalidTransition):
    message = _("The shop has begun with this order already.")


class ProductOrdered(Conflict):
    code = "product_ordered"
    message = _("This product has been ordered and cannot be deleted. Take it off the shelves instead.")


class NothingToCancel(Conflict):
    code = "nothing_to_cancel"
    message = _("There are not that many units left to cancel.")


class NothingToRefund(Conflict):
    code = "nothing_to_refund"
    message = _("There is nothing to refund for this order.")
