"""Entry points of the worker."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.accounts.services import purge_expired_logins


@shared_task(name="accounts.purge_expired_logins")
def purge_expired_logins_task(**_kwargs: Any) -> None:
    """Nightly: forgets logins that ran out and failures nobody counts any more."""
    purge_expired_logins()
