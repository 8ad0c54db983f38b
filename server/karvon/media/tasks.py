"""Celery entry points of this room."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.media import services


@shared_task(name="media.make_renditions")
def make_renditions(asset_id: int, **kwargs: Any) -> None:
    services.make_renditions(asset_id=asset_id)


@shared_task(name="media.resume_renditions")
def resume_renditions(**kwargs: Any) -> int:
    """Hand pictures that are still without renditions to the workers again; how many."""
    asset_ids = services.list_overdue_assets()
    for asset_id in asset_ids:
        make_renditions.delay(asset_id)
    return len(asset_ids)


@shared_task(name="media.purge_uploads")
def purge_uploads(**kwargs: Any) -> int:
    """Remove what was uploaded by a signed address and has expired; how many files."""
    return services.purge_uploads()


@shared_task(name="media.purge_unused_assets")
def purge_unused_assets(**kwargs: Any) -> int:
    """Remove pictures that nothing has shown for a while; how many."""
    return services.purge_unused_assets()
