"""Celery entry points of the kernel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from celery import shared_task
from django.db import InterfaceError, OperationalError, connection

from karvon.kernel import clock, delivery, heartbeats, probes
from karvon.kernel.models import StoredAnswer

log = structlog.get_logger(__name__)


@shared_task(name="kernel.deliver_event")
def deliver_event(delivery_id: int, **_: Any) -> bool:
    """What the relay hands to the workers; without a database it cannot even be noted, and comes again."""
    try:
        return delivery.deliver(delivery_id)
    except (OperationalError, InterfaceError) as error:
        log.warning("delivery_waits_for_database", delivery=delivery_id, error=str(error)[:200])
        connection.close()
        return False


@shared_task(name="kernel.purge_idempotency_keys")
def purge_idempotency_keys(**_: Any) -> int:
    """Forget answers older than a day; returns how many."""
    count, _by_model = StoredAnswer.objects.filter(created_at__lt=clock.now() - timedelta(hours=24)).delete()
    return count


@shared_task(name="kernel.purge_outbox")
def purge_outbox(**_: Any) -> int:
    """Forget events whose work is done; returns how many rows went."""
    return delivery.purge()


@shared_task(name="kernel.note_worker_heartbeat")
def note_worker_heartbeat(**_: Any) -> None:
    """Sent by beat every few seconds: whoever carries it out shows that tasks arrive and are done."""
    heartbeats.note_heartbeat(heartbeats.WORKER)


@shared_task(name="kernel.answer_probe")
def answer_probe(probe: str, queue: str, **_: Any) -> None:
    """Sent to a queue by whoever wants to know whether anybody works there."""
    probes.answer(probe, queue)
