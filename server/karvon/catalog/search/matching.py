"""Finding and ranking: titles first, what is in stock first; what is misspelled, by its nearest known words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from karvon.catalog.search.queries import SearchWords
from karvon.catalog.window.query import Conditions, WindowQuery, conditions_of

if TYPE_CHECKING:
    from karvon.catalog.window.reading import WindowPage

FEW = 1  # with fewer results than this, similar words are tried

_QUERY = "(%s::tsquery || plainto_tsquery('{dictionary}', %s))"


@dataclass(frozen=True)
class Relevance:
    """ORDER BY of a search without an order of its own."""

    sql: str
    values: list[Any] = field(default_factory=list)
    values_sql: str = "NULL::text[]"


def search_window(query: WindowQuery, words: SearchWords, read: Callable[..., WindowPage]) -> WindowPage:
    """The page of a search for these words."""
    where = conditions_of(query)
    add_search(where, words)
    return read(query, where, _relevance(words) if query.by_relevance else None)


def add_search(where: Conditions, words: SearchWords) -> None:
    where.add(f"w.search @@ {_QUERY.format(dictionary=words.dictionary)}", words.to_tsquery(), words.raw)


def _relevance(words: SearchWords) -> Relevance:
    ranked = _QUERY.format(dictionary=words.dictionary)
    return Relevance(
        f"(w.search @@ %s::tsquery) DESC, w.in_stock DESC, ts_rank(w.search, {ranked}) DESC, w.popularity DESC, "
        "w.product_id DESC",
        [words.to_tsquery("A"), words.to_tsquery(), words.raw],
    )
