"""Rows of models, read and written by SQL that is put together once: for what happens with every order, where building the
same statement anew costs several times what sending it does.

Values go through the model's own fields both ways, so a row is what Django's ORM would have read or written. No signals are
sent; nothing here listens to any for these rows, and what must follow a write is done by services or by the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

M = TypeVar("M", bound=Model)
Statement = tuple[str, Sequence[Any]]  # SQL with %s, and the values


def send(*statements: Statement) -> list[tuple[list[Any], int]]:
    """Send statements to the database in one message, which runs them in order; of each the rows and how many it touched.

    All of them read, or all of them write. Values are put in by psycopg before sending, as everywhere in Django.
    """
    answers = []
    with connection.cursor() as cursor:
        cursor.execute(
            ";".join(sql for sql, _ in statements), [value for _, values in statements for value in values]
        )
        for _ in statements:
            has_rows = cursor.rownumber is not None  # `description` would describe each column first
            answers.append((cursor.fetchall() if has_rows else [], cursor.rowcount))
            cursor.nextset()
    return answers


class Rows(Generic[M]):
    """The rows of `model` that `rest` finds: SQL after FROM with %s for each value, such as "WHERE id = %s FOR UPDATE"."""

    def __init__(self, model: type[M], rest: str) -> None:
        self.model, self.rest = model, rest

    def all(self, *values: Any) -> list[M]:
        """All of them. `values` as psycopg takes them."""
        [(found, _)] = send((self._sql, values))
        return [self._row(each) for each in found]

    def first(self, *values: Any) -> M | None:
        """The first of them, if there is one."""
        return next(iter(self.all(*values)), None)

    @cached_property
    def _fields(self) -> list[Field[Any, Any]]:
        return list(self.model._meta.concrete_fields)

    @cached_property
    def _names(self) -> list[str]:
        return [field.attname for field in self._fields]

    @cached_property
    def _sql(self) -> str:
        table = _quoted(self.model._meta.db_table)
        columns = ", ".join(f"{table}.{_quoted(str(field.column))}" for field in self._fields)
        return f"SELECT {columns} FROM {table} {self.rest}"  # noqa: S608 - names of the model, and SQL of ours

    @cached_property
    def _converters(self) -> list[tuple[int, Any, Any]]:
        """(position, converter, expression) for columns that psycopg does not read as the field's values."""
        converters = []
        for at, field in enumerate(self._fields):
            column: Any = field.get_col(self.model._meta.db_table)
            own = connection.ops.get_db_converters(column) + field.get_db_converters(connection)
            converters += [(at, converter, column) for converter in own]
        return converters

    def _row(self, values: Sequence[Any]) -> M:
        read = list(values)
        for at, converter, column in self._converters:
            read[at] = converter(read[at], column, connection)
        return self.model.from_db(connection.alias, self._names, read)


Find = tuple[Rows[Any], Sequence[Any]]


def read_together(*asked: Find) -> list[list[Any]]:
    """What each of these finds, in this order, with one message."""
    answers = send(*((rows._sql, values) for rows, values in asked))
    return [[rows._row(each) for each in found] for (rows, _), (found, _) in zip(asked, answers, strict=True)]


def write_fields(row: Model, *names: str) -> None:
    """Write these fields of a row that is in the database, and whatever is set by itself on each write (`updated_at`).

    Raises DatabaseError when the row is gone.
    """
    write_rows((row, names))


def write_rows(*rows: tuple[Model, Sequence[str]]) -> None:
    """The same for several rows, in this order, with one message. Raises DatabaseError when one of them is gone."""
    answers = send(*(_write(row, tuple(names)) for row, names in rows))
    for (row, _), (_, touched) in zip(rows, answers, strict=True):
        if not touched:
            raise DatabaseError(f"{row._meta.label} {row.pk} is not there any more")


def _write(row: Model, names: tuple[str, ...]) -> Statement:
    sql, fields = _update(type(row), names)
    return sql, [*_values(fields, row, add=False), row.pk]


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Field[Any, Any]]]:
    meta = model._meta
    by_itself = [field for field in meta.concrete_fields if getattr(field, "auto_now", False)]
    named: list[Any] = [meta.get_field(name) for name in names]
    fields: list[Field[Any, Any]] = list(dict.fromkeys([*named, *by_itself]))
    columns = ", ".join(f"{_quoted(str(field.column))} = %s" for field in fields)
    key = _quoted(str(meta.pk.column))
    return f"UPDATE {_quoted(meta.db_table)} SET {columns} WHERE {key} = %s", fields  # noqa: S608 - names of the model


def insertion(rows: Sequence[Model]) -> Statement:
    """What inserts new rows of one model. Keys that the database makes are not told."""
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not _is_made(field, rows[0])]
    values: list[Any] = []
    tuples = []
    for row in rows:
        marks = []
        for value in _values(fields, row, add=True):
            if isinstance(value, DatabaseDefault):
                marks.append("DEFAULT")
            else:
                marks.append("%s")
                values.append(value)
        tuples.append(", ".join(marks))
    columns = ", ".join(_quoted(str(field.column)) for field in fields)
    made = ", ".join(f"({each})" for each in tuples)
    return f"INSERT INTO {_quoted(meta.db_table)} ({columns}) VALUES {made}", values  # noqa: S608 - names of the model


def insert_rows(*groups: Sequence[Model]) -> None:
    """Insert new rows, each group of one model, in this order and with one message; keys and defaults that the database makes
    are told to them. Raises IntegrityError.
    """
    wanted = [rows for rows in groups if rows]
    answers = send(*(_insertion_told(rows) for rows in wanted))
    for rows, (found, _) in zip(wanted, answers, strict=True):
        names = [field.attname for field in rows[0]._meta.db_returning_fields]
        for row, made in zip(rows, found or [()] * len(rows), strict=True):
            for name, value in zip(names, made, strict=True):
                setattr(row, name, value)
            row._state.adding, row._state.db = False, connection.alias


def _insertion_told(rows: Sequence[Model]) -> Statement:
    sql, values = insertion(rows)
    made = ", ".join(_quoted(str(field.column)) for field in rows[0]._meta.db_returning_fields)
    return f"{sql} RETURNING {made}" if made else sql, values


def _is_made(field: Field[Any, Any], row: Model) -> bool:
    """Whether the database numbers the rows itself."""
    return field.primary_key and field.get_internal_type() in ("AutoField", "BigAutoField") and row.pk is None


def _values(fields: Sequence[Field[Any, Any]], row: Model, *, add: bool) -> Iterator[Any]:
    """What the database gets for these fields; DatabaseDefault where it is to choose itself."""
    here = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` does it at each use
    for field in fields:
        value = field.pre_save(row, add)
        yield value if isinstance(value, DatabaseDefault) else field.get_db_prep_save(value, here)


@cache
def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
