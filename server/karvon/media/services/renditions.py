"""The sizes and formats that clients load, made by the media workers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from PIL import Image

from karvon.kernel.clock import now as current_time
from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.media.events import RenditionsReady
from karvon.media.images import encode, resize_to_width
from karvon.media.models import Asset, AssetState, Rendition
from karvon.media.storage import content_name, put_once, read_public

FORMATS = ("webp", "avif")
OVERDUE_MINUTES = 5


@dataclass(frozen=True)
class _Made:
    width: int
    height: int
    format: str
    file: str
    size_bytes: int


def make_renditions(*, asset_id: int) -> None:
    """Make all renditions of a picture and announce them; doing it again changes nothing.

    A picture that is gone is left alone, one that cannot be read is marked failed. Raises StorageFull.
    """
    asset = Asset.objects.filter(pk=asset_id).first()
    if asset is None or asset.state == AssetState.READY:
        return
    try:
        image = _load(asset)
    except (FileNotFoundError, OSError, ValueError, SyntaxError) as error:
        _fail(asset_id=asset_id, reason=str(error) or type(error).__name__)
        return
    made = [
        _make(asset, image, width, format_) for width in rendition_widths(asset.width) for format_ in FORMATS
    ]
    _record(asset_id=asset_id, made=made)


def rendition_widths(original: int) -> list[int]:
    """Widths to offer for a picture of this width: the standard ones below it, and its own when it is
    small.
    """
    standard: Sequence[int] = settings.KARVON_RENDITION_WIDTHS
    widths = [width for width in standard if width < original]
    return widths if original > max(standard) else [*widths, original]


def list_overdue_assets(*, now: datetime | None = None, limit: int = 100) -> list[int]:
    """Pictures that have waited too long for their renditions (a worker died, a queue was lost)."""
    time = now or current_time()
    overdue = Asset.objects.filter(
        state=AssetState.PENDING,
        created_at__lt=time - timedelta(minutes=OVERDUE_MINUTES),
        # what killed its worker for a week is left to people
        created_at__gt=time - timedelta(days=7),
    )
    return list(overdue.order_by("created_at").values_list("pk", flat=True)[:limit])


def _load(asset: Asset) -> Image.Image:
    image = Image.open(io.BytesIO(read_public(asset.file)), formats=("JPEG", "PNG"))
    image.load()
    return image


def _make(asset: Asset, image: Image.Image, width: int, format_: str) -> _Made:
    resized = resize_to_width(image, width)
    data = encode(resized, format_)
    name = content_name("renditions", asset.sha256, f"-{width}.{format_}")
    put_once(name, data)
    return _Made(width=width, height=resized.height, format=format_, file=name, size_bytes=len(data))


@transactional
def _record(*, asset_id: int, made: Sequence[_Made]) -> None:
    asset = Asset.objects.select_for_update().filter(pk=asset_id).first()
    if asset is None or asset.state == AssetState.READY:
        return
    Rendition.objects.bulk_create(
        [
            Rendition(
                asset=asset,
                width=one.width,
                height=one.height,
                format=one.format,
                file=one.file,
                size_bytes=one.size_bytes,
            )
            for one in made
        ],
        ignore_conflicts=True,
    )
    asset.state = AssetState.READY
    asset.error = ""
    asset.save(update_fields=["state", "error"])
    publish(RenditionsReady(asset_id=asset.pk))


@transactional
def _fail(*, asset_id: int, reason: str) -> None:
    Asset.objects.filter(pk=asset_id, state=AssetState.PENDING).update(
        state=AssetState.FAILED, error=reason[:255]
    )
