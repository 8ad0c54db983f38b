"""Making all figures anew, a merchant's month at a time, and telling where they are wrong: by merchant, or all at once
as one snapshot of the database has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max, Min

from karvon.analytics.models import OrderDay, ProductDay, ProductMonth, SalesDay, SalesMonth
from karvon.analytics.services.counting import (
    add_up_platform,
    count_days,
    lock_merchant,
    lock_platform,
)
from karvon.analytics.services.watching import count_platform_days
from karvon.analytics.truth import ALL_CUSTOMERS, DAILY, PLATFORM, Rollup
from karvon.kernel.db import transactional
from karvon.merchants.models import Merchant
from karvon.orders.models import Fulfilment

EARLIEST, LATEST = date(1, 1, 1), date.max
MERCHANTS_AT_ONCE = 100
# where days of merchants are
_DATED: Final = (
    (Fulfilment, "business_date"), (SalesDay, "day"), (OrderDay, "day"), (ProductDay, "day"), (ProductMonth, "day"),
    (SalesMonth, "day"),
)  # fmt: skip


@dataclass(frozen=True)
class Drift:
    """A row that is not what the order book says. `side` is "stored" or "counted"."""

    table: str
    side: str
    row: tuple[Any, ...]
    merchant_id: int | None  # None for the platform's

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
        return {"merchants": [self.merchant_id], "first": self.first, "last": self.last}


def list_stretches(
    *, merchant_id: int | None = None, first: date | None = None, last: date | None = None
) -> list[Stretch]:
    """All months in which something was sold or is counted, of one merchant or of all, oldest first."""
    months: set[tuple[int, date]] = set()
    for model, column in _DATED:
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
        add_up_platform(cursor, first=stretch.first, last=stretch.last)
    return found


@transactional
def rebuild_day(day: date, merchant_ids: Sequence[int]) -> None:
    """Count one day of these merchants anew."""
    with connection.cursor() as cursor:
        for merchant_id in sorted(merchant_ids):
            lock_merchant(cursor, merchant_id)
        for merchant_id in merchant_ids:
            count_days(cursor, merchant_id=merchant_id, first=day, last=day)
        add_up_platform(cursor, first=day, last=day)


@transactional
def rebuild_platform(*, first: date = EARLIEST, last: date = LATEST) -> list[Drift]:
    """Add up the platform's days anew; the rows that were wrong, and what they should be."""
    with connection.cursor() as cursor:
        lock_platform(cursor)
        found = list(_compare(PLATFORM, {"first": first, "last": last}))
        add_up_platform(cursor, first=first, last=last)
    return found


def rebuild_all() -> int:
    """Count everything anew, after rows were written in bulk; how many stretches."""
    stretches, seen = list_stretches(), set()
    for stretch in stretches:
        rebuild_stretch(stretch, with_customers=stretch.merchant_id not in seen)
        seen.add(stretch.merchant_id)
    rebuild_platform()
    count_platform_days(days=400)
    return len(stretches)


@transactional
def find_drift(stretch: Stretch, *, with_customers: bool = False) -> list[Drift]:
    """As `rebuild_stretch`, changing nothing."""
    with connection.cursor() as cursor:
        lock_merchant(cursor, stretch.merchant_id)
    return list(_read_drift(stretch, with_customers=with_customers))


@transactional
def find_platform_drift(*, first: date = EARLIEST, last: date = LATEST) -> list[Drift]:
    """As `rebuild_platform`, changing nothing."""
    return list(_compare(PLATFORM, {"first": first, "last": last}))


def find_all_drift() -> Iterator[Drift]:
    """Every row that is wrong, by month, without locks: the caller's transaction sees one snapshot."""
    merchants = list(Merchant.objects.order_by("pk").values_list("pk", flat=True))
    for first, last in _list_months():
        yield from _compare(DAILY, {"merchants": merchants, "first": first, "last": last})
    for place in range(0, len(merchants), MERCHANTS_AT_ONCE):
        yield from _compare((ALL_CUSTOMERS,), {"merchants": merchants[place : place + MERCHANTS_AT_ONCE]})
    yield from _compare(PLATFORM, {"first": EARLIEST, "last": LATEST})


def _list_months() -> list[tuple[date, date]]:
    """First and last day of each month from the first to the last in which something was sold or is counted."""
    ends: list[date] = []
    for model, column in _DATED:
        found = model._default_manager.aggregate(first=Min(column), last=Max(column))
        ends += [day for day in found.values() if day is not None]
    months: list[tuple[date, date]] = []
    month = min(ends).replace(day=1) if ends else date.max
    while ends and month <= max(ends):
        months.append((month, _end_of(month)))
        month = _end_of(month) + timedelta(days=1)
    return months


def _read_drift(stretch: Stretch, *, with_customers: bool) -> Iterator[Drift]:
    rollups: tuple[Rollup, ...] = (*DAILY, ALL_CUSTOMERS) if with_customers else DAILY
    return _compare(rollups, stretch.parameters)


def _compare(rollups: Sequence[Rollup], parameters: Mapping[str, Any]) -> Iterator[Drift]:
    with connection.cursor() as cursor:
        for rollup in rollups:
            cursor.execute(rollup.drift(), parameters)
            for side, *row in cursor.fetchall():
                yield Drift(rollup.table, side, tuple(row), row[0] if rollup.is_of_merchants else None)
