"""Domain events and their transactional outbox.

A service publishes inside its transaction; the relay makes one delivery per handler afterwards. Delivery is at least once,
and a handler's database effects commit together with the mark that it is done, so those happen exactly once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar
from uuid import UUID

import orjson
from django.db import connection

from karvon.kernel.context import request_id
from karvon.kernel.ids import new_ordered_id
from karvon.kernel.rows import Statement
from karvon.kernel.work import write_at_end


@dataclass(frozen=True)
class DomainEvent:
    """Something that happened. Fields are JSON values; `TYPE` is "<room>.<what_happened>"."""

    TYPE: ClassVar[str]


E = TypeVar("E", bound=DomainEvent)


class Handler(Protocol):
    def __call__(self, event: Any, *, event_id: UUID) -> None: ...


@dataclass(frozen=True)
class Subscription:
    """Who listens to what, and on which Celery queue it runs."""

    name: str
    event: type[DomainEvent]
    handler: Handler
    queue: str


_by_name: dict[str, Subscription] = {}


def handles(
    event: type[E], *, name: str, queue: str = "default"
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function `(event, *, event_id)` under a name that must stay the same for good.

    Raises ValueError at start when two functions claim one name.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        known = _by_name.get(name)
        if known is not None and known.handler is not function:
            raise ValueError(f"two handlers are called {name!r}")
        _by_name[name] = Subscription(name, event, function, queue)
        return function

    return register


def subscriptions_of(event_type: str) -> list[Subscription]:
    """Who listens to an event, by name; nobody for a type that is not known any more."""
    return sorted(
        (each for each in _by_name.values() if event_type == each.event.TYPE), key=lambda each: each.name
    )


def find_subscription(name: str) -> Subscription | None:
    """The subscription of that name; None when its room does not listen any more."""
    return _by_name.get(name)


def publish(*events: DomainEvent) -> None:
    """Write events to the outbox, with one statement for all that a service and those that it calls publish. Must be called
    inside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is published in the transaction that makes it true")
    current = request_id.get() or ""
    write_at_end(
        _insertion, [_Row(new_ordered_id(), event.TYPE, dict(vars(event)), current) for event in events]
    )


class _Row(NamedTuple):
    id: UUID
    type: str
    payload: dict[str, Any]
    request_id: str


_INSERT = "INSERT INTO kernel_outboxevent (id, type, payload, request_id) VALUES "


def _insertion(rows: list[_Row]) -> Statement:
    values: list[Any] = []
    for row in rows:
        values += (row.id, row.type, orjson.dumps(row.payload).decode(), row.request_id)
    return _INSERT + ", ".join(["(%s, %s, %s::jsonb, %s)"] * len(rows)), values


def restore(subscription: Subscription, payload: dict[str, Any]) -> DomainEvent:
    """The event as it was published; fields that its class no longer has are left out."""
    known = {field.name for field in fields(subscription.event)}
    return subscription.event(**{name: value for name, value in payload.items() if name in known})
