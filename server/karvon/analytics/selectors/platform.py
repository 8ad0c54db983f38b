"""The whole platform, for its operators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.db.models import Count

from karvon.analytics.models import PlatformDay, PlatformOrderDay, PlatformSalesDay
from karvon.analytics.periods import Period
from karvon.analytics.selectors.figures import (
    MERCHANTS,
    TOP,
    Report,
    TopProduct,
    list_top_products,
    make_report,
    read_days,
)
from karvon.kernel.errors import PermissionRefused
from karvon.merchants.models import Merchant, MerchantState

if TYPE_CHECKING:
    from karvon.accounts.models import User


@dataclass(frozen=True)
class TopMerchant:
    merchant_id: int
    username: str
    name: str
    orders: int
    revenue: Decimal


@dataclass(frozen=True)
class Conversion:
    """Carts made in the period that somebody put something into, and those of them that became an order by now."""

    carts: int
    ordered: int

    @property
    def rate(self) -> float:
        """0…1; zero where there was no cart."""
        return round(self.ordered / self.carts, 4) if self.carts else 0.0


@dataclass(frozen=True)
class PlatformStatistics:
    report: Report
    users: int
    registered: int
    registered_by_day: Mapping[date, int]
    merchants: Mapping[str, int]  # by state, all of them named
    products: int  # on sale
    orders_by_day: Mapping[date, int]
    orders: int
    orders_before: int
    conversion: Conversion
    top_merchants: tuple[TopMerchant, ...]
    top_products: tuple[TopProduct, ...]


def get_platform_statistics(
    actor: User, *, period: Period, currency: str | None = None
) -> PlatformStatistics:
    """Everything of a period: nine queries. Orders count once however many merchants hand over parts of them.

    Raises PermissionRefused for everybody but operators.
    """
    if not actor.is_operator:
        raise PermissionRefused
    currency = currency or settings.KARVON_DEFAULT_CURRENCY
    report, orders = read_platform_report(period, currency)
    people = list(PlatformDay.objects.filter(day__range=(period.first, period.last)))
    in_period = {day: count for day, count in orders.items() if day in period}
    users, products = _count_rows()
    return PlatformStatistics(
        report=report,
        users=users,
        registered=sum(each.registered for each in people),
        registered_by_day={each.day: each.registered for each in people},
        merchants=_count_merchants(),
        products=products,
        orders_by_day=in_period,
        orders=sum(in_period.values()),
        orders_before=sum(count for day, count in orders.items() if day in period.before),
        conversion=Conversion(sum(each.carts for each in people), sum(each.ordered_carts for each in people)),
        top_merchants=tuple(list_top_merchants(period, currency)),
        top_products=tuple(list_top_products(period, currency)),
    )


def read_platform_report(period: Period, currency: str) -> tuple[Report, dict[date, int]]:
    """The report, and whole orders by day: two queries."""
    by_day = read_days(PlatformSalesDay.objects.all(), period)
    states: dict[str, int] = {}
    orders: dict[date, int] = {}
    rows: Any = (
        PlatformOrderDay.objects.filter(day__range=(period.before.first, period.last), currency=currency)
        .order_by()
        .values_list("day", "state", "orders")
    )
    for day, state, count in rows:
        orders[day] = orders.get(day, 0) + count
        if day in period:
            states[state] = states.get(state, 0) + count
    return make_report(by_day, period, currency, states.items()), orders


def list_top_merchants(period: Period, currency: str, *, limit: int = TOP) -> list[TopMerchant]:
    """The merchants that kept most: two queries."""
    found = MERCHANTS.read(period, currency, limit=limit)
    merchants = Merchant.objects.in_bulk([merchant_id for merchant_id, *_ in found])
    return [
        TopMerchant(pk, merchants[pk].username, merchants[pk].name, orders, revenue)
        for pk, orders, revenue in found
    ]


def _count_merchants() -> dict[str, int]:
    counts: Any = Merchant.objects.order_by().values_list("state").annotate(Count("pk"))
    found = dict(counts)
    return {state: found.get(state, 0) for state in MerchantState.values}


def _count_rows() -> tuple[int, int]:
    """People with an open account, and products on sale."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM accounts_user WHERE closed_at IS NULL),"
            " (SELECT count(*) FROM catalog_windowrow WHERE is_visible)"
        )
        users, products = cursor.fetchone()
    return users, products
