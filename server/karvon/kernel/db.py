"""Transactions: opened by services, short, and tried again when PostgreSQL asks for it."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import psycopg
from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from karvon.kernel import acting, work
from karvon.kernel.errors import DependencyDown, LockTimeout

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 4  # the first and three more
_AGAIN = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


def transactional(service: Callable[P, R]) -> Callable[P, R]:
    """Make a service one transaction.

    Called inside a transaction it simply joins it. Otherwise it opens one with a short lock timeout and repeats it at
    most three times after a deadlock or serialisation failure. Raises LockTimeout when somebody holds a row for too
    long and DependencyDown when the database went away.
    """

    @functools.wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with acting.doing(service.__name__):
            if not connection.in_atomic_block:
                return run_transaction(lambda: service(*args, **kwargs))
            with work.counted():
                return service(*args, **kwargs)

    return run


def run_transaction(task: Callable[[], R]) -> R:
    """Run `task` in a transaction of its own, as `transactional` describes."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(), work.counted():
                bound_lock_waits()
                return task()
        except DatabaseError as error:
            cause = error.__cause__
            if isinstance(cause, psycopg.errors.LockNotAvailable):
                raise LockTimeout from error
            if isinstance(cause, _AGAIN) and attempt < ATTEMPTS:
                time.sleep(random.uniform(0.005, 0.03) * attempt)
                continue
            if isinstance(cause, _AGAIN):
                raise LockTimeout from error
            raise_if_gone(error)
            raise
    raise AssertionError("the loop above returns or raises")


def run_isolated(task: Callable[[], R]) -> R:
    """Run `task` so that nothing of it survives when it raises: in a transaction of its own, or in a savepoint of the one
    that is open, which may then go on.
    """
    if not connection.in_atomic_block:
        return run_transaction(task)
    with transaction.atomic(), work.isolated():
        return task()


def constraint_of(error: IntegrityError) -> str:
    """The name of the database constraint that refused a row; empty when the database did not say."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""


def bound_lock_waits() -> None:
    """Let no statement of the current transaction wait longer for a lock than the setting says; in the same
    statement, the transaction is told who is at work in it.
    """
    limit, actor = int(settings.KARVON_LOCK_TIMEOUT_MS), acting.current_actor()
    with connection.cursor() as cursor:
        if actor is None:
            cursor.execute(f"SET LOCAL lock_timeout = {limit}")
            return
        told = [f"{limit}ms", acting.SETTING, acting.setting_of(actor)]
        cursor.execute("SELECT set_config('lock_timeout', %s, true), set_config(%s, %s, true)", told)
    acting.note_told(connection, actor)


def raise_if_gone(error: DatabaseError) -> None:
    """Turn a lost connection into DependencyDown, and drop it so that the next request makes a new one."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    # no SQLSTATE: the socket broke; class 08: connection; 57P0x: the server is shutting down or starting;
    # class 53: it has no room for us; 25P03: we were idle in a transaction for too long
    is_broken = state is None and isinstance(error, OperationalError)
    if is_broken or (state or "").startswith(("08", "57P", "53", "25P03")):
        connection.close()
        raise DependencyDown from error
