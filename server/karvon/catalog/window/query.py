"""What a list is asked for, as SQL conditions put together from constants; every value is bound."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from karvon.catalog.search.queries import SearchWords

# name → (column, its type)
ORDERINGS = {
    "price": ("w.price_min", "numeric"),
    "created_at": ("w.created_at", "timestamptz"),
    "updated_at": ("w.updated_at", "timestamptz"),
    "title": ("w.title_sort", "varchar"),
    "rating": ("w.rating", "numeric"),
    "popularity": ("w.popularity", "bigint"),
    "category": ("w.category_order", "varchar"),
}
DEFAULT_ORDER = ("-created_at",)


@dataclass(frozen=True)
class WindowQuery:
    """Filters (ids are resolved already; amounts in the products' currency), order and place of a page.

    `attributes` is (code, values) pairs: any of the values, all of the codes. With `search` and no `ordering` the best
    match is first. `whole` asks for the documents of product pages instead of those of lists.
    """

    language: str = "en"
    category_id: int | None = None
    collection_id: int | None = None
    merchant_id: int | None = None
    branch_id: int | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    price_above: Decimal | None = None  # as the two before, without the bound itself
    price_below: Decimal | None = None
    rating_min: Decimal | None = None
    in_stock: bool | None = None
    tag: str | None = None
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    search: SearchWords | None = None
    ordering: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 20
    after: tuple[str, ...] | None = None  # the last row's order values and id, when paging by cursor
    whole: bool = False

    @property
    def by_relevance(self) -> bool:
        return self.search is not None and not self.ordering


@dataclass
class Conditions:
    """WHERE of a list."""

    clauses: list[str] = field(default_factory=lambda: ["w.is_visible"])
    values: list[Any] = field(default_factory=list)

    def add(self, clause: str, *values: Any) -> None:
        self.clauses.append(clause)
        self.values += values

    @property
    def sql(self) -> str:
        return " AND ".join(self.clauses)

    @property
    def key(self) -> tuple[str, str]:
        return self.sql, repr(self.values)


@dataclass(frozen=True)
class Pick:
    """A SELECT of the rows of one page, best first, with `place` (what the next cursor starts behind, or NULL).

    `is_plain` says that one plan suits all its values.
    """

    sql: str
    values: list[Any]
    is_plain: bool = False


def conditions_of(query: WindowQuery, *, without: str = "") -> Conditions:
    """The filters of a query but its search; `without` leaves one out (facets ignore their own)."""
    found = Conditions()
    _add_memberships(found, query, without)
    if query.price_min is not None and without != "price":
        found.add("w.price_min >= %s::numeric", query.price_min)
    if query.price_max is not None and without != "price":
        found.add("w.price_min <= %s::numeric", query.price_max)
    if query.price_above is not None and without != "price":
        found.add("w.price_min > %s::numeric", query.price_above)
    if query.price_below is not None and without != "price":
        found.add("w.price_min < %s::numeric", query.price_below)
    if query.rating_min is not None and without != "rating":
        found.add("w.rating >= %s::numeric", query.rating_min)
    if query.in_stock is not None and without != "availability":
        found.add("w.in_stock" if query.in_stock else "NOT w.in_stock")
    for code, values in query.attributes:
        if without != f"attr_{code}":
            found.add("w.attributes && %s::varchar[]", [f"{code}={value}" for value in values])
    return found


def _add_memberships(found: Conditions, query: WindowQuery, without: str) -> None:
    if query.category_id is not None and without != "category":
        found.add("w.category_ids @> ARRAY[%s::bigint]", query.category_id)
    if query.collection_id is not None:
        found.add("w.collection_ids @> ARRAY[%s::bigint]", query.collection_id)
    if query.branch_id is not None:
        found.add("w.branch_ids @> ARRAY[%s::bigint]", query.branch_id)
    if query.merchant_id is not None:
        found.add("w.merchant_id = %s::bigint", query.merchant_id)
    if query.tag is not None:
        found.add("w.tags @> ARRAY[%s::varchar]", query.tag)


@dataclass(frozen=True)
class Order:
    """ORDER BY: (expression, type, whether descending), the product's id last so that no two rows are equal."""

    parts: tuple[tuple[str, str, bool], ...]

    @classmethod
    def of(cls, names: tuple[str, ...]) -> Order:
        chosen = names or DEFAULT_ORDER
        parts = [(*ORDERINGS[name.removeprefix("-")], name.startswith("-")) for name in chosen]
        # in the direction of the last: so one index serves the order and its tie-break
        return cls((*parts, ("w.product_id", "bigint", parts[-1][2])))

    @property
    def sql(self) -> str:
        return ", ".join(f"{column} {'DESC' if down else 'ASC'}" for column, _kind, down in self.parts)

    @property
    def values_sql(self) -> str:
        """The order values of a row as texts, for the next cursor."""
        return f"ARRAY[{', '.join(f'{column}::text' for column, _kind, _down in self.parts)}]"

    def add_after(self, found: Conditions, after: tuple[str, ...]) -> None:
        """Only rows that come after the one with these order values."""
        if (
            len({down for *_rest, down in self.parts}) == 1
        ):  # one comparison of rows: an index can start there
            columns = ", ".join(column for column, *_rest in self.parts)
            marks = ", ".join(f"%s::{kind}" for _column, kind, _down in self.parts)
            found.add(f"({columns}) {'<' if self.parts[0][2] else '>'} ({marks})", *after)
            return
        alternatives: list[str] = []
        values: list[str] = []
        for place, (column, kind, down) in enumerate(self.parts):
            equal = [f"{name} = %s::{its}" for name, its, _down in self.parts[:place]]
            alternatives.append(" AND ".join([*equal, f"{column} {'<' if down else '>'} %s::{kind}"]))
            values += after[: place + 1]
        first, kind, down = self.parts[0]
        found.add(f"{first} {'<=' if down else '>='} %s::{kind}", after[0])
        found.add(f"(({') OR ('.join(alternatives)}))", *values)
