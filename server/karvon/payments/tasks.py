"""Celery entry points of payments."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.payments import services


@shared_task(name="payments.send_refund")
def send_refund(refund_id: str, **_: Any) -> bool:
    return services.send_refund(refund_id=refund_id)


@shared_task(name="payments.send_due_refunds")
def send_due_refunds(**_: Any) -> int:
    """The sweep behind the one above: whatever a worker left undone."""
    return services.send_due_refunds()


@shared_task(name="payments.close_at_provider")
def close_at_provider(payment_id: int, **_: Any) -> bool:
    return services.close_at_provider(payment_id=payment_id)


@shared_task(name="payments.expire_attempts")
def expire_attempts(**_: Any) -> int:
    return services.expire_attempts()


@shared_task(name="payments.purge_events")
def purge_events(**_: Any) -> int:
    return services.purge_events()
