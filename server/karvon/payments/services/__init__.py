"""Every write of payments that somebody asks for."""

from karvon.payments.services.asking import ask_provider, confirm_return
from karvon.payments.services.beginning import begin_as_placed, begin_payment, begin_payment_of
from karvon.payments.services.configuring import check_account, rotate_secrets, save_account
from karvon.payments.services.offline import confirm_by_hand, note_given_back, record_handover
from karvon.payments.services.receiving import receive_callback
from karvon.payments.services.reconciling import (
    ask_about_open,
    compare_day,
    compare_days,
    settle_difference,
)
from karvon.payments.services.refunding import (
    close_refund,
    refund_order,
    refund_payment,
    send_due_refunds,
    send_refund,
)
from karvon.payments.services.sweeping import (
    close_at_provider,
    expire_attempts,
    expire_payments_of,
    purge_events,
)

__all__ = [
    "ask_about_open",
    "ask_provider",
    "begin_as_placed",
    "begin_payment",
    "begin_payment_of",
    "check_account",
    "close_at_provider",
    "close_refund",
    "compare_day",
    "compare_days",
    "confirm_by_hand",
    "confirm_return",
    "expire_attempts",
    "expire_payments_of",
    "note_given_back",
    "purge_events",
    "receive_callback",
    "record_handover",
    "refund_order",
    "refund_payment",
    "rotate_secrets",
    "save_account",
    "send_due_refunds",
    "send_refund",
    "settle_difference",
]
