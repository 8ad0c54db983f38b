from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from karvon.kernel.events import DomainEvent


@dataclass(frozen=True)
class StockLow(DomainEvent):
    """The units for sale of a level fell to its threshold; announced once per crossing."""

    TYPE: ClassVar[str] = "inventory.stock_low"

    level_id: int
    variant_id: int
    branch_id: int
    merchant_id: int
    available: int
    threshold: int
