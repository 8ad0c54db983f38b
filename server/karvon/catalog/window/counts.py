"""Counts and facets that stay right: remembered for one epoch of the window, in each process."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from django.db import connection


class EpochMemory:
    """What was worked out for a filter while the window had a certain epoch; bounded in number.

    Every change of what lists contain moves the epoch in its own transaction, so what is remembered for the epoch that
    a list has just been read with is exactly what would be read again.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._known: OrderedDict[Any, tuple[int, Any]] = OrderedDict()

    def get(self, key: Any, epoch: int | None) -> Any | None:
        """None when not known, and inside a transaction: what is read there might never be committed."""
        known = self._known.get(key)
        if known is None or known[0] != epoch or connection.in_atomic_block:
            return None
        return known[1]

    def latest(self, key: Any) -> Any | None:
        """What was known last, of whatever epoch: to choose a way by, never to be shown."""
        known = self._known.get(key)
        return None if known is None else known[1]

    def put(self, key: Any, epoch: int, value: Any) -> None:
        if connection.in_atomic_block:
            return
        with self._lock:
            self._known[key] = (epoch, value)
            self._known.move_to_end(key)
            while len(self._known) > self._limit:
                self._known.popitem(last=False)


counts = EpochMemory(4000)
facets = EpochMemory(500)
