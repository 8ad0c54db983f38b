"""Writing an order's timeline."""

from __future__ import annotations

from karvon.kernel.rows import Statement, insertion
from karvon.kernel.work import write_at_end
from karvon.orders.models import OrderEvent


def note_steps(*steps: OrderEvent) -> None:
    """Enter steps into the timeline, in the order in which they are given: with one statement for all of a service."""
    write_at_end(_insertion, list(steps))


def _insertion(steps: list[OrderEvent]) -> Statement:
    return insertion(steps)
