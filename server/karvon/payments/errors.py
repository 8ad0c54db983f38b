"""What this room refuses. What providers are answered is each provider's own (`payments.providers`)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from karvon.kernel.errors import Conflict, DependencyDown, NotFound, ProviderError, ValidationFailed


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    message = _("There is no such payment.")


class RefundNotFound(NotFound):
    code = "refund_not_found"
    message = _("There is no such refund.")


class DifferenceNotFound(NotFound):
    code = "difference_not_found"
    message = _("There is no such difference.")


class ProviderAccountNotFound(NotFound):
    code = "provider_account_not_found"
    message = _("There is no such provider account.")


class ProviderUnknown(NotFound):
    code = "provider_unknown"
    message = _("There is no such provider.")


class ProviderUnavailable(DependencyDown):
    """Not connected, or it does not answer. Nothing was changed that is not put right by trying again."""

    code = "provider_unavailable"
    message = _("This way of paying is not available right now. Please choose another or try again.")
    retry_after = 30


class ProviderRefused(ProviderError):
    """The provider answered, and said no."""

    code = "provider_refused"
    message = _("The payment provider refused this.")


class CurrencyNotSupported(Conflict):
    code = "currency_not_supported"
    message = _("This way of paying does not take the order's currency.")


class AmountOutOfRange(Conflict):
    code = "amount_out_of_range"
    message = _("This way of paying does not take an amount like this.")


class AmountMismatch(Conflict):
    """The amount or currency that a provider names is not the order's."""

    code = "amount_mismatch"
    message = _("The amount is not that of the order.")


class ChargeNotNeeded(Conflict):
    """The order has no use for this money: it is paid, or called off, or expired and its goods are gone."""

    code = "charge_not_needed"
    message = _("This order does not wait for a payment.")


class AlreadyPaid(Conflict):
    code = "already_paid"
    message = _("This order is paid already.")


class OrderCalledOff(Conflict):
    code = "order_called_off"
    message = _("This order was called off.")


class AttemptUnderway(Conflict):
    """Another transaction of the same provider lives on this order."""

    code = "attempt_underway"
    message = _("Another payment of this order is under way.")


class AttemptNotFound(NotFound):
    code = "attempt_not_found"
    message = _("There is no such transaction.")


class AttemptOver(Conflict):
    """The transaction was cancelled, failed or ran out of time."""

    code = "attempt_over"
    message = _("This transaction is over.")


class NotRefundable(Conflict):
    code = "not_refundable"
    message = _("There is not that much of this payment left to refund.")


class NotByHand(Conflict):
    code = "not_by_hand"
    message = _("Only the provider can say that this payment is paid.")


class ReferenceTaken(Conflict):
    """A line of the bank's statement is booked once."""

    code = "reference_taken"
    message = _("This reference is that of another payment already.")


class SignatureInvalid(ValidationFailed):
    code = "signature_invalid"
    message = _("The signature of this message is not right.")


class SecretsInvalid(ValidationFailed):
    code = "secrets_invalid"
    message = _("The provider's account is not described rightly.")
