"""What the front page shows: few queries, each along an index, each scoped to who looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, QuerySet, Sum

from karvon.accounts.models import User
from karvon.analytics.models import OrderDay, SalesDay
from karvon.inventory.models import StockLevel
from karvon.inventory.selectors import list_low_levels
from karvon.kernel.models import DeliveryState, EventDelivery
from karvon.ledger.models import Payout, PayoutState
from karvon.merchants.admin_base import duties_of, merchants_allowing
from karvon.merchants.models import KycStatus, Merchant
from karvon.merchants.policies import Action
from karvon.notifications.models import Mail, MailState
from karvon.orders.models import Fulfilment, Order, OrderState
from karvon.payments.models import EventOutcome, ProviderEvent, Refund, RefundState

DAYS = 30
SHOWN_ROWS = 8
# what brings no money
FALLEN_THROUGH = (OrderState.CANCELLED, OrderState.REJECTED, OrderState.RETURNED)


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    orders: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class Sales:
    """The last thirty days in one currency, oldest first; the last day is today."""

    currency: str
    days: tuple[Day, ...]

    @property
    def today(self) -> Day:
        return self.days[-1]

    @property
    def yesterday(self) -> Day:
        return self.days[-2]

    @property
    def revenue(self) -> Decimal:
        return sum((day.revenue for day in self.days), Decimal(0))

    @property
    def orders(self) -> int:
        return sum(day.orders for day in self.days)


@dataclass(frozen=True, slots=True)
class StateCount:
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Newest:
    """An order, or a merchant's part of one. `pk` is the key of its page."""

    pk: int
    number: str
    who: str
    state: str
    total: Decimal
    currency: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    sales: Sales | None  # None for those who may not see reports
    states: tuple[StateCount, ...]
    newest: tuple[Newest, ...]
    low: tuple[StockLevel, ...]  # the emptiest
    low_count: int
    papers: int  # merchants whose papers wait for a decision
    payouts: int  # that wait for a second person
    given_up: int
    stuck_mails: int
    refunds: RefundsInHands
    forged: int  # messages of today that no provider has sent


@dataclass(frozen=True, slots=True)
class RefundsInHands:
    """Refunds that wait for a person."""

    manual: int
    failed: int


def get_overview(user: User, *, now: datetime) -> Overview:
    """The front page of one person: thirteen queries at most."""
    zone = zone_of(user)
    parts = _parts_of(user)
    low = list_low_levels(user)
    return Overview(
        sales=_read_sales(user, zone, now=now),
        states=_read_states(user, zone, now=now),
        newest=_read_newest(user, parts),
        low=tuple(low[:SHOWN_ROWS]),
        low_count=low.count(),
        papers=Merchant.objects.filter(kyc_status=KycStatus.PENDING).count() if user.is_operator else 0,
        payouts=Payout.objects.filter(state=PayoutState.DRAFT).count() if user.is_operator else 0,
        given_up=count_given_up() if user.is_operator else 0,
        stuck_mails=count_stuck_mails() if user.is_operator else 0,
        refunds=count_refunds_in_hands() if user.is_operator else RefundsInHands(0, 0),
        forged=_count_forged(zone, now=now) if user.is_operator else 0,
    )


def count_given_up() -> int:
    """Deliveries that ten attempts did not bring about."""
    return EventDelivery.objects.filter(state=DeliveryState.DEAD).count()


def count_stuck_mails() -> int:
    """Mails that a person has to decide about."""
    return Mail.objects.filter(state__in=(MailState.FAILED, MailState.UNKNOWN)).count()


def count_refunds_in_hands() -> RefundsInHands:
    """To be made by hand, and those that a provider did not make."""
    rows: Any = Refund.objects.order_by().filter(state__in=(RefundState.MANUAL, RefundState.FAILED))
    counts = dict(rows.values_list("state").annotate(Count("pk")))
    return RefundsInHands(counts.get(RefundState.MANUAL, 0), counts.get(RefundState.FAILED, 0))


def _count_forged(zone: ZoneInfo, *, now: datetime) -> int:
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return ProviderEvent.objects.filter(outcome=EventOutcome.FORGED, received_at__gte=midnight).count()


def zone_of(user: User) -> ZoneInfo:
    """The clock of the person's (first) shop; operators get that of the oldest one. Remembered for the request."""
    known: ZoneInfo | None = user.__dict__.get("_zone")
    if known is None:
        known = user.__dict__["_zone"] = _read_zone(user)
    return known


def _read_zone(user: User) -> ZoneInfo:
    merchants = Merchant.objects.order_by("id")
    if not user.is_operator:
        merchants = merchants.filter(pk__in=duties_of(user))
    name = merchants.values_list("timezone", flat=True).first()
    return ZoneInfo(name or settings.TIME_ZONE)


def _parts_of(user: User) -> QuerySet[Fulfilment]:
    """The parts of orders that a merchant's people see."""
    return Fulfilment.objects.filter(merchant__in=merchants_allowing(user, Action.VIEW_ORDERS))


def _read_sales(user: User, zone: ZoneInfo, *, now: datetime) -> Sales | None:
    """What was sold and not called off, paid already or not, from the counted days: two queries at most."""
    today = now.astimezone(zone).date()
    rows = SalesDay.objects.order_by()
    if not user.is_operator:
        merchants = merchants_allowing(user, Action.VIEW_REPORTS)
        if not merchants:
            return None
        rows = rows.filter(merchant__in=merchants)
    since = today - timedelta(days=DAYS - 1)
    sums: Any = (
        rows.filter(day__range=(since, today))
        .exclude(state__in=FALLEN_THROUGH)
        .values_list("day", "currency")
        .annotate(placed=Sum("orders"), worth=Sum(F("revenue") + F("awaited")))
    )
    if not user.is_operator:
        return _fill_days(list(sums), today)
    # whole orders, however many merchants hand over parts of them
    counts: Any = (
        OrderDay.objects.order_by()
        .filter(day__range=(since, today))
        .exclude(state__in=FALLEN_THROUGH)
        .values_list("day", "currency")
        .annotate(Sum("orders"))
    )
    whole = {(day, currency): orders for day, currency, orders in counts}
    return _fill_days(
        [(day, currency, whole.get((day, currency), 0), revenue) for day, currency, _parts, revenue in sums],
        today,
    )


def _fill_days(sums: Sequence[tuple[date, str, int, Decimal]], today: date) -> Sales:
    """Every day, sold or not, in the currency that most orders were in."""
    counts: dict[str, int] = {}
    for _day, currency, orders, _revenue in sums:
        counts[currency] = counts.get(currency, 0) + orders
    main = max(counts, key=lambda currency: counts[currency], default=settings.KARVON_DEFAULT_CURRENCY)
    by_day = {day: (orders, revenue) for day, currency, orders, revenue in sums if currency == main}
    days = [today - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    return Sales(main, tuple(Day(day, *by_day.get(day, (0, Decimal(0)))) for day in days))


def _read_states(user: User, zone: ZoneInfo, *, now: datetime) -> tuple[StateCount, ...]:
    since = now.astimezone(zone).date() - timedelta(days=DAYS - 1)
    if user.is_operator:
        counts: Any = (
            OrderDay.objects.order_by()
            .filter(day__gte=since)
            .values_list("state")
            .annotate(count=Sum("orders"))
        )
    else:
        merchants = merchants_allowing(user, Action.VIEW_ORDERS)
        counts = (
            SalesDay.objects.order_by()
            .filter(merchant__in=merchants, day__gte=since)
            .values_list("state")
            .annotate(count=Sum("parts"))
        )
    found = dict(counts)
    return tuple(StateCount(state, found[state]) for state in OrderState.values if state in found)


def _read_newest(user: User, parts: QuerySet[Fulfilment]) -> tuple[Newest, ...]:
    if user.is_operator:
        orders = Order.objects.order_by("-placed_at", "-id")[:SHOWN_ROWS]
        return tuple(
            Newest(
                order.pk,
                order.number,
                order.contact_name,
                order.state,
                order.total,
                order.currency,
                order.placed_at,
            )
            for order in orders
        )
    newest = parts.select_related("order").order_by("-placed_at", "-id")[:SHOWN_ROWS]
    return tuple(
        Newest(
            part.pk,
            part.number,
            part.order.contact_name,
            part.state,
            part.total,
            part.order.currency,
            part.placed_at,
        )
        for part in newest
    )
