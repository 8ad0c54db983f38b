# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""How many products each further choice would leave."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from karvon.catalog.models import AttributeChoice, Category
from karvon.catalog.texts import text_in
from karvon.catalog.window.reading import WindowQuery, _fetch, conditions_of


def list_facets(query: WindowQuery) -> dict[str, Any]:
    """Categories, price range, attributes, rating and availability of a list; each ignores its own filter.

    Two statements, and one for the labels of categories and one for those of choices.
    """
    plain = replace(query, ordering=())
    parts, values = [], []
    for name, without, column in (
        ("category", "category", "unnest(w.category_ids)::text"),
        ("rating", "rating", "floor(w.rating)::text"),
        ("availability", "availability", "w.in_stock::text"),
        ("attribute", "", "unnest(w.attributes)"),
    ):
        where = conditions_of(plain, without=without)
        parts.append(
            f"SELECT '{name}', {column} AS value, count(*) FROM catalog_windowrow w WHERE {where.sql} GROUP BY 2"
        )
        values += where.values
    prices = conditions_of(plain, without="price")
    parts.append(
        "SELECT 'price', coalesce(min(w.price_min), 0)::text || '|' || coalesce(max(w.price_max), 0)::text, count(*) "
        f"FROM catalog_windowrow w WHERE {prices.sql}"
    )
    rows = _fetch(" UNION ALL ".join(parts), [*values, *prices.values])
    for code, _wanted in query.attributes:  # an attribute's own facet is counted without it
        where = conditions_of(plain, without=f"attr_{code}")
        rows = [row for row in rows if not (row[0] == "attribute" and row[1].startswith(f"{code}="))]
        rows += _fetch(
            f"SELECT 'attribute', token, count(*) FROM catalog_windowrow w, unnest(w.attributes) token "
            f"WHERE {where.sql} AND starts_with(token, %s) GROUP BY 2",
            [*where.values, f"{code}="],
        )
    return _shape(rows, query.language)


def _shape(rows: list[tuple[Any, ...]], language: str) -> dict[str, Any]:
    by_name: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, value, count in rows:
        by_name[name].append((value, int(count)))
    counts = {int(value): count for value, count in by_name["category"]}
    categories = Category.objects.filter(pk__in=counts).order_by("position", "pk")
    low, _, high = by_name["price"][0][0].partition("|") if by_name["price"] else ("0", "", "0")
    return {
        "categories": [
            {
                "id": each.pk,
                "slug": each.slug,
                "name": text_in(each, "name", language),
                "count": counts[each.pk],
            }
            for each in categories
        ],
        "price": {"min": f"{float(low):.2f}", "max": f"{float(high):.2f}"},
        "attributes": _attributes(by_name["attribute"], language),
        "rating": [
            {"from": int(value), "count": count} for value, count in sorted(by_name["rating"], reverse=True)
        ],
        "availability": {
            "in_stock": dict(by_name["availability"]).get("true", 0),
            "sold_out": dict(by_name["availability"]).get("false", 0),
        },
    }


def _attributes(tokens: list[tuple[str, int]], language: str) -> list[dict[str, Any]]:
    by_code: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for token, count in tokens:
        code, _, value = token.partition("=")
        by_code[code].append((value, count))
    choices = AttributeChoice.objects.filter(attribute__code__in=by_code).select_related("attribute")
    labels = {(each.attribute.code, each.code): text_in(each, "label", language) for each in choices}
    return [
        {
            "code": code,
            "values": [
                {"value": value, "label": labels.get((code, value), value), "count": count}
                for value, count in sorted(values, key=lambda each: (-each[1], each[0]))[:100]
            ],
        }
        for code, values in sorted(by_code.items())
    ]
