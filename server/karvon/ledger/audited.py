"""What the audit log watches of the ledger."""

from karvon.audit.registry import exempt, record
from karvon.ledger.models import (
    Account,
    BankDetails,
    CommissionRule,
    Entry,
    Payout,
    PayoutBatch,
    Transaction,
)

_DETAILS = ("holder", "bank", "code", "number")

record(BankDetails, merchant="merchant", ignores=("changed_at",), masks=_DETAILS)
record(CommissionRule, merchant="merchant")
record(PayoutBatch)
record(Payout, merchant="merchant", masks=_DETAILS)

exempt(Account, "its balance follows its entries")
exempt(Transaction, "append-only itself, and tells what it was posted for")
exempt(Entry, "append-only itself")
