"""Money on its way from customers and back: payments, the tries that were made, what providers told, and refunds."""

from karvon.payments.models.account import ProviderAccount
from karvon.payments.models.event import EventOutcome, ProviderEvent
from karvon.payments.models.payment import AttemptState, Payment, PaymentAttempt, PaymentStatus
from karvon.payments.models.reconciliation import Difference, DifferenceKind, ReconciliationRun
from karvon.payments.models.refund import Refund, RefundReason, RefundState

__all__ = [
    "AttemptState",
    "Difference",
    "DifferenceKind",
    "EventOutcome",
    "Payment",
    "PaymentAttempt",
    "PaymentStatus",
    "ProviderAccount",
    "ProviderEvent",
    "ReconciliationRun",
    "Refund",
    "RefundReason",
    "RefundState",
]
