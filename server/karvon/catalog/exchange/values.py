"""Cells into values.

Every problem of a product's rows is collected, so that a merchant sees them all at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import orjson
from django.utils.translation import gettext as _

from karvon.catalog.exchange.rows import ProductRefused, Refusal, Row
from karvon.kernel.money import exponent_of

# digits in groups of three parted by blanks, a dot or a comma before at most three decimals
_PLAIN: Final = re.compile(r"\d{1,12}(?:[.,]\d{1,6})?")
_SPACED: Final = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d{1,6})?")
_ENGLISH: Final = re.compile(r"\d{1,3}(?:,\d{3})+\.\d{1,6}")
_BLANKS: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
_TRUE: Final = frozenset({"1", "true", "yes", "y", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "n", "off", "-1"})
LARGEST_AMOUNT: Final = Decimal(10) ** 11
LARGEST_COUNT: Final = 2_000_000_000


class Problems:
    """What is wrong with the rows of one product."""

    def __init__(self, identifier: str = "") -> None:
        self.identifier = identifier
        self.found: list[Refusal] = []

    def add(self, line: int, column: str, message: str) -> None:
        self.found.append(Refusal(line, column, message, self.identifier))

    def raise_if_any(self) -> None:
        if self.found:
            raise ProductRefused(self.found)


class Cells:
    """One row's cells as values; problems go to the collection and a harmless value comes back."""

    def __init__(self, row: Row, problems: Problems) -> None:
        self.row = row
        self._problems = problems

    def refuse(self, column: str, message: str) -> None:
        self._problems.add(self.row.line, column, message)

    def text(self, column: str, longest: int = 0) -> str:
        """The trimmed cell; refused when longer than `longest` (0: any length)."""
        value = self.row.text(column)
        if longest and len(value) > longest:
            self.refuse(column, _("longer than %(limit)s characters") % {"limit": longest})
            return value[:longest]
        return value

    def required(self, column: str, longest: int = 0) -> str:
        value = self.text(column, longest)
        if not value:
            self.refuse(column, _("is missing"))
        return value

    def amount(self, column: str, currency: str) -> Decimal | None:
        """A price of at least zero; None where the cell is empty."""
        return self._read(column, lambda text: parse_amount(text, currency))

    def count(self, column: str, *, smallest: int = 0) -> int | None:
        """A whole number; None where the cell is empty."""
        return self._read(column, lambda text: parse_count(text, smallest))

    def number(self, column: str) -> Decimal | None:
        """A number of at least zero with decimals (a weight)."""
        return self._read(column, parse_number)

    def flag(self, column: str, *, default: bool) -> bool:
        """Yes or no in the usual spellings; `default` where the cell is empty."""
        value = self._read(column, parse_flag)
        return default if value is None else value

    def choice(self, column: str, choices: Iterable[str], *, default: str) -> str:
        value = self.row.text(column).casefold()
        if not value:
            return default
        if value not in choices:
            self.refuse(column, _("must be one of: %(choices)s") % {"choices": ", ".join(choices)})
            return default
        return value

    def json_list(self, column: str) -> list[Any] | None:
        """A JSON array; None where the cell is empty."""
        return self._read(column, parse_json_list)

    def _read(self, column: str, parse: Any) -> Any:
        text = self.row.text(column)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.refuse(column, str(error))
            return None


def parse_amount(text: str, currency: str) -> Decimal:
    """An amount as people and programs write it. Raises ValueError with a sentence for the report."""
    value = parse_number(text)
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > exponent_of(currency):
        raise ValueError(_("has more decimals than %(currency)s") % {"currency": currency})
    return value


def parse_number(text: str) -> Decimal:
    """A number of at least zero: "1299.5", "1299,5", "1 299.50", "1,299.50".

    Never an exponent, NaN or infinity.
    """
    text = text.translate(_BLANKS).strip()
    if text.startswith("-") and _matches(text[1:]):
        raise ValueError(_("must not be negative"))
    if not _matches(text):
        raise ValueError(_("is not a number: %(text)s") % {"text": _shown(text)})
    if re.fullmatch(r"\d{1,3},\d{3}", text):
        raise ValueError(_("may mean thousands or decimals: %(text)s") % {"text": text})
    digits = text.replace(" ", "")
    digits = digits.replace(",", "") if _ENGLISH.fullmatch(digits) else digits.replace(",", ".")
    value = Decimal(digits)
    if value >= LARGEST_AMOUNT:
        raise ValueError(_("is too large"))
    return value


def parse_count(text: str, smallest: int = 0) -> int:
    """A whole number, also written "3.0". Raises ValueError."""
    if not re.fullmatch(r"[+-]?\d{1,12}(?:\.0{1,6})?", text.strip()):
        raise ValueError(_("is not a whole number: %(text)s") % {"text": _shown(text)})
    value = int(Decimal(text.strip()))
    if value < smallest:
        raise ValueError(_("must be at least %(smallest)s") % {"smallest": smallest})
    if value > LARGEST_COUNT:
        raise ValueError(_("is too large"))
    return value


def parse_flag(text: str) -> bool:
    word = text.strip().casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(_("must be yes or no: %(text)s") % {"text": _shown(text)})


def parse_json_list(text: str) -> list[Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(_("is not valid JSON: %(reason)s") % {"reason": error}) from error
    if not isinstance(value, list):
        raise ValueError(_("must be a JSON list"))
    return value


def split_list(text: str, separator: str = ",") -> list[str]:
    """Parts of a list without blanks and doubles; a separator after a backslash belongs to its part."""
    parts = re.split(rf"(?<!\\){re.escape(separator)}", text)
    cleaned = (" ".join(part.replace(f"\\{separator}", separator).split()) for part in parts)
    return list(dict.fromkeys(filter(None, cleaned)))


def _matches(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in (_PLAIN, _SPACED, _ENGLISH)) and text.isascii()


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
