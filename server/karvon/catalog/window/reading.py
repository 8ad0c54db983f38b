# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Reading the window: one query for a list, one for a detail, no serializer."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import Any

import orjson
import psycopg
from django.db import connection

from karvon.catalog.search.folding import prefix_query, words_of

ORDERINGS = {
    "price": "w.price_min",
    "created_at": "w.created_at",
    "title": "w.title_sort",
    "rating": "w.rating",
    "popularity": "w.popularity",
    "category": "w.category_order",
}
DEFAULT_ORDER = ("-created_at",)
_VARIANT_HOLE = re.compile(rb"\x00v(\d+)\x00")


@dataclass(frozen=True)
class WindowQuery:
    """What a list is asked for. Ids are resolved already; amounts are in the products' currency."""

    language: str = "en"
    category_id: int | None = None
    collection_id: int | None = None
    merchant_id: int | None = None
    branch_id: int | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    rating_min: Decimal | None = None
    in_stock: bool | None = None
    tag: str | None = None
    attributes: tuple[
        tuple[str, tuple[str, ...]], ...
    ] = ()  # (code, values): any of the values, all of the codes
    search: str = ""
    ordering: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True)
class WindowPage:
    """Filled documents and how many there are in all."""

    items: list[bytes]
    count: int


@dataclass
class Conditions:
    """WHERE of a list, put together from constants; every value is bound."""

    clauses: list[str] = field(default_factory=lambda: ["w.is_visible"])
    values: list[Any] = field(default_factory=list)

    def add(self, clause: str, *values: Any) -> None:
        self.clauses.append(clause)
        self.values += values

    @property
    def sql(self) -> str:
        return " AND ".join(self.clauses)


def conditions_of(query: WindowQuery, *, without: str = "", fuzzy: bool = False) -> Conditions:
    """The filters of a query; `without` leaves one out (facets ignore their own)."""
    found = Conditions()
    arrays = (("category", "category_ids", query.category_id), ("collection", "collection_ids", query.collection_id),
              ("branch", "branch_ids", query.branch_id))  # fmt: skip
    for name, column, value in arrays:
        if value is not None and without != name:
            found.add(f"w.{column} @> ARRAY[%s]::bigint[]", value)
    _add_plain(found, query)
    if without != "price":
        if query.price_min is not None:
            found.add("w.price_max >= %s", query.price_min)
        if query.price_max is not None:
            found.add("w.price_min <= %s", query.price_max)
    if query.rating_min is not None and without != "rating":
        found.add("w.rating >= %s", query.rating_min)
    if query.in_stock is not None and without != "availability":
        found.add("w.in_stock" if query.in_stock else "NOT w.in_stock")
    for code, values in query.attributes:
        if without != f"attr_{code}":
            found.add("w.attributes && %s::varchar[]", [f"{code}={value}" for value in values])
    _add_search(found, query.search, fuzzy=fuzzy)
    return found


def _add_plain(found: Conditions, query: WindowQuery) -> None:
    if query.merchant_id is not None:
        found.add("w.merchant_id = %s", query.merchant_id)
    if query.tag:
        found.add("w.tags @> ARRAY[%s]::varchar[]", query.tag)


def _add_search(found: Conditions, search: str, *, fuzzy: bool) -> None:
    if not search:
        return
    words = words_of(search)
    if not words:
        found.add("false")
    elif fuzzy:
        found.add("w.search_title %%> %s", " ".join(words))
    else:
        found.add("w.search @@ (to_tsquery('simple', %s) || plainto_tsquery('russian', %s) || plainto_tsquery('english', %s))",
                  prefix_query(words), search, search)  # fmt: skip


def _order(query: WindowQuery, *, fuzzy: bool) -> tuple[str, list[Any]]:
    names = query.ordering
    if not names and query.search and (words := words_of(query.search)):
        if fuzzy:
            rank, values = "word_similarity(%s, w.search_title)", [" ".join(words)]
        else:
            rank, values = "ts_rank(w.search, to_tsquery('simple', %s))", [prefix_query(words)]
        return (
            f"(CASE WHEN w.in_stock THEN 1 ELSE 0.5 END) * {rank} DESC, w.popularity DESC, w.product_id DESC",
            values,
        )
    names = names or DEFAULT_ORDER
    parts = [f"{ORDERINGS[name.lstrip('-')]} {'DESC' if name.startswith('-') else 'ASC'}" for name in names]
    return ", ".join([*parts, f"w.product_id {'DESC' if names[0].startswith('-') else 'ASC'}"]), []


_EPOCH = "(SELECT coalesce(sum(changes), 0)::bigint FROM catalog_windowepoch)"


def list_window(query: WindowQuery) -> WindowPage:
    """A page of a list: one query when the count of this filter is known for the current epoch, else two.

    Words that nothing matches are looked for once more by similarity of the title.
    """
    page = _list(query, fuzzy=False)
    if page.count == 0 and query.search and words_of(query.search):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', '0.4', false)")
        page = _list(query, fuzzy=True)
    return page


def _list(query: WindowQuery, *, fuzzy: bool) -> WindowPage:
    where = conditions_of(query, fuzzy=fuzzy)
    order, order_values = _order(query, fuzzy=fuzzy)
    statement = f"""
        SELECT b.list_body, w.quantity, w.in_stock, w.rating, w.reviews_count, {_EPOCH}
        FROM (SELECT * FROM catalog_windowrow w WHERE {where.sql} ORDER BY {order} LIMIT %s OFFSET %s) w
        JOIN catalog_windowbody b ON b.product_id = w.product_id AND b.language = %s
        ORDER BY {order}
    """
    values = [*where.values, *order_values, query.limit, query.offset, query.language, *order_values]
    rows = _fetch(statement, values)
    key = (where.sql, repr(where.values))
    epoch = int(rows[0][5]) if rows else -1
    count = _counts.get(key, epoch) if rows else None
    if count is None:
        counted = _fetch(
            f"SELECT count(*), {_EPOCH} FROM catalog_windowrow w WHERE {where.sql}", where.values
        )[0]
        count = int(counted[0])
        _counts.put(key, int(counted[1]), count)
    return WindowPage([fill(*row[:5]) for row in rows], count)


def _fetch(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """Through psycopg itself: bound on the server, planned once per connection, bytes as bytes."""
    if connection.queries_logged or connection.execute_wrappers:
        with connection.cursor() as cursor:  # tests count queries
            cursor.execute(statement, values)
            return cursor.fetchall()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values, binary=True, prepare=True).fetchall()


def fill(body: bytes, quantity: int, in_stock: bool, rating: Decimal, reviews: int) -> bytes:
    """A document with its holes filled."""
    return (
        bytes(body)
        .replace(b"\x00q\x00", b"%d" % quantity)
        .replace(b"\x00i\x00", b"true" if in_stock else b"false")
        .replace(b"\x00a\x00", b'"%s"' % str(rating).encode())
        .replace(b"\x00r\x00", b"%d" % reviews)
    )


_DETAIL = """
    SELECT b.detail_body, w.quantity, w.in_stock, w.rating, w.reviews_count,
           (SELECT coalesce(jsonb_object_agg(s.variant_id, s.units), '{{}}') FROM (
                SELECT level.variant_id, sum(level.on_hand - level.reserved) AS units
                FROM inventory_stocklevel level
                JOIN catalog_variant variant ON variant.id = level.variant_id
                JOIN merchants_branch branch ON branch.id = level.branch_id AND branch.is_active
                WHERE variant.product_id = w.product_id GROUP BY level.variant_id) s)
    FROM catalog_windowrow w
    JOIN catalog_windowbody b ON b.product_id = w.product_id AND b.language = %s
    WHERE w.is_visible AND {key}
"""


def get_window_detail(key: str, language: str) -> bytes | None:
    """A product's page by id or slug: one query; None when it is not shown."""
    if key.isascii() and key.isdigit() and len(key) < 19:
        rows = _fetch(_DETAIL.format(key="w.product_id = %s"), [language, int(key)])
    else:
        by_slug = "w.product_id = (SELECT id FROM catalog_product WHERE slug = %s)"
        rows = _fetch(_DETAIL.format(key=by_slug), [language, key])
    if not rows:
        return None
    *numbers, units = rows[0]
    if isinstance(units, str | bytes):
        units = orjson.loads(units)
    return _VARIANT_HOLE.sub(lambda hole: b"%d" % units.get(hole[1].decode(), 0), fill(*numbers))


class _Counts:
    """Counts by filter, good for one epoch: exact, and bounded in number."""

    def __init__(self, limit: int = 2000) -> None:
        self._limit = limit
        self._lock = Lock()
        self._known: OrderedDict[Any, tuple[int, int]] = OrderedDict()

    def get(self, key: Any, epoch: int) -> int | None:
        known = self._known.get(key)
        return known[1] if known is not None and known[0] == epoch else None

    def put(self, key: Any, epoch: int, count: int) -> None:
        with self._lock:
            self._known[key] = (epoch, count)
            self._known.move_to_end(key)
            while len(self._known) > self._limit:
                self._known.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()


_counts = _Counts()


def list_by_ids(product_ids: list[int], language: str) -> list[bytes]:
    """Filled list documents of these products that are shown, in the given order: one query."""
    if not product_ids:
        return []
    rows = _fetch(
        """SELECT b.list_body, w.quantity, w.in_stock, w.rating, w.reviews_count
        FROM catalog_windowrow w JOIN catalog_windowbody b ON b.product_id = w.product_id AND b.language = %s
        WHERE w.is_visible AND w.product_id = ANY(%s) ORDER BY array_position(%s, w.product_id)""",
        [language, product_ids, product_ids],
    )
    return [fill(*row) for row in rows]
