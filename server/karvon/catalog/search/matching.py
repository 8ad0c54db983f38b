# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Finding and ranking: titles first, what is in stock first, then how well the words fit.

Judging how well words fit means reading the whole search vector of every match. A word that thousands of products
have says little about which of them is meant, so there the one that sells best is taken to fit best: an index has them
in that order, and a page costs the same however many there are.
"""

from __future__ import annotations

from typing import Final

from karvon.catalog.models.window import TITLES_SQL
from karvon.catalog.search.queries import SearchWords
from karvon.catalog.window.query import Conditions, Pick, WindowQuery

MOST_RANKED: Final = 500  # matches whose words are judged

_QUERY = "(%s::tsquery || plainto_tsquery('{dictionary}', %s))"
_COLUMNS = (
    "w.product_id, w.in_stock, w.popularity, w.quantity, w.rating, w.reviews_count, NULL::text[] AS place"
)
# somebody who types a whole SKU means that product; the look-up is made once
_HAS_SKU = """(w.product_id = ANY(ARRAY(
    SELECT variant.product_id FROM catalog_variant AS variant
    WHERE lower(variant.sku) = lower(%s) AND variant.is_active LIMIT 100)))"""
_BEST_SELLING = "w.in_stock DESC, w.popularity DESC, w.product_id DESC"


def add_search(where: Conditions, words: SearchWords) -> None:
    """Only what has all the words."""
    where.add(f"w.search @@ {_QUERY.format(dictionary=words.dictionary)}", words.to_tsquery(), words.raw)


def pick_best(
    query: WindowQuery, words: SearchWords, base: Conditions, where: Conditions, count: int
) -> Pick:
    """A page of the matches, best first. `base` are the conditions without the search, `count` about how many match."""
    if count <= MOST_RANKED:
        return _by_words(query, words, where)
    return _by_sales(query, words, base, where)


def _by_words(query: WindowQuery, words: SearchWords, where: Conditions) -> Pick:
    ranked = _QUERY.format(dictionary=words.dictionary)
    sql = f"""
        SELECT {_COLUMNS} FROM catalog_windowrow AS w WHERE {where.sql}
        ORDER BY {_HAS_SKU} DESC, (w.search @@ %s::tsquery) DESC, w.in_stock DESC, ts_rank(w.search, {ranked}) DESC,
                 w.popularity DESC, w.product_id DESC
        LIMIT %s::bigint OFFSET %s::bigint
    """
    asked = [words.raw, words.to_tsquery("A"), words.to_tsquery(), words.raw]
    return Pick(sql, [*where.values, *asked, query.limit, query.offset])


def _by_sales(query: WindowQuery, words: SearchWords, base: Conditions, where: Conditions) -> Pick:
    """The others are looked for only when those with the words in their titles do not fill the page."""
    in_title = f"{TITLES_SQL} @@ %s::tsquery"
    sql = f"""
        WITH titled AS MATERIALIZED (
            SELECT {_COLUMNS} FROM catalog_windowrow AS w WHERE {base.sql} AND {in_title}
            ORDER BY {_BEST_SELLING} LIMIT %s::bigint
        ), others AS MATERIALIZED (
            SELECT {_COLUMNS} FROM catalog_windowrow AS w
            WHERE (SELECT count(*) FROM titled) < %s::bigint AND {where.sql} AND NOT {in_title}
            ORDER BY {_BEST_SELLING} LIMIT %s::bigint
        )
        SELECT w.* FROM (SELECT *, 1 AS tier FROM titled UNION ALL SELECT *, 0 FROM others) AS w
        ORDER BY w.tier DESC, {_BEST_SELLING} LIMIT %s::bigint OFFSET %s::bigint
    """
    title, end = words.to_tsquery(), query.offset + query.limit
    first = [*base.values, title, end]
    return Pick(sql, [*first, end, *where.values, title, end, query.limit, query.offset])
