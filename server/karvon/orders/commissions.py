"""What the platform takes of a sale. Which terms apply is known by a room above; it registers a finder when the server starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from karvon.kernel.money import round_amount

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Selling:
    """What is about to be sold. `category_path` holds the category and all above it, root first."""

    merchant_id: int
    category_path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """A percentage of what the merchant earns, and an amount for each unit."""

    percent: Decimal = Decimal(0)
    fixed: Decimal = Decimal(0)

    def commission(self, base: Decimal, quantity: int, currency: str) -> Decimal:
        """Never more than the base."""
        return min(round_amount(base * self.percent / HUNDRED + self.fixed * quantity, currency), base)


FREE = Terms()
Finder = Callable[[Sequence[Selling], str, datetime], Sequence[Terms]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Let `finder(sellings, currency, now)` say the terms of each, in their order. It may ask the database once."""
    _finders[:] = [finder]


def find_terms(sellings: Sequence[Selling], *, currency: str, now: datetime) -> Sequence[Terms]:
    """The terms of each; nothing is taken where nobody knows any."""
    if not _finders or not sellings:
        return [FREE] * len(sellings)
    return _finders[0](sellings, currency, now)
