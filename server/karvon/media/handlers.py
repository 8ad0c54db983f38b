"""What this room does about events; found by the kernel at start."""

from __future__ import annotations

from uuid import UUID

from karvon.kernel.events import handles
from karvon.media.events import AssetStored


@handles(AssetStored, name="media.make_renditions")
def ask_for_renditions(event: AssetStored, *, event_id: UUID) -> None:
    """Encoding takes seconds: it is the media workers' affair, not this delivery's."""
    from karvon.media.tasks import make_renditions

    make_renditions.delay(event.asset_id)
