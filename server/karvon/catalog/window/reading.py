# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Reading the window: one query for a list, one for a detail, no serializer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import InterfaceError, OperationalError

from karvon.catalog.search import matching
from karvon.catalog.search.queries import SearchWords
from karvon.catalog.search.similar import correct
from karvon.catalog.window import counts
from karvon.catalog.window.query import Conditions, Order, Pick, WindowQuery, conditions_of
from karvon.catalog.window.statements import fetch_all
from karvon.kernel.acting import is_watched

EPOCH = "(SELECT coalesce(sum(changes), 0)::bigint FROM catalog_windowepoch)"
_NUMBERS = "w.quantity, w.in_stock, w.rating::text, w.reviews_count"
# The stock levels belong to the room above, which keeps `quantity` and `in_stock` of the row; a page also shows each
# variant's units, and reads them in the same query so that the two never disagree.
_UNITS = """
    (SELECT array_agg(ARRAY[stock.variant_id, stock.units])
     FROM (SELECT level.variant_id, sum(level.on_hand - level.reserved)::bigint AS units
           FROM catalog_variant AS variant
           JOIN inventory_stocklevel AS level ON level.variant_id = variant.id
           JOIN merchants_branch AS branch ON branch.id = level.branch_id AND branch.is_active
           WHERE variant.product_id = w.product_id GROUP BY level.variant_id) AS stock)
"""
_VARIANT_HOLE = re.compile(rb"\x00([vs])(\d+)\x00")


@dataclass(frozen=True)
class WindowPage:
    """Filled documents, how many there are in all, and where the next page by cursor begins.

    `epoch` is the window's at the moment of reading; None when nothing was found. `words` are what was searched for
    instead, where what was typed is misspelled.
    """

    items: list[bytes]
    count: int
    last: tuple[str, ...] | None = None
    epoch: int | None = None
    words: SearchWords | None = None


@dataclass(frozen=True)
class DetailPage:
    """A filled document and when the product was last changed (microseconds)."""

    body: bytes
    version: int


def list_window(query: WindowQuery) -> WindowPage:
    """A page of a list: one query when the count of this filter is known for the current epoch, else two.

    Words that nothing matches are looked for once more, as their nearest neighbours among known words.
    """
    if query.search is None:
        where = conditions_of(query)
        return _page_of(query, where, _in_order(query, where))
    page = _search(query, query.search)
    if page.count or (meant := correct(query.search)) is None:
        return page
    return replace(_search(query, meant), words=meant)


def _search(query: WindowQuery, words: SearchWords) -> WindowPage:
    base, where = conditions_of(query), conditions_of(query)
    matching.add_search(where, words)
    if not query.by_relevance:
        return _page_of(query, where, _in_order(query, where))
    count = counts.counts.latest(where.key)
    pick = matching.pick_best(query, words, base, where, _count(where) if count is None else count)
    return _page_of(query, where, pick)


def _in_order(query: WindowQuery, where: Conditions) -> Pick:
    """The rows of a page in the query's order, or the default one."""
    order = Order.of(query.ordering)
    here = Conditions([*where.clauses], [*where.values])
    if query.after is not None:
        order.add_after(here, query.after)
    statement = f"""
        SELECT w.*, {order.values_sql} AS place FROM catalog_windowrow AS w WHERE {here.sql}
        ORDER BY {order.sql} LIMIT %s::bigint OFFSET %s::bigint
    """
    # a plan made without knowing the values suits the plain list only: filters differ too much in what they leave
    return Pick(statement, [*here.values, query.limit, query.offset], is_plain=len(here.clauses) == 1)


def _page_of(query: WindowQuery, where: Conditions, pick: Pick) -> WindowPage:
    """The documents of the picked rows, and how many rows meet the conditions in all."""
    body = f"b.detail_body, {_UNITS}" if query.whole else "b.list_body, NULL"
    statement = f"""
        SELECT {EPOCH}, w.place, {body}, {_NUMBERS}
        FROM (SELECT w.*, row_number() OVER () AS rank FROM ({pick.sql}) AS w) AS w
        JOIN catalog_windowbody AS b ON b.product_id = w.product_id AND b.language = %s::varchar
        ORDER BY w.rank
    """
    rows = fetch(statement, [*pick.values, query.language], prepare=pick.is_plain)
    epoch = int(rows[0][0]) if rows else None
    count = counts.counts.get(where.key, epoch)
    if count is None:
        count = _count(where)
    place = rows[-1][1] if len(rows) == query.limit else None  # None too where matches are ranked
    items = [fill_page(*row[2:]) if query.whole else fill(row[2], *row[4:]) for row in rows]
    return WindowPage(items, count, tuple(place) if place else None, epoch)


def _count(where: Conditions) -> int:
    statement = f"SELECT count(*), {EPOCH} FROM catalog_windowrow AS w WHERE {where.sql}"
    count, epoch = fetch(statement, where.values, prepare=False)[0]
    counts.counts.put(where.key, int(epoch), int(count))
    return int(count)


def fetch(statement: str, values: Sequence[Any], *, prepare: bool) -> list[tuple[Any, ...]]:
    """Through psycopg itself, without the layers in between; bytes come as bytes.

    With `prepare`, values are bound on the server and one plan serves them all; without, they are written into the
    text (by psycopg, quoted), so that PostgreSQL plans for just these. A connection that the database has closed meanwhile is made anew, once.
    """
    database = connections[
        DEFAULT_DB_ALIAS
    ]  # looked up once: `connection` does it for each of its attributes
    if database.force_debug_cursor or is_watched(database):
        return fetch_all(statement, values)  # somebody wants to see the queries
    try:
        return _fetch(database, statement, values, prepare=prepare)
    except (OperationalError, InterfaceError) as error:
        if database.in_atomic_block or not _is_gone(error):
            raise
        database.close()
    return _fetch(database, statement, values, prepare=prepare)


def _fetch(
    database: BaseDatabaseWrapper, statement: str, values: Sequence[Any], *, prepare: bool
) -> list[tuple[Any, ...]]:
    database.ensure_connection()
    with database.wrap_database_errors, psycopg.Cursor(database.connection) as cursor:
        if prepare:
            return cursor.execute(statement, values, binary=True, prepare=True).fetchall()
        text = psycopg.ClientCursor(database.connection).mogrify(statement, values)
        return cursor.execute(text, binary=True, prepare=False).fetchall()


def _is_gone(error: Exception) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def fill(body: bytes, quantity: int, in_stock: bool, rating: str, reviews: int) -> bytes:
    """A list document with its holes filled; they come in the order quantity, rating, reviews, in stock."""
    parts = body.split(b"\x00")
    parts[1] = b"%d" % quantity
    parts[3] = rating.encode()
    parts[5] = b"%d" % reviews
    parts[7] = b"true" if in_stock else b"false"
    return b"".join(parts)


def fill_page(
    body: bytes,
    levels: Sequence[tuple[int, int]] | None,
    quantity: int,
    in_stock: bool,
    rating: str,
    reviews: int,
) -> bytes:
    """A page's document with its holes filled; `levels` are (variant, units)."""
    filled = (
        bytes(body)
        .replace(b"\x00q\x00", b"%d" % quantity)
        .replace(b"\x00a\x00", rating.encode())
        .replace(b"\x00r\x00", b"%d" % reviews)
        .replace(b"\x00i\x00", b"true" if in_stock else b"false")
    )
    units = dict(levels or ())

    def fill_variant(hole: re.Match[bytes]) -> bytes:
        left = max(units.get(int(hole[2]), 0), 0)
        if hole[1] == b"v":
            return b"%d" % left
        return b"true" if left else b"false"

    return _VARIANT_HOLE.sub(fill_variant, filled)


_DETAIL = f"""
    SELECT (extract(epoch FROM product.updated_at) * 1000000)::bigint, b.detail_body, {_UNITS}, {_NUMBERS}
    FROM catalog_product AS product
    JOIN catalog_windowrow AS w ON w.product_id = product.id AND w.is_visible
    JOIN catalog_windowbody AS b ON b.product_id = product.id AND b.language = %s::varchar
    WHERE product.{{key}}
"""
_DETAIL_BY_ID = _DETAIL.format(key="id = %s::bigint")
_DETAIL_BY_SLUG = _DETAIL.format(key="slug = %s::varchar")


def get_window_detail(key: str, language: str) -> DetailPage | None:
    """A product's page by id or slug: one query; None when it is not shown."""
    if key.isascii() and key.isdigit() and len(key) < 19:
        rows = fetch(_DETAIL_BY_ID, [language, int(key)], prepare=True)
    else:
        rows = fetch(_DETAIL_BY_SLUG, [language, key[:200]], prepare=True)
    if not rows:
        return None
    version, *page = rows[0]
    return DetailPage(fill_page(*page), version)


def list_by_ids(
    product_ids: Sequence[int], language: str, *, also_hidden: bool = False, whole: bool = False
) -> list[bytes]:
    """Filled documents of these products (of lists; with `whole`, of pages), in the given order, leaving out what is
    not shown: one query.
    """
    if not product_ids:
        return []
    body = f"b.detail_body, {_UNITS}" if whole else "b.list_body"
    statement = f"""
        SELECT {body}, {_NUMBERS}
        FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted(id, place)
        JOIN catalog_windowrow AS w ON w.product_id = wanted.id AND (w.is_visible OR %s::boolean)
        JOIN catalog_windowbody AS b ON b.product_id = w.product_id AND b.language = %s::varchar
        ORDER BY wanted.place
    """
    rows = fetch(statement, [list(product_ids), also_hidden, language], prepare=True)
    return [(fill_page if whole else fill)(*row) for row in rows]
