"""Every write of the ledger that somebody asks for; what follows from orders is posted by `ledger.handlers`."""

from karvon.ledger.services.banking import BankInput, set_bank_details
from karvon.ledger.services.making import BatchInput, make_batch
from karvon.ledger.services.opening import post_earlier_sales
from karvon.ledger.services.paying_out import (
    approve_batch,
    approve_payout,
    cancel_payout,
    mark_payout_failed,
    mark_payout_paid,
)
from karvon.ledger.services.ruling import RuleInput, create_rule, delete_rule, update_rule

__all__ = [
    "BankInput",
    "BatchInput",
    "RuleInput",
    "approve_batch",
    "approve_payout",
    "cancel_payout",
    "create_rule",
    "delete_rule",
    "make_batch",
    "mark_payout_failed",
    "mark_payout_paid",
    "post_earlier_sales",
    "set_bank_details",
    "update_rule",
]
