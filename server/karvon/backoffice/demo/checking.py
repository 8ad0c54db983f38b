"""Are the shop's data whole? Counts, rows that miss what they need, the window, the books."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import connection

from karvon.accounts.models import Role, User
from karvon.catalog.models import Category, Product, Variant
from karvon.catalog.window.inspecting import list_incomplete, list_stale
from karvon.merchants.models import Branch, Merchant
from karvon.orders.books import verify_books
from karvon.orders.models import Order
from karvon.reviews.models import Review

BATCH = 250
MOST_NAMED = 10
Report = Callable[[str, int, int], None]

# rule → a query for what breaks it: rows that may exist, and that nobody can do anything with
_ORPHANS = {
    "products have a variant to sell": """
        SELECT product.id FROM catalog_product AS product
        WHERE product.deleted_at IS NULL AND product.state = 'published' AND NOT EXISTS (
            SELECT 1 FROM catalog_variant AS variant WHERE variant.product_id = product.id AND variant.is_active)""",
    "products have a title": """
        SELECT id FROM catalog_product
        WHERE deleted_at IS NULL AND coalesce(title_uz, '') || coalesce(title_ru, '') || coalesce(title_en, '')
                                     || coalesce(title_ar, '') = ''""",
    "counted variants have a stock level": """
        SELECT variant.id FROM catalog_variant AS variant JOIN catalog_product AS product ON product.id = variant.product_id
        WHERE product.deleted_at IS NULL AND variant.is_active AND variant.tracks_stock AND NOT EXISTS (
            SELECT 1 FROM inventory_stocklevel AS level WHERE level.variant_id = variant.id)""",
    "merchants have a default branch": """
        SELECT merchant.id FROM merchants_merchant AS merchant
        WHERE merchant.state = 'active' AND NOT EXISTS (
            SELECT 1 FROM merchants_branch AS branch WHERE branch.merchant_id = merchant.id AND branch.is_default)""",
    "orders have a timeline": """
        SELECT placed.id FROM orders_order AS placed WHERE NOT EXISTS (
            SELECT 1 FROM orders_orderevent AS event WHERE event.order_id = placed.id)""",
    "orders have a buyer with a name or a contact": """
        SELECT id FROM orders_order WHERE customer_id IS NULL AND contact_name = '' AND contact_phone = ''""",
    "deliveries have an address": """
        SELECT id FROM orders_order WHERE delivery_type = 'delivery' AND delivery_address = '{}'::jsonb""",
    "fulfilments have lines": """
        SELECT part.id FROM orders_fulfilment AS part WHERE NOT EXISTS (
            SELECT 1 FROM orders_orderline AS line WHERE line.fulfilment_id = part.id)""",
}
_NAMED = {
    "merchants": Merchant.objects.count,
    "branches": Branch.objects.count,
    "categories": Category.objects.count,
    "products": lambda: Product.objects.filter(deleted_at=None).count(),
    "variants": lambda: Variant.objects.filter(is_active=True).count(),
    "customers": lambda: User.objects.filter(role=Role.CUSTOMER).count(),
    "orders": Order.objects.count,
    "reviews": Review.objects.count,
}


@dataclass(frozen=True)
class Problem:
    """A rule that does not hold, how often, and the first rows that break it, in words."""

    rule: str
    count: int
    examples: list[str]


@dataclass(frozen=True)
class Condition:
    """How many there are of each, and everything that is wrong."""

    counts: dict[str, int]
    problems: list[Problem]


def check_data(*, at_least: Mapping[str, int], report: Report) -> Condition:
    """Look at everything; nothing is changed. `at_least` is how many there must be, by the names of the counts."""
    counts = {name: count() for name, count in _NAMED.items()}
    problems = [
        Problem(f"at least {least} {name}", least - counts[name], [f"there are {counts[name]}"])
        for name, least in at_least.items()
        if counts[name] < least
    ]
    problems += _list_orphans(report)
    problems += _check_window(report)
    by_rule: dict[str, list[str]] = {}
    for finding in verify_books():
        by_rule.setdefault(finding.rule, []).append(finding.what)
    problems += [Problem(rule, len(found), found[:MOST_NAMED]) for rule, found in by_rule.items()]
    return Condition(counts, problems)


def _list_orphans(report: Report) -> list[Problem]:
    found = []
    with connection.cursor() as cursor:
        for number, (rule, query) in enumerate(_ORPHANS.items(), start=1):
            cursor.execute(f"{query} ORDER BY 1")
            rows = [str(row[0]) for row in cursor.fetchall()]
            if rows:
                found.append(Problem(rule, len(rows), rows[:MOST_NAMED]))
            report("rules", number, len(_ORPHANS))
    return found


def _check_window(report: Report) -> list[Problem]:
    missing = list_incomplete()
    ids = list(Product.objects.filter(deleted_at=None).order_by("pk").values_list("pk", flat=True))
    stale: list[int] = []
    for start in range(0, len(ids), BATCH):
        stale += list_stale(ids[start : start + BATCH])
        report("shop window", min(start + BATCH, len(ids)), len(ids))
    named = {
        "every product has its window in every language": missing,
        "the shop window says what the tables say": sorted(set(stale) - set(missing)),
    }
    return [
        Problem(rule, len(rows), [str(pk) for pk in rows[:MOST_NAMED]])
        for rule, rows in named.items()
        if rows
    ]
