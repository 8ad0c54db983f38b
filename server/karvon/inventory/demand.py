"""What is asked of stock, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """So many units of a variant from one branch."""

    variant_id: int
    branch_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """A demand that could not be met: `left` units were there for `asked`."""

    variant_id: int
    branch_id: int
    asked: int
    left: int


@dataclass(frozen=True, slots=True)
class StockChange:
    """What a change of stock touched. `product_ids` are sorted; their window rows show the new numbers
    unless the caller asked to refresh them himself."""

    level_ids: tuple[int, ...] = ()
    variant_ids: tuple[int, ...] = ()
    product_ids: tuple[int, ...] = ()


def summed(demands: Iterable[Demand]) -> list[Demand]:
    """One demand per stock level: two lines may draw on the same one and must be judged together."""
    totals: dict[tuple[int, int], int] = {}
    for demand in demands:
        key = (demand.variant_id, demand.branch_id)
        totals[key] = totals.get(key, 0) + demand.quantity
    return [Demand(variant, branch, quantity) for (variant, branch), quantity in sorted(totals.items())]
