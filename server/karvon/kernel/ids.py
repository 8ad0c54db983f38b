"""Identifiers that may be shown to strangers."""

from __future__ import annotations

import secrets
import time

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
