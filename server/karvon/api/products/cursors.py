"""Where the next page of a deep list begins, as an opaque text."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import orjson
from django.utils.translation import gettext as _

from karvon.catalog.window.query import DEFAULT_ORDER, ORDERINGS, WindowQuery
from karvon.kernel.errors import ValidationFailed


def encode_cursor(query: WindowQuery, last: tuple[str, ...] | None) -> str:
    """After the row with these order values; by relevance, after so many rows."""
    if query.by_relevance:
        place = ["", str(query.offset + query.limit)]
    else:
        place = [",".join(query.ordering or DEFAULT_ORDER), *(last or ())]
    return urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def decode_cursor(cursor: str, query: WindowQuery) -> tuple[str, ...]:
    """The order values and the last product's id; by relevance, the offset alone. Raises ValidationFailed for a
    cursor of another list, and for a forged one."""
    try:
        order, *values = orjson.loads(urlsafe_b64decode(cursor[:2000] + "=" * (-len(cursor) % 4)))
        names = () if query.by_relevance else query.ordering or DEFAULT_ORDER
        kinds = [*(ORDERINGS[name.removeprefix("-")][1] for name in names), "bigint"]
        if order != ",".join(names) or len(values) != len(kinds):
            raise _refusal()
        for value, kind in zip(values, kinds, strict=True):
            _READ[kind](value)
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        raise _refusal() from None
    return tuple(values)


def _read_whole(value: str) -> None:
    if not (value.isascii() and value.isdecimal() and len(value) <= 18):
        raise ValueError(value)


def _read_number(value: str) -> None:
    if not abs(Decimal(value)) < 10**15:
        raise ValueError(value)


def _read_text(value: str) -> None:
    if "\x00" in value:
        raise ValueError(value)


# what PostgreSQL is to read as this type must be one; raises otherwise
_READ: dict[str, Callable[[str], object]] = {
    "numeric": _read_number,
    "timestamptz": datetime.fromisoformat,
    "varchar": _read_text,
    "bigint": _read_whole,
}


def _refusal() -> ValidationFailed:
    return ValidationFailed(details={"cursor": [_("Not a cursor of this list.")]})
