"""Celery entry points of the statistics."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.analytics import services


@shared_task(name="analytics.count_platform_days", ignore_result=True)
def count_platform_days(**_: Any) -> None:
    """Every few minutes."""
    services.count_platform_days()
