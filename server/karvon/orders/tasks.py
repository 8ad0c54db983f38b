"""Celery entry points of the order book."""

from __future__ import annotations

from typing import Any

import structlog
from celery import shared_task

from karvon.orders import books, services

log = structlog.get_logger(__name__)


@shared_task(name="orders.expire_unpaid_orders")
def expire_unpaid_orders(**_: Any) -> int:
    return services.expire_unpaid_orders()


@shared_task(name="orders.recompute_memberships")
def recompute_memberships(**_: Any) -> int:
    """Nightly; how many customers rose or fell."""
    return services.recompute_memberships()


@shared_task(name="orders.verify_books")
def verify_books(**_: Any) -> int:
    """Nightly; an error in the log for every disagreement is what alarms are made of."""
    findings = books.verify_books()
    for finding in findings:
        log.error("books_disagree", rule=finding.rule, what=finding.what)
    return len(findings)
