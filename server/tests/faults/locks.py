"""Holding a row, so that what is killed is killed in the midst of its work and not before or after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection

from tests.faults.shop import Shop, wait_for

BLOCKED = "wait_event_type = 'Lock'"
IDLE = "state = 'idle in transaction'"


@contextmanager
def held(shop: Shop, table: str, pk: object) -> Iterator[None]:
    """Lock a row while the block runs."""
    with psycopg.connect(shop.environ["DATABASE_URL"]) as holder:
        holder.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [pk])  # type: ignore[arg-type]
        yield


def count_sessions(which: str) -> int:
    """How many sessions of the shop's database are `BLOCKED` or `IDLE` (in a transaction)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            f"WHERE datname = current_database() AND pid <> pg_backend_pid() AND {which}"
        )
        return int(cursor.fetchone()[0])


def wait_until_blocked(how_many: int) -> None:
    """Return when so many sessions wait for a lock."""
    wait_for(lambda: count_sessions(BLOCKED) >= how_many, f"{how_many} sessions wait for a lock", seconds=30)
