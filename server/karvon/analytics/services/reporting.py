"""Mails that come by themselves: the report of the closed day, the week's low stock.

Each is asked for every hour and sent once: its key follows from what it is about, and a mail is unique by key and
recipient. So a run that was missed, repeated or killed half-way is made up by the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from karvon.accounts.models import OPERATOR_ROLES, User
from karvon.analytics import mails
from karvon.analytics.clock import platform_today
from karvon.analytics.models import SalesDay
from karvon.analytics.selectors.merchant import list_low_stock
from karvon.analytics.selectors.reports import DayReport, read_merchant_day, read_platform_day
from karvon.analytics.services.rebuilding import rebuild_day
from karvon.analytics.services.watching import count_platform_days
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.merchants.models import Merchant, MerchantState
from karvon.notifications.models import Mail, MailKind
from karvon.notifications.refusals import make_refusal_link, who_want
from karvon.notifications.rendering import render_mail, speak
from karvon.notifications.services import people_in_charge, queue_mail
from karvon.orders.models import Fulfilment

# a digest that could not be sent on Monday is still sent on Tuesday
DIGEST_DAYS = (0, 1)


def send_daily_reports(*, now: datetime | None = None) -> int:
    """The report of yesterday to operators, and to each merchant that sold something that day, once it is
    KARVON_REPORT_HOUR where they are. How many mails were made.
    """
    now = now or clock.now()
    made = 0
    if _is_time(now, settings.KARVON_TIME_ZONE):
        made += _report_platform(platform_today(now) - timedelta(days=1))
    for merchant in Merchant.objects.filter(state=MerchantState.ACTIVE).order_by("pk"):
        if _is_time(now, merchant.timezone):
            made += _report_merchant(merchant, _day_before(now, merchant.timezone))
    return made


def _is_time(now: datetime, timezone: str) -> bool:
    return bool(now.astimezone(ZoneInfo(timezone)).hour >= settings.KARVON_REPORT_HOUR)


def _day_before(now: datetime, timezone: str) -> date:
    return now.astimezone(ZoneInfo(timezone)).date() - timedelta(days=1)


def _key(*about: object) -> UUID:
    return uuid5(NAMESPACE_URL, "karvon:" + ":".join(map(str, about)))


def _not_yet_told(people: Iterable[User], kind: MailKind, key: UUID) -> list[User]:
    """Those who want it and have not got it."""
    told = set(Mail.objects.filter(event_id=key, kind=kind).values_list("recipient", flat=True))
    return [person for person in who_want(people, kind) if person.email not in told]


@transactional
def _report_platform(day: date) -> int:
    key = _key("sales-report", day)
    operators = User.objects.filter(role__in=OPERATOR_ROLES, is_active=True, email__isnull=False)
    people = _not_yet_told(operators.order_by("pk"), MailKind.SALES_REPORT, key)
    if not people:
        return 0
    # what waits in the outbox is counted too
    sold = Fulfilment.objects.filter(business_date=day).order_by("merchant_id")
    rebuild_day(day, list(sold.values_list("merchant_id", flat=True).distinct()))
    count_platform_days(
        now=datetime.combine(day, datetime.max.time(), ZoneInfo(settings.KARVON_TIME_ZONE)), days=1
    )
    return _send_report(read_platform_day(day), people, key, page=f"{day}/")


@transactional
def _report_merchant(merchant: Merchant, day: date) -> int:
    key = _key("sales-report", day, merchant.pk)
    people = _not_yet_told(people_in_charge(merchant), MailKind.SALES_REPORT, key)
    if not people:
        return 0
    rebuild_day(day, [merchant.pk])
    if not SalesDay.objects.filter(merchant=merchant, day=day).exists():
        return 0
    return _send_report(read_merchant_day(merchant, day), people, key, page=f"{day}/?merchant={merchant.pk}")


def _send_report(found: DayReport, people: list[User], key: UUID, *, page: str) -> int:
    for person in people:
        language = speak(person.language)
        with translation.override(language):
            context = mails.show_report(found, language=language)
        context |= {
            "url": f"{settings.KARVON_PUBLIC_URL}/admin/reports/sales/{page}",
            "refuse_url": make_refusal_link(person, MailKind.SALES_REPORT),
        }
        mail = render_mail(MailKind.SALES_REPORT, language=language, context=context)
        queue_mail(event_id=key, kind=MailKind.SALES_REPORT, recipient=person.email or "", mail=mail)
    return len(people)


def send_low_stock_digests(*, now: datetime | None = None) -> int:
    """All that is at or below its threshold, in one mail a week to each merchant's owner and managers. How many mails."""
    now = now or clock.now()
    made = 0
    for merchant in Merchant.objects.filter(state=MerchantState.ACTIVE).order_by("pk"):
        there = now.astimezone(ZoneInfo(merchant.timezone))
        if there.weekday() in DIGEST_DAYS and _is_time(now, merchant.timezone):
            year, week, _ = there.isocalendar()
            made += _digest(merchant, _key("low-stock", f"{year}-{week}", merchant.pk))
    return made


@transactional
def _digest(merchant: Merchant, key: UUID) -> int:
    people = _not_yet_told(people_in_charge(merchant), MailKind.LOW_STOCK_DIGEST, key)
    if not people:
        return 0
    low = list_low_stock(merchant.pk)
    count, levels = low.count(), list(low[: mails.MOST_LINES])
    if not count:
        return 0
    for person in people:
        with translation.override(speak(person.language)):
            context = mails.show_low_stock(merchant.name, levels, count=count)
        context["refuse_url"] = make_refusal_link(person, MailKind.LOW_STOCK_DIGEST)
        mail = render_mail(MailKind.LOW_STOCK_DIGEST, language=person.language, context=context)
        queue_mail(event_id=key, kind=MailKind.LOW_STOCK_DIGEST, recipient=person.email or "", mail=mail)
    return len(people)
