"""Rows of one product brought together, wherever they stand in the file.

Variations may come long after their parents, or before them. To bring them together in bounded memory rows
go through a temporary SQLite file (deleted at once when closed), in which SKUs and handles seen so far are
remembered as well.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from types import TracebackType

import orjson

from karvon.catalog.exchange.rows import Row, RowKey

_SCHEMA = """
CREATE TABLE groups (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE rows (line INTEGER, group_id INTEGER, parent TEXT, error TEXT, cells BLOB);
CREATE TABLE aliases (name TEXT PRIMARY KEY, group_id INTEGER) WITHOUT ROWID;
CREATE TABLE seen (name TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID;
"""
_BATCH = 500


class RowSpool:
    """A context manager; `fill` once, then iterate `groups`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="karvon-import-")
        self._db = sqlite3.connect(os.path.join(self._folder.name, "rows.sqlite"), isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA cache_size = -16000")
        self._db.executescript(_SCHEMA)
        self._group_ids: tuple[str, int] = ("", 0)
        self.rows = 0

    def __enter__(self) -> RowSpool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._folder.cleanup()

    def fill(
        self, rows: Iterable[Row], key_of: Callable[[Row], RowKey], on_progress: Callable[[int], None]
    ) -> None:
        """Take in all rows; `on_progress` is told their number now and then."""
        batch: list[tuple[int, int | None, str, str, bytes]] = []
        last_id: int | None = None
        for row in rows:
            key = key_of(row)
            group_id = self._group_id(key.group) if key.group else None
            if row.error and not key.group and not key.parent:
                # nobody can say whose row this was: the product before it may be incomplete without it
                group_id = last_id
            last_id = group_id
            for alias in key.aliases:
                self._db.execute("INSERT OR IGNORE INTO aliases VALUES (?, ?)", (alias, group_id))
            batch.append((row.line, group_id, key.parent, row.error, orjson.dumps(row.cells)))
            self.rows += 1
            if len(batch) >= _BATCH:
                self._insert(batch)
                on_progress(self.rows)
        self._insert(batch)
        self._db.execute(
            "UPDATE rows SET group_id = (SELECT group_id FROM aliases WHERE name = parent)"
            " WHERE group_id IS NULL"
        )
        self._db.execute("CREATE INDEX rows_by_group ON rows (group_id, line)")

    def strays(self) -> Iterator[Row]:
        """Rows that belong to no product."""
        cursor = self._db.execute("SELECT line, error, cells FROM rows WHERE group_id IS NULL ORDER BY line")
        for line, error, cells in cursor:
            yield Row(line, orjson.loads(cells), error)

    def groups(self) -> Iterator[list[Row]]:
        """The rows of each product in the order of the file, product by product in the order of their first
        rows.
        """
        cursor = self._db.execute(
            "SELECT group_id, line, error, cells FROM rows WHERE group_id IS NOT NULL ORDER BY group_id, line"
        )
        for _group, records in groupby(cursor, key=lambda record: record[0]):
            yield [Row(line, orjson.loads(cells), error) for _id, line, error, cells in records]

    def claim(self, name: str, line: int) -> int:
        """Remember that `line` uses `name` (a SKU, a handle); the line that used it first (`line` itself if
        none).
        """
        if self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (name, line)).rowcount:
            return line
        first: int = self._db.execute("SELECT line FROM seen WHERE name = ?", (name,)).fetchone()[0]
        return first

    def _group_id(self, name: str) -> int:
        # rows of one product mostly follow one another
        if self._group_ids[0] == name:
            return self._group_ids[1]
        self._db.execute("INSERT OR IGNORE INTO groups (name) VALUES (?)", (name,))
        group_id: int = self._db.execute("SELECT id FROM groups WHERE name = ?", (name,)).fetchone()[0]
        self._group_ids = (name, group_id)
        return group_id

    def _insert(self, batch: list[tuple[int, int | None, str, str, bytes]]) -> None:
        if not batch:
            return
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", batch)
        self._db.execute("COMMIT")
        batch.clear()
