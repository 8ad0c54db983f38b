"""Amounts and times as people read them, in their language."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency

from karvon.kernel.money import round_amount

RIGHT_TO_LEFT = frozenset({"ar"})
DATE_AND_TIME = "d MMMM y, HH:mm"


def format_amount(amount: Decimal, currency: str, language: str) -> str:
    """`Decimal("145000"), "UZS", "uz"` → "145 000,00 soʻm"."""
    return format_currency(round_amount(amount, currency), currency, locale=language)


def format_time(moment: datetime, *, timezone: str, language: str) -> str:
    """The clock at the shop, not at the server."""
    return format_datetime(moment.astimezone(ZoneInfo(timezone)), DATE_AND_TIME, locale=language)


def direction_of(language: str) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
