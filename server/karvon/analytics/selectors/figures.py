"""Sums of days: read by day and currency in one query, added up here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from karvon.analytics.models import PlatformSalesDay, SalesDay
from karvon.analytics.periods import Period
from karvon.catalog.models import Product

ZERO = Decimal(0)
TOP = 10


@dataclass(frozen=True)
class Figures:
    """What some days came to, in one currency. goods - discounts + delivery = called_off + revenue + awaited."""

    orders: int = 0
    units: int = 0
    goods: Decimal = ZERO
    discounts: Decimal = ZERO
    delivery: Decimal = ZERO
    called_off: Decimal = ZERO
    refunds: Decimal = ZERO
    revenue: Decimal = ZERO
    awaited: Decimal = ZERO

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def average_order(self) -> Decimal:
        """Kept and awaited per order; zero where there is none."""
        return (self.revenue + self.awaited) / self.orders if self.orders else ZERO


_NAMES = tuple(each.name for each in fields(Figures))


@dataclass(frozen=True)
class DayFigures:
    day: date
    figures: Figures


@dataclass(frozen=True)
class Report:
    """The figures of a period in one currency, beside those of as many days before."""

    period: Period
    currency: str
    currencies: tuple[str, ...]  # all that something was sold in
    total: Figures
    before: Figures
    days: tuple[DayFigures, ...]  # each of them, sold or not, oldest first
    states: Mapping[str, int] = field(default_factory=dict)  # orders by state


@dataclass(frozen=True)
class TopProduct:
    """`sales`: what is owed or was paid for its units that were not called off."""

    product_id: int
    slug: str
    title: str
    merchant_id: int
    units: int
    sales: Decimal


def read_days(
    rows: QuerySet[SalesDay] | QuerySet[PlatformSalesDay], period: Period
) -> dict[tuple[date, str], Figures]:
    """Figures by day and currency, of the period and of the one before: one query."""
    sums: Any = (
        rows.filter(day__range=(period.before.first, period.last))
        .order_by()
        .values_list("day", "currency")
        .annotate(*(Sum(name) for name in _NAMES))
    )
    return {(day, currency): Figures(*figures) for day, currency, *figures in sums}


def make_report(
    by_day: Mapping[tuple[date, str], Figures],
    period: Period,
    currency: str,
    states: Iterable[tuple[str, int]] = (),
) -> Report:
    """Add up what `read_days` has read."""
    days = tuple(DayFigures(day, by_day.get((day, currency), Figures())) for day in period.each_day())
    earlier = [each for (day, named), each in by_day.items() if day in period.before and named == currency]
    return Report(
        period=period,
        currency=currency,
        currencies=tuple(sorted({named for day, named in by_day if day in period} | {currency})),
        total=sum((each.figures for each in days), Figures()),
        before=sum(earlier, Figures()),
        days=days,
        states={state: orders for state, orders in states if orders},
    )


# put together from these words alone
_ROWS = "SELECT {columns} FROM {table} WHERE day BETWEEN %s AND %s AND currency = %s {whose}"
_AT_MERCHANT = "AND merchant_id = %s"
_BEST = """
SELECT {key}, sum({count}), sum({money}) FROM ({rows}) AS sold
GROUP BY {key} ORDER BY sum({money}) DESC, sum({count}) DESC, {key} LIMIT %s"""


@dataclass(frozen=True)
class Ranking:
    """Which of two tables, of days and of whole months, hold what is ranked by its money, then by its count."""

    key: str
    count: str
    money: str
    days: str
    months: str

    def read(
        self, period: Period, currency: str, *, limit: int, merchant_id: int | None = None
    ) -> list[tuple[int, int, Decimal]]:
        """The first `limit` keys with their count and money: one query."""
        months, edges = period.in_months()
        statements: list[str] = []
        parameters: list[Any] = []
        columns = f"{self.key}, {self.count}, {self.money}"
        for table, stretches in ((self.months, months), (self.days, edges)):
            for stretch in stretches:
                whose = _AT_MERCHANT if merchant_id else ""
                statements.append(_ROWS.format(columns=columns, table=table, whose=whose))
                parameters += [stretch.first, stretch.last, currency, *([merchant_id] if merchant_id else [])]
        rows = " UNION ALL ".join(statements)
        best = _BEST.format(key=self.key, count=self.count, money=self.money, rows=rows)
        with connection.cursor() as cursor:
            cursor.execute(best, [*parameters, limit])
            found: list[tuple[int, int, Decimal]] = cursor.fetchall()
        return found


PRODUCTS = Ranking("product_id", "units", "sales", "analytics_productday", "analytics_productmonth")
MERCHANTS = Ranking("merchant_id", "orders", "revenue", "analytics_salesday", "analytics_salesmonth")


def list_top_products(
    period: Period, currency: str, *, merchant_id: int | None = None, limit: int = TOP
) -> list[TopProduct]:
    """The products that brought most: two queries."""
    found = PRODUCTS.read(period, currency, limit=limit, merchant_id=merchant_id)
    products = Product.objects.in_bulk([product_id for product_id, *_ in found])
    return [
        TopProduct(pk, products[pk].slug, products[pk].title, products[pk].merchant_id, units, sales)
        for pk, units, sales in found
        if pk in products
    ]
