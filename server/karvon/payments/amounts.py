"""Amounts as providers write them. Exact: what does not fit is refused, never rounded."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from karvon.kernel.money import exponent_of
from karvon.payments.errors import AmountMismatch


def to_units(amount: Decimal, currency: str) -> int:
    """Whole minor units (tiyin, cents, paise; yen are whole themselves). Raises AmountMismatch for a part of one."""
    units = amount.scaleb(exponent_of(currency))
    if units != units.to_integral_value():
        raise AmountMismatch
    return int(units)


def from_units(units: int, currency: str) -> Decimal:
    """The amount of so many minor units."""
    return Decimal(units).scaleb(-exponent_of(currency))


def to_text(amount: Decimal, currency: str) -> str:
    """With as many places as the currency has: "12.34", "500". Raises AmountMismatch for a part of a minor unit."""
    return f"{from_units(to_units(amount, currency), currency):.{exponent_of(currency)}f}"


def show(amount: Decimal, currency: str) -> str:
    """For a person who compares: "12.34 USD", with every place that says something."""
    places = max(exponent_of(currency), -int(amount.normalize().as_tuple().exponent))
    return f"{amount:.{places}f} {currency}"


def read_amount(text: str) -> Decimal:
    """A plain decimal number ("1000", "1000.0"). Raises AmountMismatch for whatever else stands there, `1e3` and NaN too."""
    if not text or not text.isascii() or text.strip("0123456789.") or text.count(".") > 1 or len(text) > 24:
        raise AmountMismatch
    try:
        return Decimal(text)
    except InvalidOperation:
        raise AmountMismatch from None
