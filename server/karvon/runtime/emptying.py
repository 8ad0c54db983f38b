"""Empty tables after a test that commits.

Django truncates every table each time and tells all apps that they were migrated: a third of a second of processor time, where
such a test fills a dozen tables with a few rows.
"""

from __future__ import annotations

from functools import cache
from typing import Final

KEPT: Final = frozenset(
    {"django_content_type", "auth_permission"}
)  # migrating fills them, and tests leave them alone
LARGE: Final = 1 << 20  # bytes, dead rows included, from which truncating is the quicker way


def empty_tables() -> None:
    """Remove the rows of all tables that Django's flush would empty, except `KEPT`."""
    from django.db import connection, transaction

    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_question())
        filled = dict(cursor.fetchall())
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        (may_pass_triggers,) = cursor.fetchone()
        if not may_pass_triggers or max(filled.values(), default=0) > LARGE:
            cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, _tables()))}")
            return
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # neither walls nor references nor the audit
        for name in filled:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608


@cache
def _tables() -> list[str]:
    from django.db import connection

    return sorted(
        set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    )


@cache
def _question() -> str:
    """Which tables hold rows or have grown large, and how large they are."""
    from django.db import connection

    return " UNION ALL ".join(
        f"SELECT '{name}', pg_relation_size('{name}') WHERE pg_relation_size('{name}') > {LARGE}"  # noqa: S608
        f" OR EXISTS (SELECT FROM {connection.ops.quote_name(name)})"
        for name in _tables()
    )
