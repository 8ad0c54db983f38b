"""What the mails of this room show, as plain values in the reader's language; the report's page shows the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.utils.translation import gettext as _

from karvon.analytics.selectors.figures import Figures
from karvon.analytics.selectors.reports import DayReport
from karvon.inventory.models import StockLevel
from karvon.kernel.formats import show_amount
from karvon.orders.models import OrderState

MOST_LINES = 50
MOST_GOODS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, and the same of the day before."""

    label: str
    value: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Best:
    name: str
    count: int
    amount: str


def show_report(found: DayReport, *, language: str) -> dict[str, Any]:
    """The report as its mail and its page show it; call it in that language."""
    report = found.report

    def money(amount: Decimal) -> str:
        return show_amount(amount, report.currency)

    return {
        "shop": settings.KARVON_SHOP_NAME,
        "of": found.of,
        "day": show_day(found.day, language),
        "revenue": money(report.total.revenue),
        "rows": _rows(found, money),
        "states": [
            (OrderState(state).label, report.states[state])
            for state in OrderState.values
            if state in report.states
        ],
        "merchants": [Best(each.name, each.orders, money(each.revenue)) for each in found.merchants],
        "products": [Best(each.title, int(each.units), money(each.sales)) for each in found.products],
    }


def show_day(day: date, language: str) -> str:
    """ "Saturday, January 31, 2026" """
    return format_date(day, "full", locale=language)


def _rows(found: DayReport, money: Any) -> list[Row]:
    now, before = found.report.total, found.report.before

    def amount(label: str, of: Any) -> Row:
        return Row(label, money(of(now)), money(of(before)))

    rows = [
        amount(_("Revenue"), lambda each: each.revenue),
        Row(_("Orders"), str(found.orders), str(found.orders_before)),
        amount(_("Awaiting payment"), lambda each: each.awaited),
        amount(_("Average order"), _average_of),
        amount(_("Discounts"), lambda each: each.discounts),
        amount(_("Called off"), lambda each: each.called_off),
        amount(_("Refunds"), lambda each: each.refunds),
    ]
    if found.registered is not None:
        rows.append(Row(_("New accounts"), str(found.registered)))
    if found.carts is not None:
        rows.append(Row(_("Carts that were ordered"), f"{found.ordered_carts} / {found.carts}"))
    return rows


def _average_of(figures: Figures) -> Decimal:
    return figures.average_order


def show_low_stock(merchant_name: str, levels: Sequence[StockLevel], *, count: int) -> dict[str, Any]:
    """What is running low at a merchant, the emptiest first; titles in the active language."""
    return {
        "shop": settings.KARVON_SHOP_NAME,
        "merchant": merchant_name,
        "count": count,
        "more": max(count - MOST_LINES, 0),
        "levels": [
            {
                "title": level.variant.product.title,
                "sku": level.variant.sku,
                "branch": level.branch.name,
                "available": level.available,
                "threshold": level.low_threshold,
            }
            for level in levels[:MOST_LINES]
        ],
        "url": f"{settings.KARVON_PUBLIC_URL}/admin/inventory/stocklevel/?low=1",
    }


def show_cart(
    name: str, goods: Sequence[tuple[str, int]], *, until: datetime, language: str
) -> dict[str, Any]:
    """A cart's goods and how long it is kept."""
    return {
        "shop": settings.KARVON_SHOP_NAME,
        "name": " ".join(name.split()),
        "lines": [{"title": title, "quantity": quantity} for title, quantity in goods[:MOST_GOODS]],
        "more": max(len(goods) - MOST_GOODS, 0),
        "until": format_date(until, "long", locale=language),
        "url": settings.KARVON_CART_URL,
    }
