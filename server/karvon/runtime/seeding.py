"""What was already done to a database: remembered on the database itself, so that it comes and goes with the
data.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import psycopg

from karvon.runtime.programs import SERVER_FOLDER
from karvon.settings.env import read_environment


def can_seed() -> bool:
    """Whether this copy carries the seeding command."""
    return (SERVER_FOLDER / "karvon/backoffice/management/commands/seed_demo.py").exists()


def fingerprint() -> str:
    """Changes with every migration of ours and with every version of the packages that bring their own."""
    files = sorted((SERVER_FOLDER / "karvon").glob("*/migrations/*.py"))
    digest = hashlib.sha256((SERVER_FOLDER / "requirements" / "base.txt").read_bytes())
    for file in files:
        digest.update(f"{file.parent.parent.name}/{file.name}".encode() + file.read_bytes())
    if read_environment()["KARVON_PROFILING"]:
        digest.update(b"silk")  # the profiler has tables of its own
    return digest.hexdigest()[:16]


def recall(database_url: str) -> dict[str, Any]:
    """What `remember` wrote; empty for a fresh database."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    try:
        notes = json.loads(found[0]) if found and found[0] else {}
    except ValueError:  # somebody else's words about their database
        notes = {}
    return notes if isinstance(notes, dict) else {}


def remember(database_url: str, **facts: str | bool) -> None:
    """Add facts to the database's comment.

    Who does not own the database (a hosted one) cannot, and migrates and seeds again, which both commands bear.
    """
    notes = json.dumps(recall(database_url) | facts, sort_keys=True)
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = psycopg.sql.Identifier(connection.info.dbname)
        statement = psycopg.sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, psycopg.sql.Literal(notes))
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return
