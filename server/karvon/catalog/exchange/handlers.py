"""Hands queued jobs to the workers; imported by the room's `handlers`."""

from __future__ import annotations

from uuid import UUID

from karvon.catalog.exchange.events import CatalogJobQueued
from karvon.kernel.events import handles


@handles(CatalogJobQueued, name="catalog.run_job")
def hand_to_worker(event: CatalogJobQueued, *, event_id: UUID) -> None:
    """A job may run for minutes: not within this delivery."""
    from karvon.catalog.exchange.tasks import run_job

    run_job.delay(event.job_id)
