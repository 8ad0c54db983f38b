"""Figures as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework.request import Request

from karvon.accounts.models import User
from karvon.analytics import selectors
from karvon.analytics.clock import platform_today
from karvon.analytics.models import CustomerSales
from karvon.analytics.periods import Period, choose_period
from karvon.analytics.selectors.figures import Figures, Report
from karvon.api.payouts import payout_json
from karvon.api.statistics.serializers import CustomersQuery, MerchantStatisticsQuery, StatisticsQuery
from karvon.inventory.models import StockLevel
from karvon.kernel import clock
from karvon.kernel.money import money_json, round_amount
from karvon.merchants.models import Merchant


def _asked(serializer: Any, request: Request) -> dict[str, Any]:
    query = serializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def answer_platform(request: Request, caller: User) -> dict[str, Any]:
    """The platform's figures for the days that are asked for. Raises ValidationFailed, PermissionRefused."""
    asked = _asked(StatisticsQuery, request)
    period = choose_period(today=platform_today(clock.now()), first=asked.get("from"), last=asked.get("to"))
    found = selectors.get_platform_statistics(caller, period=period, currency=asked.get("currency"))
    return platform_json(found)


def answer_merchant(request: Request, caller: User, merchant: Merchant) -> dict[str, Any]:
    """A merchant's figures for the days that are asked for. Raises ValidationFailed and what policies raise."""
    asked = _asked(MerchantStatisticsQuery, request)
    today = clock.now().astimezone(ZoneInfo(merchant.timezone)).date()
    period = choose_period(
        today=today, name=asked.get("period"), first=asked.get("from"), last=asked.get("to")
    )
    found = selectors.get_merchant_statistics(
        caller, merchant.pk, period=period, currency=asked.get("currency")
    )
    return merchant_json(found)


def asked_customers(request: Request, caller: User, merchant: Merchant) -> Any:
    """A merchant's customers as they are asked for. Raises ValidationFailed and what policies raise."""
    return selectors.list_customers(caller, merchant.pk, **_asked(CustomersQuery, request))


def platform_json(found: selectors.PlatformStatistics) -> dict[str, Any]:
    report = found.report
    return {
        **_report_json(report),
        "orders": _orders_json(found.orders, found.orders_before, report),
        "users": {"total": found.users, "new": found.registered},
        "merchants": {"total": sum(found.merchants.values()), "by_state": dict(found.merchants)},
        "products": found.products,
        "conversion": {
            "carts": found.conversion.carts,
            "orders": found.conversion.ordered,
            "rate": found.conversion.rate,
        },
        "by_day": [
            _day_json(each.day, found.orders_by_day.get(each.day, 0), each.figures)
            | {"users": found.registered_by_day.get(each.day, 0)}
            for each in report.days
        ],
        "top_merchants": [
            {
                "id": each.merchant_id,
                "username": each.username,
                "name": each.name,
                "orders": each.orders,
                "revenue": money_json(each.revenue),
            }
            for each in found.top_merchants
        ],
        "top_products": [_product_json(each) for each in found.top_products],
    }


def merchant_json(found: selectors.MerchantStatistics) -> dict[str, Any]:
    report = found.report
    return {
        **_report_json(report),
        "orders": _orders_json(report.total.orders, report.before.orders, report),
        "customers": {"total": found.customers, "new": found.new_customers},
        "by_day": [_day_json(each.day, each.figures.orders, each.figures) for each in report.days],
        "best_sellers": [_product_json(each) for each in found.best_sellers],
        "low_stock": {
            "count": found.low_stock_count,
            "items": [_level_json(each) for each in found.low_stock],
        },
        "payouts": {
            "balance": money_json(found.payouts.balance),
            "pending": money_json(found.payouts.pending),
            "latest": [payout_json(each) for each in found.payouts.latest],
        },
    }


def customer_json(customer: CustomerSales) -> dict[str, Any]:
    order = customer.last_order
    return {
        "id": customer.pk,
        "name": order.contact_name,
        "phone": mask_phone(order.contact_phone),
        "is_guest": customer.customer_id is None,
        "orders": customer.orders,
        "spent": money_json(customer.spent),
        "currency": customer.currency,
        "first_order_at": _moment(customer.first_ordered_at),
        "last_order_at": _moment(customer.last_ordered_at),
        "last_order_id": order.pk,
    }


def mask_phone(phone: str) -> str:
    """ "+998901234567" → "+99890*****67": enough to recognise, too little to call."""
    hidden = max(len(phone) - 8, 0)
    return f"{phone[:6]}{'*' * hidden}{phone[-2:]}" if hidden else "*" * len(phone)


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _report_json(report: Report) -> dict[str, Any]:
    return {
        "period": _period_json(report.period),
        "currency": report.currency,
        "currencies": list(report.currencies),
        "revenue": _figures_json(report.total, report.currency),
        "previous": _figures_json(report.before, report.currency),
    }


def _period_json(period: Period) -> dict[str, Any]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat(), "days": period.days}


def _orders_json(total: int, before: int, report: Report) -> dict[str, Any]:
    return {"total": total, "previous": before, "by_state": dict(report.states)}


def _figures_json(figures: Figures, currency: str) -> dict[str, Any]:
    return {
        "orders": figures.orders,
        "units": int(figures.units),
        "gross": money_json(figures.goods),
        "discounts": money_json(figures.discounts),
        "delivery": money_json(figures.delivery),
        "called_off": money_json(figures.called_off),
        "refunds": money_json(figures.refunds),
        "net": money_json(figures.revenue),
        "awaited": money_json(figures.awaited),
        "average_order": money_json(round_amount(figures.average_order, currency)),
    }


def _day_json(day: date, orders: int, figures: Figures) -> dict[str, Any]:
    return {"date": day.isoformat(), "orders": orders, "revenue": money_json(figures.revenue)}


def _product_json(product: selectors.TopProduct) -> dict[str, Any]:
    return {
        "id": product.product_id,
        "slug": product.slug,
        "title": product.title,
        "merchant_id": product.merchant_id,
        "units": int(product.units),
        "sales": money_json(product.sales),
    }


def _level_json(level: StockLevel) -> dict[str, Any]:
    return {
        "level_id": level.pk,
        "product_id": level.variant.product_id,
        "title": level.variant.product.title,
        "sku": level.variant.sku,
        "branch": level.branch.name,
        "available": level.available,
        "threshold": level.low_threshold,
    }
