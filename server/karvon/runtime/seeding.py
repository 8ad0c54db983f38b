"""Whether the demo data are in: a mark in the database itself, so that it comes and goes with the data."""

from __future__ import annotations

import psycopg

from karvon.runtime.programs import SERVER_FOLDER

MARK = "Karvon demo data"


def can_seed() -> bool:
    """Whether this copy carries the seeding command."""
    return (SERVER_FOLDER / "karvon/backoffice/management/commands/seed_demo.py").exists()


def is_seeded(database_url: str) -> bool:
    with psycopg.connect(database_url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return bool(found and found[0] == MARK)


def mark_seeded(database_url: str) -> None:
    """Say so on the database; who does not own it (a hosted one) seeds again, which the command must bear."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = connection.info.dbname
        statement = psycopg.sql.SQL("COMMENT ON DATABASE {} IS {}").format(
            psycopg.sql.Identifier(name), psycopg.sql.Literal(MARK)
        )
        connection.execute(statement)
