"""What this room announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class PayoutChanged(DomainEvent):
    """A payout was made (`from_state` is empty), approved, paid, cancelled, or did not arrive."""

    TYPE: ClassVar[str] = "ledger.payout_changed"

    payout_id: int
    merchant_id: int
    from_state: str
    to_state: str


@dataclass(frozen=True)
class BankDetailsSet(DomainEvent):
    """A merchant's payouts go somewhere else from now on."""

    TYPE: ClassVar[str] = "ledger.bank_details_set"

    merchant_id: int
