"""Amounts and times as people read them, in their language."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language

from karvon.kernel.languages import DEFAULT_LANGUAGE, RIGHT_TO_LEFT
from karvon.kernel.money import round_amount

_FRACTION = re.compile(r"\.0+")
_CODE_BEFORE_NUMBER = re.compile(r"(?<=[^\W\d_])(?=\d)")
DATE_AND_TIME = "d MMMM y, HH:mm"


def format_amount(amount: Decimal, currency: str, language: str) -> str:
    """`Decimal("145000"), "UZS", "uz"` → "145 000,00 soʻm"."""
    return _space_code(format_currency(round_amount(amount, currency), currency, locale=language))


def format_whole_amount(amount: Decimal, currency: str, language: str) -> str:
    """As `format_amount` without the fraction, for figures that are read at a glance."""
    pattern = Locale.parse(language).currency_formats["standard"].pattern
    return _space_code(
        format_currency(
            amount, currency, format=_FRACTION.sub("", pattern), locale=language, currency_digits=False
        )
    )


def _space_code(text: str) -> str:
    """ "UZS145,000" → "UZS 145,000": a sign such as $ stands close, letters do not."""
    return _CODE_BEFORE_NUMBER.sub("\u00a0", text)


def show_amount(amount: Decimal, currency: str) -> str:
    """An amount in the active language, without a fraction where it has none."""
    language = (get_language() or DEFAULT_LANGUAGE).partition("-")[0]
    is_whole = amount == amount.to_integral_value()
    return (format_whole_amount if is_whole else format_amount)(amount, currency, language)


def show_number(number: Decimal) -> str:
    """A bare amount in the active language: "12 000,5"."""
    language = (get_language() or DEFAULT_LANGUAGE).partition("-")[0]
    return format_decimal(number, format="#,##0.###", locale=language)


def plain_number(number: Decimal) -> str:
    """ "12000.500" → "12000.5": as many places as say something."""
    return f"{number.normalize():f}"


def format_moment(moment: datetime, *, timezone: str, language: str) -> str:
    """As `format_time`, as short as a table needs it."""
    return format_datetime(moment.astimezone(ZoneInfo(timezone)), "d MMM, HH:mm", locale=language)


def format_time(moment: datetime, *, timezone: str, language: str) -> str:
    """The clock at the shop, not at the server."""
    return format_datetime(moment.astimezone(ZoneInfo(timezone)), DATE_AND_TIME, locale=language)


def direction_of(language: str) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
