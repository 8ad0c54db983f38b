"""What orders do to stock: take, commit, release, return. Each is one statement plus the window's refresh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from karvon.inventory import statements
from karvon.inventory.demand import Demand, Shortage, StockChange, summed
from karvon.inventory.errors import NothingToReturn, OutOfStock
from karvon.inventory.ledger import LevelRow, announce, run_statement
from karvon.kernel.db import transactional

if TYPE_CHECKING:
    from karvon.accounts.models import User


@transactional
def take_stock(
    *, order_id: int, demands: Sequence[Demand], commit: bool, refresh_window: bool = True
) -> StockChange:
    """Take units for an order, all of them or none.

    `commit` sells at once (units leave, the ledger says so); otherwise they are reserved until
    `commit_reservations` or `release_reservations`. Demands of uncounted variants are left out by the caller.
    With `refresh_window` False the caller refreshes the window of the returned products itself, after its
    other locks.

    Raises OutOfStock (409) naming every variant that is short and how many are left; then nothing was
    changed.
    """
    return _take(statements.TAKE, order_id, demands, commit=commit, refresh_window=refresh_window)


@transactional
def retake_stock(*, order_id: int, demands: Sequence[Demand]) -> StockChange:
    """Reserve again, all or none, for an order whose reservations were all released; the caller holds the order's lock.

    Raises OutOfStock (409); then nothing was changed.
    """
    return _take(statements.RETAKE, order_id, demands, commit=False, refresh_window=True)


def _take(
    statement: str, order_id: int, demands: Sequence[Demand], *, commit: bool, refresh_window: bool
) -> StockChange:
    wanted = summed(demand for demand in demands if demand.quantity > 0)
    if not wanted:
        return StockChange()
    rows = run_statement(
        statement, {**_columns(wanted), "count": len(wanted), "order": order_id, "commit": commit}
    )
    if sum(row.is_changed for row in rows) != len(wanted):
        raise OutOfStock(_shortages(wanted, rows))
    return announce(rows, refresh_window=refresh_window)


@transactional
def commit_reservations(order_id: int) -> StockChange:
    """Sell what an order has reserved. Doing it again does nothing.

    The window needs no refresh: units for sale are on hand less reserved, and both fall by the same number.
    """
    rows = run_statement(statements.COMMIT, {"order": order_id})
    return announce(rows, refresh_window=False)


@transactional
def release_reservations(order_id: int, *, refresh_window: bool = True) -> StockChange:
    """Give back what an order has reserved and not bought. Doing it again does nothing."""
    rows = run_statement(statements.RELEASE, {"order": order_id})
    return announce(rows, refresh_window=refresh_window)


@transactional
def return_stock(
    order_id: int,
    quantities: Mapping[tuple[int, int], int] | None = None,
    *,
    reason: str = "",
    actor: User | None = None,
    refresh_window: bool = True,
) -> StockChange:
    """Put units of an order back: `quantities` per (variant, branch), or everything it still holds.

    A unit comes back once: returning all again does nothing, returning more than is held raises
    NothingToReturn (409).
    """
    wanted = None
    if quantities is not None:
        wanted = [Demand(variant, branch, n) for (variant, branch), n in sorted(quantities.items()) if n > 0]
        if not wanted:
            return StockChange()
    rows = run_statement(
        statements.RETURN,
        {
            **_columns(wanted or []),
            "count": None if wanted is None else len(wanted),
            "order": order_id,
            "reason": reason[:255],
            "actor": actor.pk if actor else None,
        },
    )
    if wanted is not None and sum(row.is_changed for row in rows) != len(wanted):
        raise NothingToReturn
    return announce(rows, refresh_window=refresh_window)


def _columns(demands: Sequence[Demand]) -> dict[str, list[int]]:
    return {
        "variants": [demand.variant_id for demand in demands],
        "branches": [demand.branch_id for demand in demands],
        "quantities": [demand.quantity for demand in demands],
    }


def _shortages(wanted: Sequence[Demand], rows: Sequence[LevelRow]) -> list[Shortage]:
    left = {(row.variant_id, row.branch_id): row.available for row in rows}
    return [
        Shortage(demand.variant_id, demand.branch_id, asked=demand.quantity, left=available)
        for demand in wanted
        if (available := left.get((demand.variant_id, demand.branch_id), 0)) < demand.quantity
    ]
