"""One import per merchant at a time.

The lock is PostgreSQL's own and ends with the connection that took it, so a killed import leaves nothing
behind. It is held by an otherwise idle transaction on a connection of its own: the import itself commits
product by product, and a lock bound to a transaction also works behind a pooler that hands connections from
client to client.

Two imports at once would still be correct (products are locked and unique by handle, variants by SKU); they
would only do the work twice and confuse whoever reads the reports.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from karvon.catalog.exchange.errors import ImportRunning

_NAMESPACE = 0x1A9047  # of all advisory locks, those of imports
_POLL_SECONDS = 0.25


@contextmanager
def import_lock(merchant_id: int, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the merchant's import lock.

    Raises ImportRunning when another import still holds it after `wait_seconds`.
    """
    connection = connections["default"].copy()
    try:
        connection.set_autocommit(False)
        _acquire(connection, merchant_id, wait_seconds)
        yield
    finally:
        with contextlib.suppress(DatabaseError):  # a server that went away has let go of the lock already
            if connection.connection is not None:
                connection.rollback()
        connection.close()


def _acquire(connection: BaseDatabaseWrapper, merchant_id: int, wait_seconds: float) -> None:
    give_up_at = time.monotonic() + wait_seconds
    with connection.cursor() as cursor:
        # the transaction idles for as long as the import takes
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        while True:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_NAMESPACE, merchant_id % 2**31])
            row = cursor.fetchone()
            if row is not None and row[0]:
                return
            if time.monotonic() >= give_up_at:
                raise ImportRunning
            time.sleep(_POLL_SECONDS)
