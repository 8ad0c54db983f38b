"""What this room announces to the floors above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class MerchantChanged(DomainEvent):
    """Something that shop windows show or depend on: name, username, logo, language, tax rate or state."""

    TYPE: ClassVar[str] = "merchants.merchant_changed"

    merchant_id: int


@dataclass(frozen=True)
class BranchChanged(DomainEvent):
    """A branch was opened, closed, or became the default: what is in stock where may have changed."""

    TYPE: ClassVar[str] = "merchants.branch_changed"

    branch_id: int
    merchant_id: int
