"""Back-office pages of money: the books to look at, commission, payouts and where they go."""

from karvon.ledger.admin.banking import BankDetailsAdmin
from karvon.ledger.admin.books import AccountAdmin, TransactionAdmin
from karvon.ledger.admin.commission import CommissionRuleAdmin
from karvon.ledger.admin.payouts import PayoutAdmin, PayoutBatchAdmin

__all__ = [
    "AccountAdmin",
    "BankDetailsAdmin",
    "CommissionRuleAdmin",
    "PayoutAdmin",
    "PayoutBatchAdmin",
    "TransactionAdmin",
]
