"""From the outbox to the handlers: what the relay process and the workers do."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import redis
import structlog
from django.db import connection, transaction

from karvon.kernel import clock, context
from karvon.kernel.errors import DependencyDown
from karvon.kernel.events import find_subscription, restore, subscriptions_of
from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent

log = structlog.get_logger(__name__)

ATTEMPTS = 10
HANDED_FOR = timedelta(seconds=60)  # a delivery that Celery lost is handed again after this
BATCH = 200
# nobody's fault and over some day: tried again for as long as it takes
OUTAGES = (DependencyDown, redis.ConnectionError, redis.TimeoutError)


def relay_batch(*, now: datetime | None = None) -> int:
    """Make deliveries of events not relayed yet. Several relays may run: each takes rows the others have not locked."""
    now = now or clock.now()
    with transaction.atomic():
        events = list(
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(relayed_at=None)
            .order_by("created_at", "id")[:BATCH]
        )
        EventDelivery.objects.bulk_create(
            (
                EventDelivery(event=event, handler=subscription.name)
                for event in events
                for subscription in subscriptions_of(event.type)
            ),
            ignore_conflicts=True,
        )
        OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(relayed_at=now)
    return len(events)


def claim_due(*, now: datetime | None = None) -> list[tuple[int, str]]:
    """(delivery id, queue) of what is due, put off by a minute so that it is not handed twice at once."""
    now = now or clock.now()
    with transaction.atomic():
        due = list(
            EventDelivery.objects.select_for_update(skip_locked=True)
            .filter(state=DeliveryState.PENDING, next_attempt_at__lte=now)
            .order_by("next_attempt_at", "id")[:BATCH]
        )
        EventDelivery.objects.filter(pk__in=[each.pk for each in due]).update(
            next_attempt_at=now + HANDED_FOR
        )
    return [(each.pk, _queue_of(each.handler)) for each in due]


def _queue_of(handler: str) -> str:
    subscription = find_subscription(handler)
    return subscription.queue if subscription else "default"


def put_back(delivery_ids: list[int], *, now: datetime | None = None) -> None:
    """Nobody took these (the broker is away): due again in two seconds."""
    due = (now or clock.now()) + timedelta(seconds=2)
    EventDelivery.objects.filter(pk__in=delivery_ids, state=DeliveryState.PENDING).update(next_attempt_at=due)


def deliver(delivery_id: int, *, now: datetime | None = None) -> bool:
    """Run one handler once: its effects and `done` in one transaction. True when it was done here.

    A delivery that is done, dead, or in another worker's hands is left alone. A failing handler is tried again with
    growing pauses, and given up after ten attempts, unless it fails because PostgreSQL or Redis is away.
    """
    try:
        with transaction.atomic():
            delivery = (
                EventDelivery.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("event")
                .filter(pk=delivery_id, state=DeliveryState.PENDING)
                .first()
            )
            if delivery is None:
                return False
            subscription = find_subscription(delivery.handler)
            if subscription is None:
                raise LookupError(f"no handler is called {delivery.handler}")
            token = context.request_id.set(delivery.event.request_id)
            try:
                subscription.handler(
                    restore(subscription, delivery.event.payload), event_id=delivery.event_id
                )
            finally:
                context.request_id.reset(token)
            EventDelivery.objects.filter(pk=delivery_id).update(
                state=DeliveryState.DONE, done_at=now or clock.now(), attempts=delivery.attempts + 1
            )
            return True
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is written down and tried again
        _note_failure(delivery_id, error, now=now or clock.now())
        return False


def _note_failure(delivery_id: int, error: Exception, *, now: datetime) -> None:
    if connection.needs_rollback and not connection.in_atomic_block:
        connection.close()
    with transaction.atomic():
        delivery = EventDelivery.objects.select_for_update().get(pk=delivery_id)
        if delivery.state != DeliveryState.PENDING:
            return
        delivery.attempts += 1
        delivery.last_error = f"{type(error).__name__}: {error}"[:500].replace("\x00", "")
        pause = min(2.0 ** min(delivery.attempts, 10), 900.0) * random.uniform(0.8, 1.2)
        delivery.next_attempt_at = now + timedelta(seconds=pause)
        if delivery.attempts >= ATTEMPTS and not isinstance(error, OUTAGES):
            delivery.state = DeliveryState.DEAD
        delivery.save(update_fields=["attempts", "last_error", "next_attempt_at", "state"])
    log.warning(
        "delivery_failed",
        handler=delivery.handler,
        attempts=delivery.attempts,
        state=delivery.state,
        exc_info=error,
    )


def replay(delivery_ids: list[int]) -> int:
    """Give dead deliveries another ten attempts. Returns how many."""
    return EventDelivery.objects.filter(pk__in=delivery_ids, state=DeliveryState.DEAD).update(
        state=DeliveryState.PENDING, attempts=0, next_attempt_at=clock.now(), last_error=""
    )


def purge(*, now: datetime | None = None, days: int = 30) -> int:
    """Forget events whose every delivery is done; dead ones stay until somebody looked at them."""
    before = (now or clock.now()) - timedelta(days=days)
    old = OutboxEvent.objects.filter(created_at__lt=before, relayed_at__isnull=False)
    count, _ = old.exclude(deliveries__state__in=[DeliveryState.PENDING, DeliveryState.DEAD]).delete()
    return count
