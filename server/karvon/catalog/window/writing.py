"""Writing the window, in the transaction that changes what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from karvon.catalog.models import WindowEpoch
from karvon.catalog.window.loading import load_products
from karvon.catalog.window.locks import lock_products, share_texts
from karvon.catalog.window.statements import run
from karvon.catalog.window.storing import rating_of, store_window
from karvon.kernel import clock

BATCH = 250

Hook = Callable[[Sequence[int]], None]
_hooks: list[Hook] = []

# one row per transaction, whichever products it touches: a transaction that bumps twice never waits for a second
_BUMP = f"""
INSERT INTO catalog_windowepoch AS epoch (shard, changes)
SELECT mod(pg_backend_pid(), {WindowEpoch.SHARDS}), 1
ON CONFLICT (shard) DO UPDATE SET changes = epoch.changes + 1
"""
_RATING = """
UPDATE catalog_windowrow SET rating = %s::numeric, reviews_count = %s::integer WHERE product_id = %s::bigint
"""
_POPULARITY = "UPDATE catalog_windowrow SET popularity = %s::integer WHERE product_id = %s::bigint"


def after_write(hook: Hook) -> None:
    """Let a higher room fill its columns whenever window rows are written (called once, when the server starts)."""
    if hook not in _hooks:
        _hooks.append(hook)


def refresh_products(product_ids: Iterable[int], *, now: datetime | None = None) -> None:
    """Rewrite the rows and documents of these products inside the caller's transaction.

    Takes, in this order: a share of the shown texts, the products' row locks by id, their window rows by id, the
    epoch. So it goes last in a transaction, before the outbox. The number of queries depends on the number of
    batches of 250 only.
    """
    ids = sorted(set(product_ids))
    if not ids:
        return
    share_texts()
    lock_products(ids)
    moved = False
    for start in range(0, len(ids), BATCH):
        batch = load_products(ids[start : start + BATCH], now=now or clock.now())
        moved = bool(store_window(batch)) or moved
    for hook in _hooks:
        hook(ids)
    if moved:
        bump_epoch(ids)


def bump_epoch(product_ids: Iterable[int]) -> None:
    """Say that what lists contain has changed; a transaction's last lock."""
    if any(True for _ in product_ids):
        run(_BUMP)


def record_rating(product_id: int, rating_sum: int, reviews_count: int) -> None:
    """Show a product's rating, inside the transaction that changed its reviews."""
    run(_RATING, [rating_of(rating_sum, reviews_count), reviews_count, product_id])
    bump_epoch([product_id])


def record_popularity(sold: dict[int, int]) -> None:
    """Show how many units of each product were sold, in key order."""
    for product_id, count in sorted(sold.items()):
        run(_POPULARITY, [count, product_id])
