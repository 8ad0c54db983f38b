"""Celery entry points of the statistics. What makes mails goes through the queue `reports`."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.analytics import services


@shared_task(name="analytics.count_platform_days", ignore_result=True)
def count_platform_days(**_: Any) -> None:
    """Every few minutes."""
    services.count_platform_days()


@shared_task(name="analytics.send_daily_reports", ignore_result=True)
def send_daily_reports(**_: Any) -> None:
    """Every hour, since it is morning somewhere."""
    services.send_daily_reports()


@shared_task(name="analytics.send_low_stock_digests", ignore_result=True)
def send_low_stock_digests(**_: Any) -> None:
    """Every hour; on Mondays it is sent."""
    services.send_low_stock_digests()


@shared_task(name="analytics.remind_of_carts", ignore_result=True)
def remind_of_carts(**_: Any) -> None:
    """Daily."""
    services.remind_of_carts()
