"""One merchant's dashboard, for its owner and managers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum

from karvon.analytics.models import CustomerSales, SalesDay
from karvon.analytics.periods import Period
from karvon.analytics.selectors.figures import (
    Report,
    TopProduct,
    list_top_products,
    make_report,
    read_days,
)
from karvon.inventory.models import StockLevel
from karvon.inventory.selectors import only_low
from karvon.ledger.selectors import PayoutSummary, read_payout_summary
from karvon.merchants.models import Merchant
from karvon.merchants.policies import Action, require

if TYPE_CHECKING:
    from karvon.accounts.models import User

SHOWN_LOW = 10


@dataclass(frozen=True)
class MerchantStatistics:
    merchant: Merchant
    report: Report
    customers: int
    new_customers: int  # whose first order here was placed in the period
    best_sellers: tuple[TopProduct, ...]
    low_stock_count: int
    low_stock: tuple[StockLevel, ...]  # the emptiest
    payouts: PayoutSummary  # as things stand now, whatever the period


def get_merchant_statistics(
    actor: User, merchant_id: int, *, period: Period, currency: str | None = None
) -> MerchantStatistics:
    """Everything of a period at one merchant: ten queries. Orders are those with a part of this merchant.

    Raises what `policies.require` raises.
    """
    merchant = require(actor, merchant_id, Action.VIEW_REPORTS)
    currency = currency or merchant.currency
    low = list_low_stock(merchant_id)
    customers, fresh = _count_customers(merchant, period)
    return MerchantStatistics(
        merchant=merchant,
        report=read_merchant_report(merchant_id, period, currency),
        customers=customers,
        new_customers=fresh,
        best_sellers=tuple(list_top_products(period, currency, merchant_id=merchant_id)),
        low_stock_count=low.count(),
        low_stock=tuple(low[:SHOWN_LOW]),
        payouts=read_payout_summary(merchant_id, currency),
    )


def read_merchant_report(merchant_id: int, period: Period, currency: str) -> Report:
    """The report with orders by state: two queries."""
    rows = SalesDay.objects.filter(merchant=merchant_id)
    states: Any = (
        rows.filter(day__range=(period.first, period.last), currency=currency)
        .order_by()
        .values_list("state")
        .annotate(Sum("orders"))
    )
    return make_report(read_days(rows, period), period, currency, list(states))


def list_low_stock(merchant_id: int) -> Any:
    """Levels at or below their threshold, the emptiest first, with all that lists show."""
    levels = StockLevel.objects.filter(variant__merchant=merchant_id)
    return only_low(levels.select_related("variant__product", "branch")).order_by(
        F("on_hand") - F("reserved"), "id"
    )


def _count_customers(merchant: Merchant, period: Period) -> tuple[int, int]:
    """All, and those who came in the period: one query."""
    zone = ZoneInfo(merchant.timezone)
    since = datetime.combine(period.first, datetime.min.time(), zone)
    until = datetime.combine(date.fromordinal(period.last.toordinal() + 1), datetime.min.time(), zone)
    counts = CustomerSales.objects.filter(merchant=merchant).aggregate(
        all=Count("pk"), fresh=Count("pk", filter=Q(first_ordered_at__gte=since, first_ordered_at__lt=until))
    )
    return counts["all"], counts["fresh"]
