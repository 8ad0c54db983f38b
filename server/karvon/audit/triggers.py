"""The triggers that write the audit log, made from the registry and renewed after every migration.

A trigger costs nothing until its transaction names a person: its WHEN clause is looked at before any function is called.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.models import ForeignKey, Model
from django.db.transaction import atomic

from karvon.audit.registry import Watched, list_watched
from karvon.kernel.acting import SETTING

TRIGGER: Final = "audit_note"
HIDDEN: Final = "***"
LONGEST_TEXT: Final = 1000  # characters of one column that are kept

# p_masked columns are hidden, long ones cut, empty ones left out; of an update only what changed is kept
_WRITE_ENTRY: Final = """
DECLARE
    actor jsonb := current_setting('karvon.actor')::jsonb;
    shown_before jsonb;
    shown_after jsonb;
BEGIN
    IF p_change = 'update' THEN
        SELECT jsonb_object_agg(key, audit_shown(key, o.value, p_masked)),
               jsonb_object_agg(key, audit_shown(key, n.value, p_masked))
          INTO shown_before, shown_after
          FROM jsonb_each(p_before) AS o JOIN jsonb_each(p_after) AS n USING (key)
         WHERE o.value IS DISTINCT FROM n.value;
    ELSIF p_change = 'delete' THEN
        SELECT jsonb_object_agg(key, audit_shown(key, value, p_masked)) INTO shown_before
          FROM jsonb_each(p_before) WHERE value NOT IN ('null', '""', '{}', '[]');
    ELSE
        SELECT jsonb_object_agg(key, audit_shown(key, value, p_masked)) INTO shown_after
          FROM jsonb_each(p_after) WHERE value NOT IN ('null', '""', '{}', '[]');
    END IF;
    INSERT INTO audit_entry (actor_id, actor_label, actor_role, action, change, object_type, object_id, merchant_id,
                             before, after, ip, request_id)
    VALUES ((actor->>'id')::bigint, actor->>'label', actor->>'role', coalesce(nullif(actor->>'verb', ''), p_change),
            p_change, p_type, p_id, p_merchant, shown_before, shown_after,
            nullif(actor->>'ip', '')::inet, actor->>'request_id');
END
"""
_SHOWN: Final = f"""
    SELECT CASE
        WHEN p_key = ANY (p_masked) AND p_value NOT IN ('null', '""') THEN '"{HIDDEN}"'
        WHEN length(p_value::text) > {LONGEST_TEXT} THEN to_jsonb(left(p_value #>> '{{}}', {LONGEST_TEXT}) || '…')
        ELSE p_value
    END
"""
_SHARED: Final = f"""
CREATE OR REPLACE FUNCTION audit_shown(p_key text, p_value jsonb, p_masked text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $audit${_SHOWN}$audit$;
CREATE OR REPLACE FUNCTION audit_write(
    p_change text, p_type text, p_id text, p_merchant bigint, p_before jsonb, p_after jsonb, p_masked text[]
) RETURNS void LANGUAGE plpgsql AS $audit${_WRITE_ENTRY}$audit$;
"""
_BODY: Final = """
DECLARE
    before jsonb;
    after jsonb;
    this jsonb;
BEGIN
    IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD) - %(ignored)s; END IF;
    IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW) - %(ignored)s; END IF;
    IF before = after THEN RETURN NULL; END IF;
    this := coalesce(after, before);
    PERFORM audit_write(lower(TG_OP), %(type)s, this->>%(key)s, %(merchant)s, before, after, %(masked)s);
    RETURN NULL;
END
"""
_INSTALLED: Final = """
SELECT t.tgrelid::regclass::text, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE t.tgname = %s AND NOT t.tgisinternal
"""
_SHARED_INSTALLED: Final = (
    "SELECT count(*) FROM pg_proc WHERE (proname, prosrc) IN (('audit_write', %s), ('audit_shown', %s))"
)


def renew_triggers(using: str = "default") -> list[str]:
    """Make the database's triggers those of the registry; the tables that changed. Cheap when nothing did."""
    changed = []
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_entry') IS NOT NULL")
        if not cursor.fetchone()[0]:  # migrated back to before there was a log
            return []
        _renew_shared(cursor)
        cursor.execute(_INSTALLED, [TRIGGER])
        installed = {table.strip('"'): body for table, body in cursor.fetchall()}
        tables = set(connections[using].introspection.table_names(cursor))
    for watched in list_watched():
        table = watched.model._meta.db_table
        if table in tables and installed.pop(table, None) != body_of(watched):
            _install(using, watched)
            changed.append(table)
    for table in installed.keys() & tables - {each.model._meta.db_table for each in list_watched()}:
        with connections[using].cursor() as cursor:
            cursor.execute(f'DROP TRIGGER {TRIGGER} ON "{table}"')
        changed.append(table)
    return changed


def body_of(watched: Watched) -> str:
    """The body of a table's trigger function."""
    meta = watched.model._meta
    return _BODY % {
        "ignored": _array(watched.ignores),
        "masked": _array(watched.masks),
        "type": _text(meta.label_lower),
        "key": _text(_column(meta.pk)),
        "merchant": _merchant_of(watched),
    }


def _renew_shared(cursor: CursorWrapper) -> None:
    cursor.execute(_SHARED_INSTALLED, [_WRITE_ENTRY, _SHOWN])
    if cursor.fetchone()[0] != 2:
        cursor.execute(_SHARED)


def _install(using: str, watched: Watched) -> None:
    table = watched.model._meta.db_table
    function = f"audit_note_{table}"[:63]
    with atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(
            f'CREATE OR REPLACE FUNCTION "{function}"() RETURNS trigger LANGUAGE plpgsql AS '
            f"$audit${body_of(watched)}$audit$;"
            f'CREATE OR REPLACE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW WHEN (current_setting('{SETTING}', true) <> '') "
            f'EXECUTE FUNCTION "{function}"()'
        )


def _merchant_of(watched: Watched) -> str:
    """SQL for the merchant of the row `this`."""
    if not watched.merchant:
        return "NULL"
    meta = watched.model._meta
    if watched.merchant == "pk":
        return f"(this->>'{meta.pk.column}')::bigint"
    first, *rest = watched.merchant.split("__")
    field = meta.get_field(first)
    start = f"(this->>'{_column(field)}')::bigint"
    if not rest:
        return start
    return _walk(_target(field), rest, start)


def _walk(model: type[Model], names: list[str], start: str) -> str:
    """SQL that follows foreign keys from the row of `model` whose key is `start` to the last column named."""
    tables = f'"{model._meta.db_table}" AS t0'
    where = f't0."{model._meta.pk.column}" = {start}'
    for number, name in enumerate(names[:-1], 1):
        field = model._meta.get_field(name)
        model = _target(field)
        on = f't{number}."{model._meta.pk.column}" = t{number - 1}."{_column(field)}"'
        tables += f' JOIN "{model._meta.db_table}" AS t{number} ON {on}'
    last = f't{len(names) - 1}."{_column(model._meta.get_field(names[-1]))}"'
    return f"(SELECT {last} FROM {tables} WHERE {where})"  # noqa: S608 - names of our own columns


def _column(field: Any) -> str:
    return str(field.column)


def _target(field: object) -> type[Model]:
    if not isinstance(field, ForeignKey):
        raise TypeError(f"{field} is no foreign key")
    return field.related_model  # type: ignore[return-value]


def _array(names: tuple[str, ...]) -> str:
    return f"ARRAY[{', '.join(map(_text, names))}]::text[]"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
