"""Statements that PostgreSQL plans once per connection instead of once per request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


@contextmanager
def planned_cursor() -> Iterator[CursorWrapper]:
    """A cursor for long statements that are sent with every click: their values travel apart from their text.

    After `prepare_threshold` runs (database OPTIONS) psycopg has a statement prepared; without that option
    nothing is, as poolers may need. Django's own cursors write values into the text, so each run is planned
    anew. Parameters have to be cast in the statement. Everything else is as with `connection.cursor()`.
    """
    connection.ensure_connection()
    with connection._prepare_cursor(ServerBindingCursor(connection.connection)) as cursor:  # type: ignore[attr-defined,call-arg]
        yield cursor
