"""Runs a statement of `inventory.statements` and announces what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from karvon.inventory.demand import StockChange
from karvon.inventory.events import StockLow
from karvon.inventory.prepared import planned_cursor
from karvon.inventory.window import refresh_stock
from karvon.kernel.events import publish


class LevelRow(NamedTuple):
    """One locked level: `available` before, `available_now` after (None where nothing changed)."""

    id: int
    variant_id: int
    branch_id: int
    quantity: int
    available: int
    product_id: int
    merchant_id: int
    is_changed: bool
    available_now: int | None
    low_threshold: int | None
    became_low: bool


def run_statement(sql: str, params: Mapping[str, Any]) -> list[LevelRow]:
    """The levels that the statement locked, in key order."""
    with planned_cursor() as cursor:
        cursor.execute(sql, dict(params))
        return [LevelRow(*row) for row in cursor.fetchall()]


def announce(rows: Iterable[LevelRow], *, refresh_window: bool = True) -> StockChange:
    """Refresh the window rows of what changed and publish `StockLow` for levels that crossed their
    threshold.
    """
    changed: Sequence[LevelRow] = [row for row in rows if row.is_changed]
    change = StockChange(
        level_ids=tuple(row.id for row in changed),
        variant_ids=tuple(row.variant_id for row in changed),
        product_ids=tuple(sorted({row.product_id for row in changed})),
    )
    if refresh_window:
        refresh_stock(change.product_ids)
    low = [row for row in changed if row.became_low]
    if low:
        publish(
            *(
                StockLow(
                    level_id=row.id,
                    variant_id=row.variant_id,
                    branch_id=row.branch_id,
                    merchant_id=row.merchant_id,
                    available=row.available_now or 0,
                    threshold=row.low_threshold or 0,
                )
                for row in low
            )
        )
    return change
