"""Pictures in and out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import connection

from karvon.kernel.clock import now as current_time
from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.media.errors import ImageInUse
from karvon.media.events import AssetDescribed, AssetStored
from karvon.media.images import CleanImage, clean_image, read_bounded
from karvon.media.models import Asset, Rendition
from karvon.media.selectors import get_asset, is_used
from karvon.media.storage import content_name, put_once, remove_public

if TYPE_CHECKING:
    from karvon.accounts.models import User

UNUSED_DAYS = 7


def store_image(
    *,
    data: BinaryIO,
    file_name: str,
    owner_ref: str,
    actor: User | None,
    alt: str = "",
    max_bytes: int | None = None,
    keeps_file: bool = True,
) -> Asset:
    """Clean and keep a picture; its renditions follow by a task.

    `owner_ref` comes from `selectors.merchant_ref`, `user_ref` or `PLATFORM`; `file_name` only serves as
    alternative text when `alt` is empty - the content decides what the file is. The same bytes of one owner
    are one row. Without `keeps_file` only the row is written, for a caller who rolls it back.
    Raises ImageTooLarge, UnsupportedImage, BrokenImage, TooBusy, StorageFull; then nothing is
    kept.
    """
    source = read_bounded(data, max_bytes=max_bytes or settings.KARVON_IMAGE_MAX_BYTES)
    source_digest = hashlib.sha256(source).hexdigest()
    known = Asset.objects.filter(owner_ref=owner_ref, source_sha256=source_digest).order_by("id").first()
    if known is not None:
        return known
    clean = clean_image(source)
    digest = hashlib.sha256(clean.data).hexdigest()
    name = content_name("images", digest, f".{clean.extension}")
    if keeps_file:
        # the file first: a row never names a file that is not there
        put_once(name, clean.data)
    asset = _record(
        clean=clean,
        name=name,
        digests=(digest, source_digest),
        owner_ref=owner_ref,
        actor=actor,
        alt=(alt or _words_of(file_name))[:255],
    )
    if keeps_file:
        # a purge of another owner's same picture may have taken the file between the two steps above
        put_once(name, clean.data)
    return asset


@transactional
def _record(
    *, clean: CleanImage, name: str, digests: tuple[str, str], owner_ref: str, actor: User | None, alt: str
) -> Asset:
    digest, source_digest = digests
    _lock_content(digest)
    asset, created = Asset.objects.get_or_create(
        owner_ref=owner_ref,
        sha256=digest,
        defaults={
            "uploaded_by": actor,
            "source_sha256": source_digest,
            "file": name,
            "content_type": clean.content_type,
            "width": clean.width,
            "height": clean.height,
            "size_bytes": len(clean.data),
            "alt": alt,
            "dominant_colour": clean.dominant_colour,
        },
    )
    if created:
        publish(AssetStored(asset_id=asset.pk))
    return asset


@transactional
def set_alt(*, asset_id: int, owner_refs: Collection[str] | None, alt: str) -> Asset:
    """Change the alternative text. `owner_refs` None means whoever owns it. Raises NotFound."""
    asset = get_asset(asset_id=asset_id, owner_refs=owner_refs)
    if asset.alt != alt:
        asset.alt = alt
        asset.save(update_fields=["alt"])
        publish(AssetDescribed(asset_id=asset.pk))
    return asset


@transactional
def delete_asset(*, asset_id: int, owner_refs: Collection[str] | None) -> None:
    """Remove a picture that nothing shows. Raises NotFound, ImageInUse."""
    asset = get_asset(asset_id=asset_id, owner_refs=owner_refs)
    if is_used(asset.pk):
        raise ImageInUse
    _remove(asset)


def purge_unused_assets(*, now: datetime | None = None, limit: int = 500) -> int:
    """Remove pictures that nothing shows and that were stored over a week ago; how many."""
    before = (now or current_time()) - timedelta(days=UNUSED_DAYS)
    removed, after = 0, 0
    while batch := list(Asset.objects.filter(created_at__lt=before, pk__gt=after).order_by("id")[:200]):
        after = batch[-1].pk
        for asset in batch:
            removed += _remove_if_unused(asset.pk)
            if removed >= limit:
                return removed
    return removed


@transactional
def _remove_if_unused(asset_id: int) -> int:
    asset = Asset.objects.select_for_update().filter(pk=asset_id).first()
    if asset is None or is_used(asset.pk):
        return 0
    _remove(asset)
    return 1


def _remove(asset: Asset) -> None:
    """The row, and its files unless another owner has the same picture."""
    _lock_content(asset.sha256)
    names = [asset.file, *Rendition.objects.filter(asset=asset).values_list("file", flat=True)]
    asset.delete()
    if not Asset.objects.filter(sha256=asset.sha256).exists():
        remove_public(names)


def _lock_content(digest: str) -> None:
    """Until the end of the transaction nobody else records or removes a picture of these bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"asset:{digest}"])


def _words_of(file_name: str) -> str:
    """ "red-summer_dress.jpg" -> "red summer dress"; a name of digits only says nothing."""
    stem = file_name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    words = " ".join("".join(c if c.isalnum() else " " for c in stem).split())
    return words if any(c.isalpha() for c in words) else ""
