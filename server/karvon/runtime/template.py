"""One migrated database for all workers of a test run: each worker's own is a copy of it.

Migrating costs seconds of processor time, copying a tenth of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

LOCK = 0x6B6172766F6E  # of this run's server; whoever holds it makes the template, the others wait


@contextmanager
def shared_template(run: str) -> Iterator[None]:
    """While this lasts, test databases that Django creates are copies of the template of the run with this name.

    Who comes first makes the template, and removes it at its own end: what comes later would make another.
    """
    from django.db import connection

    name = f"karvon_template_{run}"
    made = False
    with _beside() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            _make(name)
            made = True
    connection.settings_dict["TEST"]["TEMPLATE"] = name
    try:
        yield
    finally:
        if made:
            with _beside() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')


def _beside() -> AbstractContextManager[CursorWrapper]:
    """A cursor in the server's own database: templates cannot be copied while somebody is in them."""
    from django.db import connection

    return connection._nodb_cursor()  # type: ignore[attr-defined]


def _make(name: str) -> None:
    from django.db import connection

    usual, tests = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    worker, tests["NAME"] = tests["NAME"], name
    try:
        connection.creation.create_test_db(verbosity=0, serialize=False)
    finally:
        connection.creation.destroy_test_db(usual, verbosity=0, keepdb=True)
        tests["NAME"] = worker
