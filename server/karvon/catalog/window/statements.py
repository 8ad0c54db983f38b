"""How this package talks to PostgreSQL: statements planned once per connection, values sent apart from the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

Params = Sequence[Any] | Mapping[str, Any]


@contextmanager
def planned_cursor() -> Iterator[CursorWrapper]:
    """A cursor whose repeated statements are prepared on the server (Django's own writes values into the text).

    Values need a cast in the statement where PostgreSQL cannot tell their type.
    """
    connection.close_if_health_check_failed()  # as Django's own cursors do, once per request
    connection.ensure_connection()
    with connection._prepare_cursor(ServerBindingCursor(connection.connection)) as cursor:  # type: ignore[attr-defined,call-arg]
        yield cursor


def fetch_all(statement: str, params: Params = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with planned_cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def run(statement: str, params: Params = ()) -> None:
    """A statement without an answer."""
    with planned_cursor() as cursor:
        cursor.execute(statement, params)
