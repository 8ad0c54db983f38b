"""Do the figures agree with the order book? Asked with the books, by hand and each night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from django.db import connection, transaction
from django.db.models import QuerySet

from karvon.analytics.services.rebuilding import Drift, find_all_drift
from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent
from karvon.orders.models import Fulfilment

RULE = "statistics are what the order book says"


def check_statistics(limit: int) -> list[tuple[str, str]]:
    """(rule, what) for figures that are wrong. Merchants whose news are still on their way are left out: they are not
    wrong, only early. Figures, orders and news are compared in one snapshot, so a shop that sells disturbs nothing.
    """
    with _snapshot():
        found = list(islice(_find_wrong(), limit))
    return [(RULE, str(each)) for each in found]


@contextmanager
def _snapshot() -> Iterator[None]:
    """Let all that is read inside be of one moment; inside a transaction that is open already, whatever that sees."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _find_wrong() -> Iterator[Drift]:
    awaited: set[int] | None = None
    for each in find_all_drift():
        if awaited is None:
            awaited = _merchants_awaited()
        if each.merchant_id not in awaited:
            yield each


def _merchants_awaited() -> set[int]:
    """Merchants with a part in orders whose news have not been counted yet."""
    news = OutboxEvent.objects.filter(type__startswith="orders.")
    waiting = news.filter(relayed_at__isnull=True) | news.filter(pk__in=_undelivered().values("event_id"))
    orders = {payload.get("order_id") for payload in waiting.values_list("payload", flat=True)}
    parts = Fulfilment.objects.filter(order_id__in=orders - {None})
    return set(parts.order_by().values_list("merchant_id", flat=True).distinct())


def _undelivered() -> QuerySet[EventDelivery]:
    return EventDelivery.objects.filter(state=DeliveryState.PENDING, handler__startswith="analytics.")
