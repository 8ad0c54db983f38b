# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Titles that begin like what is being typed, or else look like it."""

from __future__ import annotations

from typing import Any

from karvon.catalog.search.folding import fold
from karvon.catalog.search.similar import fetch_similar
from karvon.catalog.window.facts import say
from karvon.catalog.window.statements import fetch_all
from karvon.kernel.languages import LANGUAGES

LONGEST = 100
SHORTEST = 2
_TITLES = ", ".join(f"coalesce(product.title_{language}, '')" for language in LANGUAGES)
_SHOWN = f"""
SELECT product.id, product.slug, ARRAY[{_TITLES}], merchant.default_language
FROM found AS w
JOIN catalog_product AS product ON product.id = w.product_id
JOIN merchants_merchant AS merchant ON merchant.id = product.merchant_id
ORDER BY w.tier, w.in_stock DESC, w.popularity DESC, w.product_id DESC LIMIT %(limit)s::integer
"""
_TITLED = """
SELECT product_id, in_stock, popularity, {tier} AS tier FROM catalog_windowrow
WHERE is_visible AND {condition} ORDER BY in_stock DESC, popularity DESC, product_id DESC LIMIT %(limit)s::integer
"""
_BEGINNING = _TITLED.format(tier=1, condition="search_title LIKE %(start)s::text")
# the trigram index knows where words begin, even from two letters
_INSIDE = _TITLED.format(
    tier=2,
    condition="(SELECT count(*) FROM beginning) < %(limit)s::integer AND search_title LIKE %(inside)s::text "
    "AND search_title NOT LIKE %(start)s::text",
)
# each kind picks its best sellers by an index, so that a word of half the catalogue costs no more than a rare one
_LIKELY = f"""
WITH beginning AS MATERIALIZED ({_BEGINNING}), inside AS MATERIALIZED ({_INSIDE}),
     found AS (SELECT * FROM beginning UNION ALL SELECT * FROM inside) {_SHOWN}
"""
_SIMILAR = f"""
WITH found AS (SELECT product_id, in_stock, popularity,
                      1 - word_similarity(%(folded)s::text, search_title) AS tier
               FROM catalog_windowrow WHERE is_visible AND search_title %%> %(folded)s::text LIMIT 500) {_SHOWN}
"""


def suggest(text: str, language: str, *, limit: int = 8) -> list[dict[str, Any]]:
    """At most `limit` products: titles that begin like this, titles with a word that does, or else alike ones.

    One query; two more when nothing begins like it.
    """
    folded = fold(text[:LONGEST])
    if len(folded) < SHORTEST:
        return []
    values: dict[str, Any] = {
        "folded": folded, "start": f"{folded}%", "inside": f"% {folded}%", "limit": limit,
    }  # fmt: skip
    rows = fetch_all(_LIKELY, values) or fetch_similar(_SIMILAR, values)
    return [
        {"type": "product", "id": pk, "slug": slug, "text": say(tuple(titles), language, home)}
        for pk, slug, titles, home in rows
    ]
