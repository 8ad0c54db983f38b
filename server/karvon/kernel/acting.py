"""In whose name the current transaction writes.

Whoever lets a person of the back office in (a token, a session, a job of theirs) names that person here. The database is
told in the transaction that writes, by the setting `karvon.actor`, which ends with the transaction; the triggers of the
audit log read it. Shoppers are never named, so their writes cost nothing more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import atomic
from psycopg.pq import TransactionStatus

from karvon.kernel import context

SETTING: Final = "karvon.actor"
# what can change rows; a read that locks them begins with SELECT
_WRITE: Final = re.compile(
    r"\s*(?:insert|update|delete|merge)\b|\s*with\b.*\b(?:insert\s+into|update|delete\s+from|merge\s+into)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person of the back office at work; `id` is None for a command run on the server itself."""

    id: int | None
    label: str
    role: str
    verb: str = ""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the database was told in the open transaction, and inside which savepoints: rolling back untells it."""

    actor: Actor | None
    savepoints: tuple[str, ...]

    def holds(self, connection: BaseDatabaseWrapper) -> bool:
        return tuple(connection.savepoint_ids[: len(self.savepoints)]) == self.savepoints


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current_actor() -> Actor | None:
    """Who is at work in this request or task; None for shoppers and for the system itself."""
    return _actor.get()


def name_actor(actor: Actor | None) -> None:
    """From here to the end of the request, writes are this person's."""
    _actor.set(actor)


@contextmanager
def in_name_of(actor: Actor | None) -> Iterator[None]:
    """Writes inside are this person's."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


@contextmanager
def doing(verb: str) -> Iterator[None]:
    """What the person does, by the name of the outermost service; ones that it calls add nothing."""
    actor = _actor.get()
    if actor is None or actor.verb:
        yield
        return
    with in_name_of(replace(actor, verb=verb)):
        yield


def setting_of(actor: Actor | None) -> str:
    """The value of the setting: JSON, or empty when nobody is to be named."""
    if actor is None:
        return ""
    request = {"ip": context.address.get(), "request_id": context.request_id.get()}
    return json.dumps(asdict(actor) | request, ensure_ascii=False)


def note_told(connection: Any, actor: Actor | None) -> None:
    """Remember that the open transaction of `connection` carries this actor."""
    connection.karvon_told = _Told(actor, tuple(connection.savepoint_ids))


def watch_writes(sender: Any, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """A receiver of Django's `connection_created`: from now on `tell_writes` sees every statement."""
    if tell_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(tell_writes)


def is_watched(connection: BaseDatabaseWrapper) -> bool:
    """Whether anybody besides `tell_writes`, to whom reads mean nothing, wants to see the statements."""
    wrappers = connection.execute_wrappers
    return len(wrappers) > 1 or (bool(wrappers) and wrappers[0] is not tell_writes)


def tell_writes(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, information: dict[str, Any]
) -> Any:
    """An execute wrapper of Django: before a write, its transaction names the one who is at work.

    A write outside of any transaction gets one of its own for that.
    """
    actor, connection = _actor.get(), information["connection"]
    told: _Told | None = getattr(connection, "karvon_told", None)
    if told is not None and _is_idle(connection):
        told = connection.karvon_told = None  # with its transaction the setting ended
    if (actor is None and told is None) or not _WRITE.match(sql if isinstance(sql, str) else str(sql)):
        return execute(sql, params, many, information)
    if not connection.in_atomic_block:
        with atomic(using=connection.alias):
            _tell(connection, actor)
            return execute(sql, params, many, information)
    if told is None or told.actor != actor or not told.holds(connection):
        _tell(connection, actor)
    return execute(sql, params, many, information)


def _tell(connection: BaseDatabaseWrapper, actor: Actor | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, setting_of(actor)])
    note_told(connection, actor)


def _is_idle(connection: Any) -> bool:
    """Whether no transaction has begun on the server."""
    driver = connection.connection
    return driver is None or driver.info.transaction_status == TransactionStatus.IDLE
