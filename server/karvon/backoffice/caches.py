"""What stands between a shopper and the tables: the shop window, PostgreSQL's memory, and what is kept in Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache

from karvon.carts.scripts import DIRTY_KEY, TOUCHED_KEY
from karvon.catalog import selectors as catalog
from karvon.catalog.models import Product
from karvon.catalog.window import WindowQuery, list_window, refresh_products
from karvon.catalog.window.inspecting import (
    drop_documents,
    list_incomplete,
    list_stale,
    measure_window,
    read_documents,
)
from karvon.catalog.window.locks import lock_products, share_texts
from karvon.catalog.window.query import ORDERINGS
from karvon.kernel.db import transactional
from karvon.kernel.languages import LANGUAGES
from karvon.kernel.redis import get_redis, redis_errors

BATCH = 250
SAMPLE = 1_000

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Warming:
    """How many products were looked at and how many of them made anew, the bytes of documents read into memory, and
    the first pages of lists that were asked for."""

    products: int
    rebuilt: int
    bytes_read: int
    lists_read: int


def warm_caches(*, clear_first: bool, report: Report) -> Warming:
    """Make what is missing or stale in the window, then read all of it once.

    With `clear_first` every product's documents are deleted and everything is made anew, each batch in one transaction, so
    that shoppers never see less; Django's own cache is emptied too. Safe while the shop runs, and twice at once.
    """
    if clear_first:
        cache.delete_pattern("*")  # type: ignore[attr-defined]  # only our keys, whoever else is there
    # deleted products too: theirs are the rows that must not be visible
    ids = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    rebuilt = _rebuild(ids, report) if clear_first else _mend(ids, report)
    return Warming(len(ids), rebuilt, _read_documents(ids, report), _read_lists(report))


def _batches(ids: Sequence[int], what: str, report: Report) -> Iterator[list[int]]:
    report(what, 0, len(ids))
    for start in range(0, len(ids), BATCH):
        yield list(ids[start : start + BATCH])
        report(what, min(start + BATCH, len(ids)), len(ids))


def _rebuild(ids: Sequence[int], report: Report) -> int:
    for batch in _batches(ids, "rebuilding", report):
        _make_anew(batch)
    return len(ids)


@transactional
def _make_anew(batch: Sequence[int]) -> None:
    share_texts()
    lock_products(batch)
    drop_documents(batch)
    refresh_products(batch)


def _mend(ids: Sequence[int], report: Report) -> int:
    rebuilt = 0
    incomplete = set(list_incomplete())
    for batch in _batches(ids, "checking", report):
        wrong = sorted(incomplete.intersection(batch) | set(list_stale(batch)))
        if wrong:
            transactional(refresh_products)(wrong)
        rebuilt += len(wrong)
    return rebuilt


def _read_documents(ids: Sequence[int], report: Report) -> int:
    return sum(read_documents(batch) for batch in _batches(ids, "reading documents", report))


def _read_lists(report: Report) -> int:
    """The first page of every order and of every category, as shoppers ask for them, and the tree with its counts."""
    tree = catalog.list_categories()
    catalog.count_products_by_category()
    queries = [WindowQuery()]
    queries += [WindowQuery(ordering=(f"{sign}{name}",)) for name in ORDERINGS for sign in ("", "-")]
    queries += [
        WindowQuery(language=language, category_id=category.pk) for category in tree for language in LANGUAGES
    ]
    for number, query in enumerate(queries, start=1):
        list_window(query)
        report("reading lists", number, len(queries))
    return len(queries)


def inspect_caches(*, sample: int | None = SAMPLE) -> dict[str, Any]:
    """Everything there is to know, as JSON has it; `sample` products, evenly over all, are compared with their tables.

    Raises DependencyDown when Redis does not answer.
    """
    figures = measure_window()
    ids = list(Product.objects.filter(deleted_at=None).order_by("pk").values_list("pk", flat=True))
    step = max(1, -(-len(ids) // sample)) if sample else 1
    looked_at = ids[::step]
    stale = [
        pk for start in range(0, len(looked_at), BATCH) for pk in list_stale(looked_at[start : start + BATCH])
    ]
    incomplete = list_incomplete()
    window = asdict(figures)
    for table in window["tables"]:
        table["hit_rate"] = _rate(table["blocks_hit"], table["blocks_read"])
    return {
        "window": {
            **window,
            "missing": len(incomplete),
            "missing_ids": incomplete[:20],
            "compared": len(looked_at),
            "stale": len(stale),
            "stale_ids": stale[:20],
        },
        "redis": _inspect_redis(),
    }


def _rate(hits: int, misses: int) -> float | None:
    """The share of hits, 0 to 1; None when nothing was asked for."""
    return round(hits / (hits + misses), 4) if hits + misses else None


def _inspect_redis() -> dict[str, Any]:
    with redis_errors():
        client = get_redis()
        info: dict[str, Any] = client.info()  # type: ignore[assignment]  # the client is not asynchronous
        hits, misses = int(info["keyspace_hits"]), int(info["keyspace_misses"])
        return {
            "bytes": int(info["used_memory"]),
            "hits": hits,
            "misses": misses,
            "hit_rate": _rate(hits, misses),
            "evicted": int(info["evicted_keys"]),
            "carts": int(client.zcard(TOUCHED_KEY)),  # type: ignore[arg-type]
            "carts_not_copied": int(client.zcard(DIRTY_KEY)),  # type: ignore[arg-type]
            "counters": sum(1 for _ in client.scan_iter("throttle:*", count=1000)),
            "cache_keys": sum(1 for _ in cache.iter_keys("*")),  # type: ignore[attr-defined]
            "queues": _queue_lengths(),
        }


def _queue_lengths() -> dict[str, int]:
    """Messages that no worker has taken yet."""
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=settings.KARVON_REDIS_TIMEOUT)
    with broker:
        return {queue: int(broker.llen(queue)) for queue in settings.KARVON_QUEUES}  # type: ignore[arg-type]
