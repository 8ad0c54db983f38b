"""Beat's sweeps over carts."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.carts import services


@shared_task(name="carts.checkpoint_carts", ignore_result=True)
def checkpoint_carts(**_: Any) -> None:
    """Write copies of changed carts; every few seconds."""
    services.checkpoint_carts()


@shared_task(name="carts.forget_expired_carts", ignore_result=True)
def forget_expired_carts(**_: Any) -> None:
    """Drop what expired; daily."""
    services.forget_expired_carts()
