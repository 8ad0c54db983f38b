"""Handlers for the time of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

from karvon.kernel import events
from karvon.kernel.events import DomainEvent, handles
from karvon.kernel.models import StoredAnswer

EFFECT = "effect of a test"


@dataclass(frozen=True)
class Rang(DomainEvent):
    """Somebody rang the bell."""

    TYPE: ClassVar[str] = "door.rang"
    times: int = 1
    by: str = "a guest"


@contextmanager
def listening(
    handler: Callable[..., None], *, name: str = "test.listener", queue: str = "default"
) -> Iterator[None]:
    """`handler` hears `Rang` until the block ends."""
    handles(Rang, name=name, queue=queue)(handler)
    try:
        yield
    finally:
        del events._by_name[name]


def leave_a_trace(event: Any, *, event_id: UUID) -> None:
    """A handler whose effect can be counted."""
    StoredAnswer.objects.create(scope=EFFECT, key=f"{event_id} {uuid4()}", fingerprint="")


def traces() -> int:
    """How many effects stayed."""
    return StoredAnswer.objects.filter(scope=EFFECT).count()
