# mypy: disable-error-code="arg-type"
"""Uploads that do not pass through the API's own request: straight to S3, or to a signed address of ours.

The ticket is signed and carries all that is needed, so that beginning an upload writes nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile

from karvon.kernel.clock import now as current_time
from karvon.media.errors import UploadNotFound
from karvon.media.images import read_bounded
from karvon.media.models import Asset
from karvon.media.services.assets import store_image
from karvon.media.storage import open_private, private_storage, put_private, remove_private

if TYPE_CHECKING:
    from karvon.accounts.models import User

_SALT = "karvon.media.upload"
_FOLDER = "uploads"
# after the address has expired there is still time to say that the upload is complete
_COMPLETION_SECONDS = 3600


@dataclass(frozen=True)
class UploadTicket:
    """What a client needs: POST `fields` and then the file as `file` to `url` (None: the door's own address
    for `upload`), before `expires_at`; then complete `upload`.
    """

    upload: str
    url: str | None
    fields: dict[str, str]
    max_bytes: int
    expires_at: datetime


def begin_upload(*, actor: User, owner_ref: str, now: datetime | None = None) -> UploadTicket:
    """Allow `actor` one upload for `owner_ref`."""
    time = now or current_time()
    key = f"{_FOLDER}/{time:%Y%m%d}/{secrets.token_urlsafe(24)}"
    max_bytes: int = settings.KARVON_IMAGE_MAX_BYTES
    upload = signing.dumps({"key": key, "user": actor.pk, "owner": owner_ref}, salt=_SALT)
    target = _presigned_post(key, max_bytes)
    return UploadTicket(
        upload=upload,
        url=target["url"] if target else None,
        fields=target["fields"] if target else {},
        max_bytes=max_bytes,
        expires_at=time + timedelta(seconds=settings.KARVON_UPLOAD_SECONDS),
    )


def receive_upload(*, upload: str, data: BinaryIO) -> None:
    """Keep the bytes sent to a signed address of ours. Raises UploadNotFound, ImageTooLarge, StorageFull."""
    ticket = _read_ticket(upload, settings.KARVON_UPLOAD_SECONDS)
    content = read_bounded(data, max_bytes=settings.KARVON_IMAGE_MAX_BYTES)
    put_private(ticket["key"], ContentFile(content))


def complete_upload(*, upload: str, actor: User, alt: str = "") -> Asset:
    """Make a picture of what was uploaded; completing again gives the same picture while the upload is kept.

    Raises UploadNotFound (never begun by `actor`, expired, nothing uploaded) and all that `store_image`
    raises.
    """
    ticket = _read_ticket(upload, settings.KARVON_UPLOAD_SECONDS + _COMPLETION_SECONDS)
    if ticket["user"] != actor.pk:
        raise UploadNotFound
    try:
        with open_private(ticket["key"]) as file:
            return store_image(data=file, file_name="", owner_ref=ticket["owner"], actor=actor, alt=alt)
    except FileNotFoundError as error:
        raise UploadNotFound from error


def purge_uploads(*, now: datetime | None = None) -> int:
    """Remove uploads of the days before yesterday; how many."""
    keep_from = f"{(now or current_time()) - timedelta(days=1):%Y%m%d}"
    storage = private_storage()
    removed = 0
    for day in _list_folders(_FOLDER):
        if day >= keep_from:
            continue
        for name in storage.listdir(f"{_FOLDER}/{day}")[1]:
            remove_private(f"{_FOLDER}/{day}/{name}")
            removed += 1
    return removed


def _list_folders(folder: str) -> list[str]:
    try:
        return sorted(private_storage().listdir(folder)[0])
    except FileNotFoundError:
        return []


def _read_ticket(upload: str, max_age: int) -> dict[str, Any]:
    try:
        ticket: dict[str, Any] = signing.loads(upload, salt=_SALT, max_age=max_age)
    except signing.BadSignature as error:
        raise UploadNotFound from error
    return ticket


def _presigned_post(key: str, max_bytes: int) -> dict[str, Any] | None:
    """S3's own form for uploading `key`; None where private files lie in a folder of ours."""
    storage: Any = private_storage()
    if not hasattr(storage, "bucket_name"):
        return None
    form: dict[str, Any] = storage.connection.meta.client.generate_presigned_post(
        storage.bucket_name,
        f"{storage.location}/{key}".lstrip("/"),
        Conditions=[["content-length-range", 1, max_bytes]],
        ExpiresIn=settings.KARVON_UPLOAD_SECONDS,
    )
    return form
