"""The front page, from the selectors' numbers to what its template shows."""

from __future__ import annotations

import json
import re
from typing import Any

from babel.dates import format_date
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from karvon.accounts.admin_base import get_user
from karvon.accounts.models import User
from karvon.backoffice.selectors import Overview, Sales, get_overview, zone_of
from karvon.kernel import clock
from karvon.kernel.formats import format_amount, format_moment, format_whole_amount
from karvon.kernel.languages import DEFAULT_LANGUAGE
from karvon.ledger.models import PayoutState
from karvon.merchants.models import KycStatus
from karvon.orders.models import OrderState
from karvon.payments.models import EventOutcome, RefundState

MILLION = 1_000_000
_BESIDE_CURRENCY = re.compile(r"\u00a0(?=\D)|(?<=[^\W\d])\u00a0")
STATE_COLOURS = {
    OrderState.PENDING: "warning",
    OrderState.DELIVERED: "success",
    OrderState.CANCELLED: "danger",
    OrderState.REJECTED: "danger",
    OrderState.RETURNED: "danger",
}


def fill_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's hook for the front page."""
    user = get_user(request)
    overview = get_overview(user, now=clock.now())
    return context | {
        "title": _("Overview"),
        "figures": _figures(user, overview),
        "chart": _chart(overview.sales) if overview.sales else None,
        "chart_unit": _chart_unit(overview.sales) if overview.sales else "",
        "chart_rows": _chart_rows(overview.sales) if overview.sales else [],
        "states": _states(user, overview),
        "newest": _newest(user, overview),
        "low": _low(overview),
        "orders_url": reverse(f"admin:orders_{_page(user)}_changelist"),
        "low_url": _low_url(),
    }


def speaking() -> str:
    """The language of the page."""
    return (get_language() or DEFAULT_LANGUAGE).partition("-")[0]


def _page(user: User) -> str:
    """Operators look at orders, merchants at their parts of them."""
    return "order" if user.is_operator else "fulfilment"


def _figures(user: User, overview: Overview) -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = []
    if (sales := overview.sales) is not None:
        today, before = sales.today, sales.yesterday
        figures += [
            _figure(
                _("Orders today"), str(today.orders), _("yesterday %(count)s") % {"count": before.orders}
            ),
            _figure(
                _("Revenue today"),
                _money(today.revenue, sales),
                _("yesterday %(amount)s") % {"amount": _money(before.revenue, sales)},
            ),
            _figure(
                _("Revenue, 30 days"),
                _money(sales.revenue, sales),
                _("from %(count)s orders") % {"count": sales.orders},
            ),
        ]
    figures.append(
        _figure(_("Low stock"), str(overview.low_count), _("at or below the threshold"), _low_url())
    )
    if user.is_operator:
        papers = reverse(
            "admin:merchants_merchant_changelist", query={"kyc_status__exact": KycStatus.PENDING}
        )
        payouts = reverse("admin:ledger_payout_changelist", query={"state__exact": PayoutState.DRAFT})
        deliveries = reverse("admin:kernel_eventdelivery_changelist") + "?state__exact=dead"
        mails = reverse("admin:notifications_mail_changelist") + "?state__exact=failed"
        figures += [
            _figure(_("Papers to look at"), str(overview.papers), _("merchants"), papers),
            _figure(_("Payouts to approve"), str(overview.payouts), _("by a second person"), payouts),
            *_payment_figures(overview),
            _figure(
                _("Deliveries given up"),
                str(overview.given_up),
                _("events"),
                deliveries,
                bool(overview.given_up),
            ),
            _figure(
                _("Mails stuck"),
                str(overview.stuck_mails),
                _("failed or unknown"),
                mails,
                bool(overview.stuck_mails),
            ),
        ]
    return figures


def _payment_figures(overview: Overview) -> list[dict[str, Any]]:
    refunds, forged = overview.refunds, overview.forged
    page = reverse("admin:payments_refund_changelist")
    events = reverse("admin:payments_providerevent_changelist", query={"outcome__exact": EventOutcome.FORGED})
    return [
        _figure(
            _("Refunds to make"),
            str(refunds.manual),
            _("by hand"),
            f"{page}?state__exact={RefundState.MANUAL}",
        ),
        _figure(
            _("Refunds failed"),
            str(refunds.failed),
            _("at the provider"),
            f"{page}?state__exact={RefundState.FAILED}",
            bool(refunds.failed),
        ),
        _figure(_("Forged messages"), str(forged), _("today"), events, bool(forged)),
    ]


def _figure(title: str, value: str, note: str, url: str = "", is_alarming: bool = False) -> dict[str, Any]:
    return {"title": title, "value": value, "note": note, "url": url, "is_alarming": is_alarming}


def _low_url() -> str:
    return reverse("admin:inventory_stocklevel_changelist", query={"low": "1"})


def _money(amount: Any, sales: Sales) -> str:
    # a figure may break before or after its currency, never within its number
    return _BESIDE_CURRENCY.sub(" ", format_whole_amount(amount, sales.currency, speaking()))


def _chart(sales: Sales) -> str:
    """What Unfold's chart component takes."""
    language = speaking()
    unit = MILLION if _is_in_millions(sales) else 1
    dataset = {
        "label": _chart_unit(sales),
        "data": [float(day.revenue / unit) for day in sales.days],
        "backgroundColor": "var(--color-primary-600)",
        "borderRadius": 3,
        "displayYAxis": True,
    }
    labels = [format_date(day.on, "d MMM", locale=language) for day in sales.days]
    return json.dumps({"labels": labels, "datasets": [dataset]}, ensure_ascii=False)


def _is_in_millions(sales: Sales) -> bool:
    return any(day.revenue >= MILLION for day in sales.days)


def _chart_unit(sales: Sales) -> str:
    label = _("Revenue, million %(currency)s") if _is_in_millions(sales) else _("Revenue, %(currency)s")
    return label % {"currency": sales.currency}


def _chart_rows(sales: Sales) -> list[dict[str, Any]]:
    """The chart as a table, for those who do not see it."""
    language = speaking()
    return [
        {
            "day": format_date(day.on, "d MMMM", locale=language),
            "orders": day.orders,
            "revenue": _money(day.revenue, sales),
        }
        for day in reversed(sales.days)
    ]


def _states(user: User, overview: Overview) -> list[dict[str, Any]]:
    total = sum(each.count for each in overview.states) or 1
    url = reverse(f"admin:orders_{_page(user)}_changelist")
    return [
        {
            "label": OrderState(each.state).label,
            "count": each.count,
            "percent": round(each.count * 100 / total),
            "colour": STATE_COLOURS.get(OrderState(each.state), "primary"),
            "url": f"{url}?state__exact={each.state}",
        }
        for each in overview.states
    ]


def _newest(user: User, overview: Overview) -> list[dict[str, Any]]:
    page, zone = _page(user), zone_of(user)
    return [
        {
            "url": reverse(f"admin:orders_{page}_change", args=(each.pk,)),
            "number": each.number,
            "who": each.who,
            "state": OrderState(each.state).label,
            "colour": STATE_COLOURS.get(OrderState(each.state), "primary"),
            "total": format_amount(each.total, each.currency, speaking()),
            "at": format_moment(each.placed_at, timezone=zone.key, language=speaking()),
        }
        for each in overview.newest
    ]


def _low(overview: Overview) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("admin:inventory_stocklevel_change", args=(level.pk,)),
            "title": level.variant.product.title,
            "sku": level.variant.sku,
            "branch": level.branch.name,
            "available": level.available,
            "threshold": level.low_threshold,
        }
        for level in overview.low
    ]
