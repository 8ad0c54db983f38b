"""Looking at the window from outside: is it whole, is it what the tables say, how large is it, does it come from memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from karvon.catalog.window.loading import load_products
from karvon.catalog.window.reading import EPOCH
from karvon.catalog.window.statements import fetch_all, run
from karvon.catalog.window.storing import list_differing
from karvon.kernel import clock
from karvon.kernel.languages import LANGUAGES

TABLES = ("catalog_windowrow", "catalog_windowbody", "catalog_windowepoch")

# deleted products' rows are of no use, as long as nobody sees them
_INCOMPLETE = """
SELECT product.id FROM catalog_product AS product
LEFT JOIN catalog_windowrow AS shown ON shown.product_id = product.id
WHERE product.deleted_at IS NULL
  AND (shown.product_id IS NULL
       OR (SELECT count(*) FROM catalog_windowbody AS body
           WHERE body.product_id = product.id AND body.language = ANY(%(languages)s::varchar[])) < %(count)s::bigint)
   OR product.deleted_at IS NOT NULL AND shown.is_visible
ORDER BY product.id
"""
_COUNTS = f"""
SELECT (SELECT count(*) FROM catalog_product WHERE deleted_at IS NULL), count(*), count(*) FILTER (WHERE is_visible), {EPOCH}
FROM catalog_windowrow
"""  # noqa: S608 - a constant
_LANGUAGES = """
SELECT language, count(*), sum(octet_length(list_body))::bigint, sum(octet_length(detail_body))::bigint
FROM catalog_windowbody GROUP BY language ORDER BY language
"""
_TABLES = """
SELECT table_name, pg_table_size(table_name::regclass), pg_indexes_size(table_name::regclass),
       coalesce(heap_blks_hit + idx_blks_hit + coalesce(toast_blks_hit, 0) + coalesce(tidx_blks_hit, 0), 0),
       coalesce(heap_blks_read + idx_blks_read + coalesce(toast_blks_read, 0) + coalesce(tidx_blks_read, 0), 0)
FROM unnest(%(tables)s::text[]) WITH ORDINALITY AS named(table_name, place)
LEFT JOIN pg_statio_user_tables AS seen ON seen.relid = table_name::regclass
ORDER BY place
"""
# taken apart and put together again, so that what lies outside the row is really read
_READ = """
SELECT coalesce(sum(octet_length(list_body || ''::bytea) + octet_length(detail_body || ''::bytea)), 0)::bigint,
       (SELECT count(*) FROM catalog_windowrow WHERE product_id = ANY(%(ids)s::bigint[]) AND search IS NOT NULL)
FROM catalog_windowbody WHERE product_id = ANY(%(ids)s::bigint[])
"""


@dataclass(frozen=True)
class LanguageSize:
    """Documents of one language, and the bytes of all of them as they are stored."""

    language: str
    documents: int
    list_bytes: int
    detail_bytes: int


@dataclass(frozen=True)
class TableUse:
    """What a table takes on disk, and how many of its blocks were found in PostgreSQL's memory since its figures began."""

    table: str
    bytes: int
    index_bytes: int
    blocks_hit: int
    blocks_read: int


@dataclass(frozen=True)
class WindowFigures:
    """`products` that are not deleted, `rows` of the window and how many of them are shown; the epoch that counts changes."""

    products: int
    rows: int
    visible: int
    epoch: int
    languages: list[LanguageSize]
    tables: list[TableUse]


def list_incomplete() -> list[int]:
    """Products without a row or without a document in each language, and deleted ones that are still shown: one query."""
    return [row[0] for row in fetch_all(_INCOMPLETE, {"languages": list(LANGUAGES), "count": len(LANGUAGES)})]


def list_stale(product_ids: Sequence[int], *, now: datetime | None = None) -> list[int]:
    """Those of a batch whose rows or documents would be written otherwise now; nothing is written.

    The stock columns are not looked at: `inventory.selectors.list_discrepancies` does. One batch costs what its
    refresh would, less the writing.
    """
    return list_differing(load_products(product_ids, now=now or clock.now()))


def measure_window() -> WindowFigures:
    """Sizes and counts: three queries, one of them over all documents' lengths."""
    products, rows, visible, epoch = fetch_all(_COUNTS)[0]
    return WindowFigures(
        products=products,
        rows=rows,
        visible=visible,
        epoch=int(epoch),
        languages=[LanguageSize(*row) for row in fetch_all(_LANGUAGES)],
        tables=[TableUse(*row) for row in fetch_all(_TABLES, {"tables": list(TABLES)})],
    )


def read_documents(product_ids: Sequence[int]) -> int:
    """Have PostgreSQL read a batch's rows and documents whole, by their indexes, so that its memory holds them; their bytes."""
    return int(fetch_all(_READ, {"ids": list(product_ids)})[0][0])


def drop_documents(product_ids: Sequence[int]) -> None:
    """Delete a batch's documents, in whatever language, inside the caller's transaction, who refreshes these products in it."""
    run("DELETE FROM catalog_windowbody WHERE product_id = ANY(%s::bigint[])", [list(product_ids)])
