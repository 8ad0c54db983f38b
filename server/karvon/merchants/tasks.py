"""Entry points of the worker."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.merchants import services


@shared_task(name="merchants.purge_orphan_papers", ignore_result=True)
def purge_orphan_papers(**_: Any) -> None:
    """Daily."""
    services.purge_orphan_papers()
