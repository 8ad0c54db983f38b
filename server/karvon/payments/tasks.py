"""Celery entry points of payments."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import structlog
from celery import shared_task

from karvon.kernel import clock
from karvon.kernel.errors import LockTimeout
from karvon.payments import services
from karvon.payments.errors import ProviderRefused, ProviderUnavailable

log = structlog.get_logger(__name__)


@shared_task(name="payments.send_refund")
def send_refund(refund_id: str, **_: Any) -> bool:
    return services.send_refund(refund_id=refund_id)


@shared_task(name="payments.send_due_refunds")
def send_due_refunds(**_: Any) -> int:
    """The sweep behind the one above: whatever a worker left undone."""
    return services.send_due_refunds()


@shared_task(
    name="payments.ask_provider",
    autoretry_for=(ProviderUnavailable, LockTimeout),
    retry_backoff=10,
    retry_backoff_max=600,
    max_retries=6,
)
def ask_provider(payment_id: int, **_: Any) -> str:
    """Ask how a payment stands, and take money that waits to be taken. A provider that is away is asked again."""
    try:
        return services.ask_provider(payment_id=payment_id).state
    except ProviderRefused as error:
        log.warning("provider_refused_to_tell", payment=payment_id, why=error.text)
        return ""


@shared_task(name="payments.close_at_provider")
def close_at_provider(payment_id: int, **_: Any) -> bool:
    return services.close_at_provider(payment_id=payment_id)


@shared_task(name="payments.ask_about_open")
def ask_about_open(**_: Any) -> int:
    """Whatever a provider should have told by now."""
    return services.ask_about_open()


@shared_task(name="payments.compare_days")
def compare_days(**_: Any) -> int:
    """The day before, with every provider that lists days; how many rows of totals were written."""
    yesterday = clock.now().astimezone(UTC).date() - timedelta(days=1)
    return len(services.compare_days(day=yesterday))


@shared_task(name="payments.expire_attempts")
def expire_attempts(**_: Any) -> int:
    return services.expire_attempts()


@shared_task(name="payments.purge_events")
def purge_events(**_: Any) -> int:
    return services.purge_events()
