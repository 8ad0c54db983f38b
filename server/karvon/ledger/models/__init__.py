"""Whose money it is: accounts and what moved between them, the terms of commission, and payouts to merchants."""

from karvon.ledger.models.book import Account, AccountKind, Entry, EntryLine, Transaction, TransactionKind
from karvon.ledger.models.commission import CommissionRule
from karvon.ledger.models.payout import BankDetails, Payout, PayoutBatch, PayoutState

__all__ = [
    "Account",
    "AccountKind",
    "BankDetails",
    "CommissionRule",
    "Entry",
    "EntryLine",
    "Payout",
    "PayoutBatch",
    "PayoutState",
    "Transaction",
    "TransactionKind",
]
