"""Making all figures anew, a merchant's month at a time, and telling where they were wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from karvon.analytics.models import OrderDay, ProductDay, ProductMonth, SalesDay
from karvon.analytics.services.counting import count_days, lock_merchant
from karvon.analytics.services.watching import count_platform_days
from karvon.analytics.truth import ALL_CUSTOMERS, DAILY, Rollup
from karvon.kernel.db import transactional
from karvon.orders.models import Fulfilment


@dataclass(frozen=True)
class Drift:
    """A row that is not what the order book says. `side` is "stored" or "counted"."""

    table: str
    side: str
    row: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.table}: {self.side} {', '.join(map(str, self.row))}"


@dataclass(frozen=True)
class Stretch:
    """Days of one merchant, within one month."""

    merchant_id: int
    first: date
    last: date

    def __str__(self) -> str:
        return f"merchant {self.merchant_id}, {self.first:%Y-%m}"

    @property
    def parameters(self) -> dict[str, Any]:
        return {"merchant": self.merchant_id, "first": self.first, "last": self.last}


def list_stretches(
    *, merchant_id: int | None = None, first: date | None = None, last: date | None = None
) -> list[Stretch]:
    """All months in which something was sold or is counted, of one merchant or of all, oldest first."""
    months: set[tuple[int, date]] = set()
    for model, column in (
        (Fulfilment, "business_date"), (SalesDay, "day"), (OrderDay, "day"), (ProductDay, "day"), (ProductMonth, "day")
    ):  # fmt: skip
        rows = model._default_manager.order_by()
        if merchant_id is not None:
            rows = rows.filter(merchant=merchant_id)
        if first is not None:
            rows = rows.filter(**{f"{column}__gte": first})
        if last is not None:
            rows = rows.filter(**{f"{column}__lte": last})
        found = rows.values_list("merchant_id", column).distinct()
        months |= {(merchant, day.replace(day=1)) for merchant, day in found}
    return [
        Stretch(merchant, max(month, first or month), min(_end_of(month), last or date.max))
        for merchant, month in sorted(months, key=lambda each: (each[1], each[0]))
    ]


def _end_of(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


@transactional
def rebuild_stretch(stretch: Stretch, *, with_customers: bool = False) -> list[Drift]:
    """Count the days of a stretch (and the merchant's customers) anew; the rows that were wrong, and what they should be.

    Safe beside a shop that sells: whoever counts the same merchant waits.
    """
    with connection.cursor() as cursor:
        lock_merchant(cursor, stretch.merchant_id)
        found = list(_read_drift(stretch, with_customers=with_customers))
        count_days(cursor, merchant_id=stretch.merchant_id, first=stretch.first, last=stretch.last)
        if with_customers:
            cursor.execute(ALL_CUSTOMERS.counting(), stretch.parameters)
    return found


def rebuild_all() -> int:
    """Count everything anew, after rows were written in bulk; how many stretches."""
    stretches, seen = list_stretches(), set()
    for stretch in stretches:
        rebuild_stretch(stretch, with_customers=stretch.merchant_id not in seen)
        seen.add(stretch.merchant_id)
    count_platform_days(days=400)
    return len(stretches)


@transactional
def find_drift(stretch: Stretch, *, with_customers: bool = False) -> list[Drift]:
    """As `rebuild_stretch`, changing nothing."""
    with connection.cursor() as cursor:
        lock_merchant(cursor, stretch.merchant_id)
    return list(_read_drift(stretch, with_customers=with_customers))


def _read_drift(stretch: Stretch, *, with_customers: bool) -> Iterator[Drift]:
    rollups: tuple[Rollup, ...] = (*DAILY, ALL_CUSTOMERS) if with_customers else DAILY
    with connection.cursor() as cursor:
        for rollup in rollups:
            cursor.execute(rollup.drift(), stretch.parameters)
            for side, *row in cursor.fetchall():
                yield Drift(rollup.table, side, tuple(row))
