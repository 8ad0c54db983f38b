"""Do the figures agree with the order book? Asked with the books, by hand and each night."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.db.models import QuerySet

from karvon.analytics.services.rebuilding import Drift, find_drift, list_stretches
from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent
from karvon.orders.models import Fulfilment

RULE = "statistics are what the order book says"


def check_statistics(limit: int) -> Iterator[tuple[str, str]]:
    """(rule, what) for figures that are wrong. Merchants whose news are still on their way are left out: they are not
    wrong, only early.
    """
    yield from ((RULE, str(each)) for each in islice(_find_all(), limit))


def _find_all() -> Iterator[Drift]:
    seen: set[int] = set()
    for stretch in list_stretches():
        found = find_drift(stretch, with_customers=stretch.merchant_id not in seen)
        seen.add(stretch.merchant_id)
        # asked after comparing: what was told in between is on its way now
        if found and stretch.merchant_id not in _merchants_awaited():
            yield from found


def _merchants_awaited() -> set[int]:
    """Merchants with a part in orders whose news have not been counted yet."""
    news = OutboxEvent.objects.filter(type__startswith="orders.")
    waiting = news.filter(relayed_at__isnull=True) | news.filter(pk__in=_undelivered().values("event_id"))
    orders = {payload.get("order_id") for payload in waiting.values_list("payload", flat=True)}
    parts = Fulfilment.objects.filter(order_id__in=orders - {None})
    return set(parts.order_by().values_list("merchant_id", flat=True).distinct())


def _undelivered() -> QuerySet[EventDelivery]:
    return EventDelivery.objects.filter(state=DeliveryState.PENDING, handler__startswith="analytics.")
