"""What one outermost service has at hand while its transaction lasts: rows that it holds, and rows to be written at its end.

Services call services. What several of them would each ask the database for again, or insert row by row, is kept here
between the outermost one's beginning and its end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection

from karvon.kernel.rows import Statement, send

T = TypeVar("T")
Writer = Callable[[list[Any]], Statement]


@dataclass
class _Frame:
    """A service's transaction, or a savepoint of `isolated` in it."""

    savepoints: tuple[str, ...]
    held: dict[tuple[str, int], Any] = field(default_factory=dict)
    waiting: dict[Writer, list[Any]] = field(default_factory=dict)

    def is_here(self) -> bool:
        """Whether no savepoint was set since: what is done inside one may yet be undone."""
        return tuple(connection.savepoint_ids) == self.savepoints

    def write(self) -> None:
        if self.waiting:
            send(*(writer(rows) for writer, rows in self.waiting.items()))


_thread = threading.local()


def _frames() -> list[_Frame]:
    frames: list[_Frame] | None = getattr(_thread, "frames", None)
    if frames is None:
        frames = _thread.frames = []
    return frames


@contextmanager
def counted() -> Iterator[None]:
    """A service is at work, in a transaction. At the end of the outermost one what waits is written; after an exception
    nothing is.
    """
    frames = _frames()
    if frames:
        yield
        return
    frame = _Frame(tuple(connection.savepoint_ids))
    frames.append(frame)
    try:
        yield
        frame.write()
    finally:
        frames.clear()


@contextmanager
def isolated() -> Iterator[None]:
    """The inside of a savepoint that may be rolled back: what was held before may have been changed in vain by then, so
    nothing of it is trusted any more.
    """
    frames = _frames()
    if not frames:
        yield
        return
    outer = frames[-1]
    frames.append(_Frame(tuple(connection.savepoint_ids), outer.held))
    try:
        yield
    except BaseException:
        outer.held.clear()
        raise
    else:
        for writer, rows in frames[-1].waiting.items():
            outer.waiting.setdefault(writer, []).extend(rows)
    finally:
        del frames[-1]


def is_at_work() -> bool:
    """Whether this thread is inside a service's transaction. (A test's own transaction around everything is none.)"""
    return bool(_frames())


def held(kind: str, pk: int, read: Callable[[], T]) -> T:
    """The locked rows that `read` finds, once per transaction: whoever asks again gets the same objects, with whatever was
    written to them since. They are to be changed through these objects only.
    """
    frames = _frames()
    rows = frames[-1].held if frames else {}
    if (kind, pk) in rows:
        known: T = rows[kind, pk]
        return known
    found = read()
    if frames and frames[-1].is_here():
        rows[kind, pk] = found
    return found


def write_at_end(writer: Callable[[list[T]], Statement], rows: list[T]) -> None:
    """Write these rows when the outermost service ends, by the statement that `writer` makes of them and all others that it
    was given, in their order. Outside of services and inside of other savepoints that is at once.
    """
    frames = _frames()
    if not rows:
        return
    if frames and frames[-1].is_here():
        frames[-1].waiting.setdefault(writer, []).extend(rows)
    else:
        send(writer(rows))
