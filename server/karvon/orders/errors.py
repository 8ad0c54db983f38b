"""What this room refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

<<<<<<< HEAD
from karvon.kernel.errors import Conflict, DependencyDown, InvalidTransition, NotFound, ValidationFailed
=======
from karvon.kernel.errors import Conflict, DependencyDown, NotFound, ValidationFailed
>>>>>>> 59b094f (Open the storefront door: UUID carts, collections, payment letters and memberships)


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


class PaymentProviderUnavailable(DependencyDown):
    code = "provider_unavailable"
    message = _("This way of paying is not available here.")
    retry_after = 3600


class SignatureInvalid(ValidationFailed):
    code = "signature_invalid"
    message = _("The signature of this message is not right.")


class NotPayable(Conflict):
    code = "not_payable"
    message = _("This order does not wait for a payment.")


<<<<<<< HEAD
class TooLateToCancel(InvalidTransition):
    message = _("The shop has begun with this order already.")
=======
class PaymentProviderUnavailable(DependencyDown):
    """No provider is connected that could take this payment."""

    code = "payment_provider_unavailable"
    message = _("Online payment is not available right now. Please choose another way to pay.")
    retry_after = 60


class PaymentSignatureInvalid(ValidationFailed):
    code = "invalid_signature"
    message = _("The signature of this payment is not right.")


class ProductOrdered(Conflict):
    code = "product_ordered"
    message = _("This product has been ordered and cannot be deleted. Take it off the shelves instead.")
>>>>>>> 59b094f (Open the storefront door: UUID carts, collections, payment letters and memberships)


class NothingToCancel(Conflict):
    code = "nothing_to_cancel"
    message = _("There are not that many units left to cancel.")


class NothingToRefund(Conflict):
    code = "nothing_to_refund"
    message = _("There is nothing to refund for this order.")
