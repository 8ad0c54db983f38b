"""Identifiers that may be shown to strangers."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

_EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
_RANDOM_BITS = 12


def new_public_id() -> int:
    """A 53-bit integer: milliseconds since 2025 and a random tail.

    Sorted by time for the index's sake, exact in every JSON client, and silent about how many there are. Two in one
    millisecond collide once in 4,096; the primary key notices, and who inserts the row tries again with another.
    """
    milliseconds = time.time_ns() // 1_000_000 - _EPOCH_MS
    return (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)


def new_token() -> str:
    """An unguessable URL-safe string of 192 bits."""
    return secrets.token_urlsafe(24)


_RANDOM_TAIL = 74
_last_ordered = 0
_ordering = threading.Lock()


def new_ordered_id() -> UUID:
    """A version 7 UUID (RFC 9562): those of one process sort in the order in which they were made."""
    global _last_ordered  # noqa: PLW0603 - the order is the process's
    fresh = (time.time_ns() // 1_000_000) << _RANDOM_TAIL | secrets.randbits(_RANDOM_TAIL)
    with _ordering:
        _last_ordered = value = max(fresh, _last_ordered + 1)
    milliseconds, tail = divmod(value, 1 << _RANDOM_TAIL)
    high, low = divmod(tail, 1 << 62)
    return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low)
