"""The report of one day as a page: the platform's for operators, a merchant's for its owner and managers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from karvon.accounts.admin_base import get_user
from karvon.accounts.models import User
from karvon.analytics.mails import show_report
from karvon.analytics.periods import FIRST_DAY
from karvon.analytics.selectors import get_day_report
from karvon.backoffice.dashboard import speaking
from karvon.backoffice.selectors import zone_of
from karvon.kernel import clock
from karvon.kernel.errors import DomainError
from karvon.merchants.admin_base import merchants_allowing
from karvon.merchants.models import Merchant
from karvon.merchants.policies import Action


def may_read_reports(user: User) -> bool:
    """Operators, and those who see the figures of at least one merchant."""
    return user.is_operator or bool(merchants_allowing(user, Action.VIEW_REPORTS))


def today_of(user: User) -> date:
    """The day that it is where this person's shop is."""
    return clock.now().astimezone(zone_of(user)).date()


def newest_report(request: HttpRequest) -> HttpResponse:
    """The last closed day, or the one that the page's form asks for."""
    user = get_user(request)
    day = _read_day(request.GET.get("day", "")) or today_of(user) - timedelta(days=1)
    return redirect(_url(day, request.GET.get("merchant", "")))


def day_report(request: HttpRequest, day: str) -> HttpResponse:
    """One day; 404 for days that are none and for other people's shops."""
    user, asked = get_user(request), _read_day(day)
    if asked is None or not may_read_reports(user):
        raise Http404
    merchant = _choose_merchant(user, request.GET.get("merchant", ""))
    try:
        found = get_day_report(user, asked, merchant_id=merchant.pk if merchant else None)
    except DomainError:
        raise Http404 from None
    named = str(merchant.pk) if merchant else ""
    context = {
        **admin.site.each_context(request),
        **show_report(found, language=speaking()),
        "title": _("Sales report"),
        "day_value": asked.isoformat(),
        "last_day": today_of(user).isoformat(),
        "merchant_id": named,
        "choices": _choices(user),
        "earlier_url": _url(asked - timedelta(days=1), named) if asked > FIRST_DAY else "",
        "later_url": _url(asked + timedelta(days=1), named) if asked < today_of(user) else "",
    }
    return render(request, "backoffice/sales_report.html", context)


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= clock.now().date() + timedelta(days=1) else None


def _url(day: date, merchant: str) -> str:
    query = f"?{urlencode({'merchant': merchant})}" if merchant else ""
    return reverse("admin:sales_report", args=(day.isoformat(),)) + query


def _choose_merchant(user: User, named: str) -> Merchant | None:
    """The one that is named, else the first of the person's own; none for operators, who see the platform."""
    merchants = _merchants_of(user)
    if named:
        found = next((each for each in merchants if str(each.pk) == named), None)
        if found is None:
            raise Http404
        return found
    return None if user.is_operator else merchants[0]


def _merchants_of(user: User) -> list[Merchant]:
    merchants = Merchant.objects.order_by("name", "pk")
    if not user.is_operator:
        merchants = merchants.filter(pk__in=merchants_allowing(user, Action.VIEW_REPORTS))
    return list(merchants)


def _choices(user: User) -> list[dict[str, Any]]:
    """What the page's form offers; nothing where there is no choice."""
    merchants = [{"value": str(each.pk), "label": each.name} for each in _merchants_of(user)]
    if user.is_operator:
        return [{"value": "", "label": _("All merchants")}, *merchants]
    return merchants if len(merchants) > 1 else []
