"""Amounts of money: exact, with their currency, rounded by one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import total_ordering
from typing import Any

# ISO 4217: currencies whose minor unit is not a hundredth
EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
                     "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}  # fmt: skip


def exponent_of(currency: str) -> int:
    """How many decimal places the currency has."""
    return EXPONENTS.get(currency, 2)


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """The one rounding rule: half up, to the currency's minor unit."""
    rounded = amount.quantize(Decimal(1).scaleb(-exponent_of(currency)), ROUND_HALF_UP)
    return rounded or abs(rounded)  # there is no "-0.00" in a shop


def money_json(amount: Decimal) -> str:
    """An amount as the contracts show it: a decimal string with at least two places ("45000.00")."""
    whole, _, fraction = format(Decimal(amount), "f").partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


@total_ordering
@dataclass(frozen=True)
class Money:
    """An amount in one currency. Mixing currencies, NaN and infinity raise ValueError."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise ValueError("an amount of money is a finite number")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(Decimal(0), currency)

    @classmethod
    def from_minor(cls, units: int, currency: str) -> Money:
        """From whole minor units (tiyin, cents)."""
        return cls(Decimal(units).scaleb(-exponent_of(currency)), currency)

    def to_minor(self) -> int:
        """Whole minor units, rounded."""
        return int(self.rounded().amount.scaleb(exponent_of(self.currency)))

    def rounded(self) -> Money:
        return Money(round_amount(self.amount, self.currency), self.currency)

    def to_json(self) -> str:
        return money_json(self.amount)

    def allocate(self, weights: Sequence[int | Decimal]) -> list[Money]:
        """Split by weights without losing a minor unit (largest remainder; ties go to the earlier share).

        Equal shares when all weights are zero. Raises ValueError for no or negative weights.
        """
        if not weights or any(weight < 0 for weight in weights):
            raise ValueError("weights must be there and not negative")
        total_weight = sum(Decimal(weight) for weight in weights)
        shares = [Decimal(weight) for weight in weights] if total_weight else [Decimal(1)] * len(weights)
        divisor = total_weight or Decimal(len(weights))
        units = self.to_minor()
        sign = -1 if units < 0 else 1
        exact = [abs(units) * share / divisor for share in shares]
        whole = [int(part) for part in exact]
        by_remainder = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
        for index in by_remainder[: abs(units) - sum(whole)]:
            whole[index] += 1
        return [Money.from_minor(sign * part, self.currency) for part in whole]

    def _same(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: int | Decimal) -> Money:
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.amount < self._same(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.to_json()} {self.currency}"
