"""What this door says with a letter."""

from __future__ import annotations

from types import MappingProxyType

from karvon.accounts.models import Membership
from karvon.orders.models import PaymentState

PENDING, COMPLETE, FAILED = "P", "C", "F"
PAYMENT_LETTERS = MappingProxyType(
    {
        PaymentState.PENDING: PENDING,
        PaymentState.FAILED: FAILED,
        PaymentState.EXPIRED: FAILED,
        # what was paid once; what is given back of it is told elsewhere
        PaymentState.PAID: COMPLETE,
        PaymentState.REFUND_DUE: COMPLETE,
        PaymentState.PARTIALLY_REFUNDED: COMPLETE,
        PaymentState.REFUNDED: COMPLETE,
    }
)
PAYMENT_STATES = MappingProxyType(
    {PENDING: PaymentState.PENDING, COMPLETE: PaymentState.PAID, FAILED: PaymentState.FAILED}
)
MEMBERSHIP_LETTERS = MappingProxyType({Membership.BRONZE: "B", Membership.SILVER: "S", Membership.GOLD: "G"})
MEMBERSHIPS = MappingProxyType({letter: name for name, letter in MEMBERSHIP_LETTERS.items()})
