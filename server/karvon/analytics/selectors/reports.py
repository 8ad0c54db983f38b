"""Closed days, for the report's mail and its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings

from karvon.analytics.models import PlatformDay
from karvon.analytics.periods import Period
from karvon.analytics.selectors.figures import Report, TopProduct, list_top_products
from karvon.analytics.selectors.merchant import read_merchant_report
from karvon.analytics.selectors.platform import TopMerchant, list_top_merchants, read_platform_report
from karvon.kernel.errors import PermissionRefused
from karvon.merchants.policies import Action, require

if TYPE_CHECKING:
    from karvon.accounts.models import User
    from karvon.merchants.models import Merchant

LISTED = 5


@dataclass(frozen=True)
class DayReport:
    """A closed day of the platform or of one merchant."""

    day: date
    of: str  # the platform's or the merchant's name
    report: Report
    orders: int
    orders_before: int
    products: Sequence[TopProduct]
    merchants: Sequence[TopMerchant] = ()
    registered: int | None = None  # of the platform only
    carts: int | None = None
    ordered_carts: int = 0


def get_day_report(actor: User, day: date, *, merchant_id: int | None = None) -> DayReport:
    """A day of one merchant, or of the platform for its operators.

    Raises what `policies.require` raises, PermissionRefused for the platform's.
    """
    if merchant_id is not None:
        return read_merchant_day(require(actor, merchant_id, Action.VIEW_REPORTS), day)
    if not actor.is_operator:
        raise PermissionRefused
    return read_platform_day(day)


def read_platform_day(day: date) -> DayReport:
    """In the platform's currency: seven queries."""
    period, currency = Period(day, day), settings.KARVON_DEFAULT_CURRENCY
    report, orders = read_platform_report(period, currency)
    counts = PlatformDay.objects.filter(pk=day).first() or PlatformDay(day=day)
    return DayReport(
        day=day,
        of=settings.KARVON_SHOP_NAME,
        report=report,
        orders=orders.get(day, 0),
        orders_before=orders.get(period.before.last, 0),
        products=list_top_products(period, currency, limit=LISTED),
        merchants=list_top_merchants(period, currency, limit=LISTED),
        registered=counts.registered,
        carts=counts.carts,
        ordered_carts=counts.ordered_carts,
    )


def read_merchant_day(merchant: Merchant, day: date) -> DayReport:
    """In the merchant's currency: four queries."""
    period = Period(day, day)
    report = read_merchant_report(merchant.pk, period, merchant.currency)
    return DayReport(
        day=day,
        of=merchant.name,
        report=report,
        orders=report.total.orders,
        orders_before=report.before.orders,
        products=list_top_products(period, merchant.currency, merchant_id=merchant.pk, limit=LISTED),
    )
