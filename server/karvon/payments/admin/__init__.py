"""Payments in the back office."""

from karvon.payments.admin.reconciliation import DifferenceAdmin, ReconciliationRunAdmin

__all__ = ["DifferenceAdmin", "ReconciliationRunAdmin"]
