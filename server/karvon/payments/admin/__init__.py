"""Payments in the back office."""

from karvon.payments.admin.accounts import ProviderAccountAdmin
from karvon.payments.admin.events import ProviderEventAdmin
from karvon.payments.admin.payments import PaymentAdmin
from karvon.payments.admin.reconciliation import DifferenceAdmin, ReconciliationRunAdmin
from karvon.payments.admin.refunds import RefundAdmin

__all__ = [
    "DifferenceAdmin",
    "PaymentAdmin",
    "ProviderAccountAdmin",
    "ProviderEventAdmin",
    "ReconciliationRunAdmin",
    "RefundAdmin",
]
