"""Celery entry points of the catalogue."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.catalog import services
from karvon.catalog.services.publication import BATCH


@shared_task(name="catalog.apply_publication_schedule")
def apply_publication_schedule(**_: Any) -> int:
    """Batch by batch until nothing is due; a run that dies is made up for by the next."""
    total = 0
    while True:
        done = services.apply_publication_schedule()
        total += done
        if done < BATCH:
            return total


@shared_task(name="catalog.purge_marks")
def purge_marks(**_: Any) -> int:
    """Forget likes and tags of objects that are no more; returns how many."""
    return services.purge_marks()
