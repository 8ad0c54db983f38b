"""Writing the window, in the transaction that changes what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from karvon.catalog.html import to_plain
from karvon.catalog.models import Category, Collection, Product, WindowEpoch
from karvon.catalog.rules import matches
from karvon.catalog.search.folding import fold
from karvon.catalog.texts import all_texts, text_in
from karvon.catalog.window.bodies import attribute_tokens, detail_document, encode, list_document, price_range
from karvon.catalog.window.loading import (
    CategoryPaths,
    is_shown,
    load_paths,
    load_products,
    load_rule_collections,
)
from karvon.kernel import clock
from karvon.kernel.languages import LANGUAGES

BATCH = 200

_hooks: list[Callable[[Sequence[int]], None]] = []

_COLUMNS = (
    "product_id", "merchant_id", "is_visible", "category_ids", "category_order", "collection_ids", "attributes",
    "tags", "price_min", "price_max", "currency", "rating", "reviews_count", "popularity", "title_sort",
    "created_at", "search_title",
)  # fmt: skip
# what a list contains or how it is ordered: a change of these moves the epoch
_MEMBERSHIP = (
    "is_visible", "category_ids", "collection_ids", "attributes", "tags", "price_min", "price_max", "rating", "search",
)  # fmt: skip

_SEARCH = (
    "setweight(to_tsvector('simple', %s), 'A') || setweight(to_tsvector('simple', %s), 'B') || "
    "setweight(to_tsvector('simple', %s), 'C') || setweight(to_tsvector('simple', left(%s, 8000)), 'D') || "
    "setweight(to_tsvector('russian', %s), 'B') || setweight(to_tsvector('english', %s), 'B')"
)


def after_write(hook: Callable[[Sequence[int]], None]) -> None:
    """Let a higher room fill its columns whenever window rows are written (called once, when the server starts)."""
    if hook not in _hooks:
        _hooks.append(hook)


def refresh_products(product_ids: Iterable[int], *, now: datetime | None = None) -> None:
    """Rewrite the rows and documents of these products inside the caller's transaction.

    The rows are locked in key order, so it goes last among a transaction's locks. The number of queries does not depend on
    how many products there are (up to 200 at a time).
    """
    ids = sorted(set(product_ids))
    now = now or clock.now()
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        _refresh_batch(batch, now)
        for hook in _hooks:
            hook(batch)


def _refresh_batch(ids: list[int], now: datetime) -> None:
    _lock_rows(ids)
    paths = load_paths()
    rule_collections = load_rule_collections()
    named = {each.pk: each for each in Collection.objects.filter(is_active=True)}
    rows, bodies = [], []
    for product in load_products(ids):
        collection_ids = sorted(
            {pick.collection_id for pick in product.picks.all()}
            | {
                each.pk
                for each in rule_collections
                if each.merchant_id in (None, product.merchant_id)
                and matches(each.rule, product, paths.path(product.category_id), now)
            }
        )
        rows.append(_row(product, paths, collection_ids, now))
        bodies += _bodies(product, paths, [named[pk] for pk in collection_ids if pk in named])
    if rows:
        moved = _store_rows(rows)
        _store_bodies(bodies)
        bump_epoch(moved)


def _lock_rows(ids: list[int]) -> None:
    """One at a time per product, also for products that have no row yet: whoever comes second sees what the first wrote."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(1001, (id %% 2147483647)::int) FROM unnest(%s::bigint[]) AS id ORDER BY id",
            [ids],
        )
        cursor.execute(
            "SELECT product_id FROM catalog_windowrow WHERE product_id = ANY(%s) ORDER BY product_id FOR UPDATE",
            [ids],
        )


def rating_of(rating_sum: int, reviews_count: int) -> Decimal:
    """The average with two places; 0 without reviews."""
    average = Decimal(rating_sum) / reviews_count if reviews_count else Decimal(0)
    return average.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _row(product: Product, paths: CategoryPaths, collection_ids: list[int], now: datetime) -> list[Any]:
    path = paths.path(product.category_id)
    low, high = price_range(product.variants.all())
    titles = all_texts(product, "title")
    folded_titles = fold(" ".join(dict.fromkeys(filter(None, titles.values()))))
    home = product.merchant.default_language
    values: list[Any] = [
        product.pk,
        product.merchant_id,
        is_shown(product, now),
        list(path),
        " / ".join(text_in(paths.rows[pk], "name", "en") for pk in path)[:255],
        collection_ids,
        attribute_tokens(product),
        [tag.slug for tag in product.tags.all()],
        low,
        high,
        product.currency,
        rating_of(product.rating_sum, product.reviews_count),
        product.reviews_count,
        product.sold_count,
        fold(text_in(product, "title", home, home))[:255],
        product.created_at,
        folded_titles,
    ]
    codes = [product.vendor, *(variant.sku for variant in product.variants.all())]
    related = [name for pk in path for name in all_texts(paths.rows[pk], "name").values()]
    related += [name for tag in product.tags.all() for name in all_texts(tag, "name").values()]
    related += _attribute_words(product)
    descriptions = " ".join(
        to_plain(text, 2000) for text in all_texts(product, "description").values() if text
    )
    return [
        *values,
        folded_titles,
        fold(" ".join(codes)),
        fold(" ".join(related)),
        fold(descriptions),
        titles["ru"],
        titles["en"],
    ]


def _attribute_words(product: Product) -> list[str]:
    found: list[str] = []
    owners: list[Any] = [product, *product.variants.all()]
    for owner in owners:
        for value in owner.attribute_values.all():
            if value.choice is not None:
                found += all_texts(value.choice, "label").values()
            elif value.text:
                found.append(value.text)
    return found


def _bodies(product: Product, paths: CategoryPaths, collections: list[Collection]) -> list[list[Any]]:
    home = product.merchant.default_language
    found: list[list[Any]] = []
    for language in LANGUAGES:
        shown = [
            {"id": each.pk, "slug": each.slug, "title": text_in(each, "title", language, home)}
            for each in collections
        ]
        found.append(
            [
                product.pk,
                language,
                encode(list_document(product, language, paths)),
                encode(detail_document(product, language, paths, shown)),
            ]
        )
    return found


def _store_rows(rows: list[list[Any]]) -> list[int]:
    """Insert or update; returns the products whose place in lists may have changed."""
    one = f"({', '.join(['%s'] * len(_COLUMNS))}, 0, false, '{{}}', {_SEARCH})"
    names = ", ".join(_COLUMNS)
    updates = ", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS[1:], "search"))
    old, new = (", ".join(f"{side}.{name}" for name in _MEMBERSHIP) for side in ("before", "after"))
    statement = f"""
        WITH before AS MATERIALIZED (
            SELECT product_id, {", ".join(_MEMBERSHIP)} FROM catalog_windowrow WHERE product_id = ANY(%s)
        ), after AS (
            INSERT INTO catalog_windowrow ({names}, quantity, in_stock, branch_ids, search)
            VALUES {", ".join([one] * len(rows))}
            ON CONFLICT (product_id) DO UPDATE SET {updates}
            RETURNING product_id, {", ".join(_MEMBERSHIP)}
        )
        SELECT after.product_id FROM after LEFT JOIN before USING (product_id)
        WHERE before.product_id IS NULL OR ({old}) IS DISTINCT FROM ({new})
    """  # noqa: S608 - put together from constants; every value is bound
    with connection.cursor() as cursor:
        cursor.execute(statement, [[row[0] for row in rows], *(value for row in rows for value in row)])
        return [row[0] for row in cursor.fetchall()]


def _store_bodies(bodies: list[list[Any]]) -> None:
    places = ", ".join(["(%s, %s, %s, %s)"] * len(bodies))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO catalog_windowbody (product_id, language, list_body, detail_body) VALUES {places}
            ON CONFLICT (product_id, language) DO UPDATE
            SET list_body = excluded.list_body, detail_body = excluded.detail_body""",  # noqa: S608
            [value for body in bodies for value in body],
        )


def bump_epoch(product_ids: Iterable[int]) -> None:
    """Say that what lists contain has changed; the last lock of a transaction, shards in order."""
    shards = sorted({product_id % WindowEpoch.SHARDS for product_id in product_ids})
    if not shards:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO catalog_windowepoch AS epoch (shard, changes) SELECT unnest(%s::smallint[]), 1
            ON CONFLICT (shard) DO UPDATE SET changes = epoch.changes + 1""",
            [shards],
        )


def record_rating(product_id: int, rating_sum: int, reviews_count: int) -> None:
    """Show a product's rating, inside the transaction that changed its reviews."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_windowrow SET rating = %s, reviews_count = %s WHERE product_id = %s",
            [rating_of(rating_sum, reviews_count), reviews_count, product_id],
        )
    bump_epoch([product_id])


def record_popularity(sold: dict[int, int]) -> None:
    """Show how many units of each product were sold, in key order."""
    for product_id, count in sorted(sold.items()):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE catalog_windowrow SET popularity = %s WHERE product_id = %s", [count, product_id]
            )


def list_products_in(category: Category) -> list[int]:
    """Products in a category or below it."""
    return list(
        Product.objects.filter(window__category_ids__contains=[category.pk], deleted_at=None)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
