# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""How many products each further choice would leave."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Any

from karvon.catalog.search.matching import add_search
from karvon.catalog.window import counts
from karvon.catalog.window.facts import say
from karvon.catalog.window.query import Conditions, WindowQuery, conditions_of
from karvon.catalog.window.reading import EPOCH, fetch
from karvon.kernel.languages import LANGUAGES
from karvon.kernel.money import money_json

MOST_VALUES = 100  # of one attribute
_RATINGS = (4, 3, 2, 1)
Json = dict[str, Any]


def list_facets(query: WindowQuery, epoch: int | None) -> Json:
    """Categories, price range, attributes, rating and availability of a list; each ignores its own filter, as
    shoppers expect. Two queries (counts, names), or one when the counts of this epoch are known.
    """
    plain = replace(query, ordering=(), after=None, offset=0, limit=0, language="")
    rows = counts.facets.get(plain, epoch)
    if rows is None:
        statement, values = _statement(plain)
        found = fetch(statement, values, prepare=False)
        rows = [row[:3] for row in found]
        counts.facets.put(plain, int(found[0][3]), rows)
    return _shape(rows, query.language)


def no_facets() -> Json:
    """Of a list that nothing can be in."""
    return {
        "categories": [],
        "price": {"min": money_json(Decimal(0)), "max": money_json(Decimal(0))},
        "attributes": [],
        "rating": [{"min": least, "count": 0} for least in _RATINGS],
        "availability": {"in_stock": 0, "sold_out": 0},
    }


def _statement(query: WindowQuery) -> tuple[str, list[Any]]:
    """One SELECT per facet, each with the conditions that leave its own filter out."""
    parts: list[str] = []
    values: list[Any] = []

    def add(select: str, without: str, more: str = "", *more_values: Any) -> None:
        where = _conditions(query, without)
        parts.append(f"SELECT {select} WHERE {where.sql} {more}")
        values.extend([*where.values, *more_values])

    table = "FROM catalog_windowrow AS w"
    # the price comes first: it always has a row, which carries the epoch
    add(
        f"'price', coalesce(min(w.price_min), 0) || '|' || coalesce(max(w.price_min), 0), count(*) {table}",
        "price",
    )
    add(
        f"'category', category::text, count(*) {table}, unnest(w.category_ids) AS category",
        "category",
        "GROUP BY 2",
    )
    ratings = ", ".join(f"count(*) FILTER (WHERE w.rating >= {least})" for least in _RATINGS)
    add(f"'rating', array_to_string(ARRAY[{ratings}], '|'), count(*) {table}", "rating")
    add(f"'stock', w.in_stock::text, count(*) {table}", "availability", "GROUP BY 2")
    chosen = [f"{code}=" for code, _values in query.attributes]
    others = "".join(" AND NOT starts_with(token, %s::text)" for _ in chosen)
    add(
        f"'attribute', token, count(*) {table}, unnest(w.attributes) AS token",
        "",
        f"{others} GROUP BY 2",
        *chosen,
    )
    for start in chosen:
        add(
            f"'attribute', token, count(*) {table}, unnest(w.attributes) AS token",
            f"attr_{start[:-1]}",
            "AND starts_with(token, %s::text) GROUP BY 2",
            start,
        )
    return f"SELECT part.*, {EPOCH} FROM ({' UNION ALL '.join(parts)}) AS part", values


def _conditions(query: WindowQuery, without: str) -> Conditions:
    where = conditions_of(query, without=without)
    if query.search is not None:
        add_search(where, query.search)
    return where


def _shape(rows: list[tuple[str, str, int]], language: str) -> Json:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, value, count in rows:
        found[name][value] = int(count)
    low, _, high = next(iter(found["price"])).partition("|")
    ratings = next(iter(found["rating"])).split("|")
    names = _names(found, language)
    return {
        "categories": [
            {"id": pk, "slug": slug, "name": name, "parent": parent, "count": found["category"][str(pk)]}
            for pk, parent, slug, name in names["categories"]
        ],
        "price": {"min": money_json(Decimal(low)), "max": money_json(Decimal(high))},
        "attributes": _attributes(found["attribute"], names["attributes"]),
        "rating": [
            {"min": least, "count": int(count)} for least, count in zip(_RATINGS, ratings, strict=True)
        ],
        "availability": {
            "in_stock": found["stock"].get("true", 0),
            "sold_out": found["stock"].get("false", 0),
        },
    }


def _text(alias: str, column: str) -> str:
    return ", ".join(f"coalesce({alias}.{column}_{language}, '')" for language in LANGUAGES)


_NAMES = f"""
SELECT 'category', category.id, category.parent_id, category.slug, '', '', ARRAY[{_text("category", "name")}],
       NULL::text[], category.position, 0
FROM catalog_category AS category WHERE category.id = ANY(%s::bigint[])
UNION ALL
SELECT 'attribute', attribute.id, choice.id, attribute.code, choice.code, choice.colour,
       ARRAY[{_text("attribute", "name")}], ARRAY[{_text("choice", "label")}], attribute.position, choice.position
FROM catalog_attribute AS attribute
LEFT JOIN catalog_attributechoice AS choice ON choice.attribute_id = attribute.id
WHERE attribute.code = ANY(%s::varchar[])
ORDER BY 1, 9, 2, 10, 3
"""


def _names(found: dict[str, dict[str, int]], language: str) -> dict[str, Any]:
    """What categories, attributes and choices are called, in the order that they are shown."""
    codes = sorted({token.partition("=")[0] for token in found["attribute"]})
    rows = fetch(_NAMES, [[int(pk) for pk in found["category"]], codes], prepare=True)
    categories: list[tuple[Any, ...]] = []
    attributes: dict[str, tuple[str, dict[str, Any]]] = {}
    for kind, pk, other, code, choice, colour, name, label, *_order in rows:
        shown = say(tuple(name), language, language)
        if kind == "category":
            categories.append((pk, other, code, shown))
            continue
        choices = attributes.setdefault(code, (shown, {}))[1]
        if choice is not None:
            choices[choice] = (say(tuple(label), language, language) or choice, colour or None)
    return {"categories": categories, "attributes": attributes}


def _attributes(tokens: dict[str, int], names: dict[str, Any]) -> list[Json]:
    by_code: dict[str, dict[str, int]] = defaultdict(dict)
    for token, count in tokens.items():
        code, _, value = token.partition("=")
        by_code[code][value] = count
    shown = []
    for code, (name, choices) in names.items():
        order = {choice: place for place, choice in enumerate(choices)}
        values = sorted(by_code[code].items(), key=lambda each: (order.get(each[0], len(order)), each[0]))
        shown.append(
            {
                "code": code,
                "name": name,
                "values": [
                    {
                        "value": value,
                        "label": choices.get(value, (value, None))[0],
                        "colour": choices.get(value, (value, None))[1],
                        "count": count,
                    }
                    for value, count in values[:MOST_VALUES]
                ],
            }
        )
    return shown
