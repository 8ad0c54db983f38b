# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Puts rows and documents of the window into the database: two statements for a batch, their text always the same."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson

from karvon.catalog.html import to_plain
from karvon.catalog.search.folding import fold
from karvon.catalog.search.vectors import VECTOR_SQL, search_fields
from karvon.catalog.window.bodies import attribute_tokens, build_bodies, price_range
from karvon.catalog.window.facts import ProductFacts, say
from karvon.catalog.window.statements import fetch_all, run

# column → its type in the record that carries it
_COLUMNS = {
    "product_id": "bigint",
    "merchant_id": "bigint",
    "is_visible": "boolean",
    "category_ids": "bigint[]",
    "category_order": "varchar",
    "collection_ids": "bigint[]",
    "attributes": "varchar[]",
    "tags": "varchar[]",
    "price_min": "numeric",
    "price_max": "numeric",
    "currency": "varchar",
    "rating": "numeric",
    "reviews_count": "integer",
    "popularity": "integer",
    "title_sort": "varchar",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "search_title": "text",
}
_TEXTS = ("words", "title_ru", "title_en", "title_ar", "description_ru", "description_en", "description_ar")
# what decides which products a filter finds: a change of these moves the epoch
_MEMBERSHIP = (
    "is_visible", "category_ids", "collection_ids", "attributes", "tags", "price_min", "rating", "search",
)  # fmt: skip

_NAMES = ", ".join(_COLUMNS)
_RECORD = ", ".join(f"{name} {kind}" for name, kind in {**_COLUMNS, **dict.fromkeys(_TEXTS, "text")}.items())
_STORE_ROWS = f"""
WITH given AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(rows)s::text::json) AS r ({_RECORD})
), before AS MATERIALIZED (
    SELECT shown.product_id, {", ".join(f"shown.{name}" for name in _MEMBERSHIP)}
    FROM catalog_windowrow AS shown JOIN given USING (product_id)
), after AS (
    INSERT INTO catalog_windowrow ({_NAMES}, quantity, in_stock, branch_ids, search)
    SELECT {_NAMES}, 0, false, '{{}}', {VECTOR_SQL} FROM given AS r ORDER BY r.product_id
    ON CONFLICT (product_id) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS, "search") if name != "product_id")}
    RETURNING product_id, {", ".join(_MEMBERSHIP)}
)
SELECT after.product_id FROM after LEFT JOIN before USING (product_id)
WHERE before.product_id IS NULL
   OR ({", ".join(f"before.{name}" for name in _MEMBERSHIP)})
      IS DISTINCT FROM ({", ".join(f"after.{name}" for name in _MEMBERSHIP)})
"""

# what was stored differs from what would be; the columns of stock belong to the room above
_DIFFERING_ROWS = f"""
SELECT r.product_id FROM json_to_recordset(%(rows)s::text::json) AS r ({_RECORD})
LEFT JOIN catalog_windowrow AS shown ON shown.product_id = r.product_id
WHERE shown.product_id IS NULL
   OR ({", ".join(f"shown.{name}" for name in _COLUMNS)}) IS DISTINCT FROM ({", ".join(f"r.{name}" for name in _COLUMNS)})
   OR shown.search IS DISTINCT FROM {VECTOR_SQL}
"""
_BODIES = """
SELECT product_id, language, list_body, detail_body FROM catalog_windowbody WHERE product_id = ANY(%(ids)s::bigint[])
"""

_STORE_BODIES = """
INSERT INTO catalog_windowbody (product_id, language, list_body, detail_body)
SELECT * FROM unnest(%(ids)b::bigint[], %(languages)b::varchar[], %(lists)b::bytea[], %(details)b::bytea[])
ON CONFLICT (product_id, language) DO UPDATE
SET list_body = excluded.list_body, detail_body = excluded.detail_body
"""


def store_window(products: Sequence[ProductFacts]) -> list[int]:
    """Insert or replace rows and documents; the products whose place in lists may have changed."""
    if not products:
        return []
    moved = fetch_all(_STORE_ROWS, {"rows": orjson.dumps([_row(product) for product in products]).decode()})
    bodies = [(product.id, *body) for product in products for body in build_bodies(product)]
    ids, languages, lists, details = zip(*bodies, strict=True)
    params = {"ids": list(ids), "languages": list(languages), "lists": list(lists), "details": list(details)}
    run(_STORE_BODIES, params)
    return [row[0] for row in moved]


def list_differing(products: Sequence[ProductFacts]) -> list[int]:
    """Those of these products whose stored rows or documents are not what `store_window` would write now."""
    if not products:
        return []
    rows = orjson.dumps([_row(product) for product in products]).decode()
    found = {row[0] for row in fetch_all(_DIFFERING_ROWS, {"rows": rows})}
    stored: dict[int, dict[str, tuple[bytes, bytes]]] = {product.id: {} for product in products}
    for product_id, language, listed, detail in fetch_all(_BODIES, {"ids": list(stored)}):
        stored[product_id][language] = bytes(listed), bytes(detail)
    for product in products:
        made = {language: (listed, detail) for language, listed, detail in build_bodies(product)}
        if stored[product.id] != made:
            found.add(product.id)
    return sorted(found)


def rating_of(rating_sum: int, reviews_count: int) -> Decimal:
    """The average with two places, halves rounded up as people and PostgreSQL do; 0 without reviews."""
    if not reviews_count:
        return Decimal(0)
    return (Decimal(rating_sum) / reviews_count).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _row(product: ProductFacts) -> dict[str, Any]:
    low, high = price_range(product.variants)
    home = product.merchant.home
    return {
        "product_id": product.id,
        "merchant_id": product.merchant.id,
        "is_visible": product.is_shown,
        "category_ids": [category.id for category in product.path],
        "category_order": " / ".join(say(each.name, "en", home) for each in product.path)[:255],
        "collection_ids": sorted({collection.id for collection in product.collections}),
        "attributes": attribute_tokens(product),
        "tags": [tag.slug for tag in product.tags],
        "price_min": str(low),
        "price_max": str(high),
        "currency": product.currency,
        "rating": str(rating_of(product.rating_sum, product.reviews_count)),
        "reviews_count": product.reviews_count,
        "popularity": product.sold_count,
        "title_sort": fold(say(product.title, home, home))[:255],
        "created_at": product.created_at.isoformat(),
        "updated_at": product.updated_at.isoformat(),
        **search_fields(product, [to_plain(text) for text in product.description]),
    }
