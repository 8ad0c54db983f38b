"""How what providers say is read without trust, and what those that call procedures here have in common."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

import orjson

from karvon.payments.protocol import Account, CallbackRequest, Reply

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
# of a message's own words that go into the books
LONGEST_TEXT = 128
LONGEST_WORDS = 200
LONGEST_ADDRESS = 4000
LARGEST = 2**63 - 1


def to_ms(moment: datetime | None) -> int:
    """Whole milliseconds since 1970; 0 for never."""
    return (moment - EPOCH) // MILLISECOND if moment is not None else 0


def from_ms(milliseconds: int) -> datetime:
    """The moment. Raises OverflowError beyond the year 9999."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def read_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a message; None for whatever else came: NaN, lone surrogates and depths beyond a thousand too."""
    try:
        said = orjson.loads(body)
    except (orjson.JSONDecodeError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def is_whole(value: Any) -> TypeGuard[int]:
    """Whether it is an integer that fits 64 bits: `true` is none, and neither is 1.0 (nor 10^20, which is read as a float)."""
    return type(value) is int and -LARGEST <= value <= LARGEST


def read_text(value: Any) -> str:
    """A name that may be written down, from a string or a whole number; "" for whatever cannot be one."""
    text = str(value) if is_whole(value) else value
    if not isinstance(text, str):
        return ""
    text = text.strip() if len(text) <= LONGEST_TEXT else ""
    return text if text.isprintable() else ""


def read_words(value: Any) -> str:
    """What is only written down for people, such as why something was refused: what can be printed of it, cut short."""
    text = str(value) if isinstance(value, str | int) else ""
    return "".join(each for each in text[: 2 * LONGEST_TEXT] if each.isprintable())[:LONGEST_WORDS]


def read_seconds(value: Any) -> datetime | None:
    """The moment of so many whole seconds since 1970; None for whatever cannot be one of this or the next century."""
    return datetime.fromtimestamp(value, UTC) if is_whole(value) and 0 < value < 2**32 else None


def is_address(value: Any) -> TypeGuard[str]:
    """Whether it is the address of a page that a customer may be sent to."""
    is_text = isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value
    return is_text and len(value) <= LONGEST_ADDRESS and value.startswith(("https://", "http://"))


def is_signed_on(account: Account | None, request: CallbackRequest, *, user: str, secret: str) -> bool:
    """HTTP Basic (RFC 7617) with `user` and the account's value named `secret`, compared in constant time."""
    if account is None:
        return False
    scheme, _, encoded = request.headers.get("authorization", "").strip().partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    name, _, password = given.partition(b":")
    is_right = account.is_secret(secret, password)
    return is_right and name == user.encode() and scheme.lower() == "basic"


def reply_json(status: int, said: Any, **fields: Any) -> Reply:
    """An answer in JSON; `fields` are what is written down about it."""
    return Reply(
        status=status, body=orjson.dumps(said), content_type="application/json; charset=UTF-8", **fields
    )
