"""Crowds: more actions at once than a small PostgreSQL has connections (`racing` starts a thread for
each).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

# fewer than the connections that it offers; further actions start as soon as a thread is free
RUNNERS = 32


def run_crowd(actions: Sequence[Callable[[], Any]], *, runners: int = RUNNERS) -> list[Any]:
    """Run all actions; each one's answer, or the exception that it raised."""
    runners = min(runners, len(actions))
    barrier = threading.Barrier(runners)
    started = threading.local()

    def run(action: Callable[[], Any]) -> Any:
        if not getattr(started, "yes", False):
            started.yes = True
            barrier.wait(timeout=30)
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - the answers are what is judged
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(run, actions))


def count_of(results: Sequence[Any], kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)


class Meeting:
    """Lets the threads of a control meet between their reading and their writing, so that it fails every
    time.
    """

    def __init__(self, parties: int) -> None:
        self._barrier = threading.Barrier(parties)

    def wait(self) -> None:
        self._barrier.wait(timeout=30)


def wait_until_blocked(how_many: int = 1, *, timeout: float = 20) -> None:
    """Return when so many sessions of this database wait for a lock."""
    poll = threading.Event()
    for _ in range(int(timeout / 0.01)):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_stat_clear_snapshot()"
            )  # a transaction sees the same activity otherwise
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= how_many:
                return
        poll.wait(0.01)
    raise AssertionError("nobody waits for a lock")
