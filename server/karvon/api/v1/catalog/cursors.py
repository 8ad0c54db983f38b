"""Where the next page of a deep list begins, as an opaque text."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import orjson
from django.utils.translation import gettext as _

from karvon.catalog.window.query import DEFAULT_ORDER, WindowQuery
from karvon.kernel.errors import ValidationFailed


def encode_cursor(query: WindowQuery, last: tuple[str, ...] | None) -> str:
    """After the row with these order values; by relevance, after so many rows."""
    if query.by_relevance:
        place = ["", str(query.offset + query.limit)]
    else:
        place = [",".join(query.ordering or DEFAULT_ORDER), *(last or ())]
    return urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def decode_cursor(cursor: str, query: WindowQuery) -> tuple[str, ...]:
    """The order values, or the offset alone. Raises ValidationFailed for a cursor of another list."""
    try:
        place = orjson.loads(urlsafe_b64decode(cursor[:2000] + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise _refusal() from None
    order = "" if query.by_relevance else ",".join(query.ordering or DEFAULT_ORDER)
    if (
        not isinstance(place, list)
        or not all(isinstance(each, str) for each in place)
        or place[:1] != [order]
    ):
        raise _refusal()
    values = tuple(place[1:])
    expected = 1 if query.by_relevance else len(order.split(",")) + 1
    if (
        len(values) != expected
        or not values[-1].isdecimal()
        or len(values[-1]) > 18
        or any("\x00" in v for v in values)
    ):
        raise _refusal()
    return values


def _refusal() -> ValidationFailed:
    return ValidationFailed(details={"cursor": [_("Not a cursor of this list.")]})
