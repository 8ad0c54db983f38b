"""Which pictures a request means."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.request import Request

from karvon.kernel.errors import ValidationFailed
from karvon.media.selectors import find_asset_ids, merchant_ref


def read_pictures(request: Request, merchant_id: int, references: list[int | str] | None) -> list[int] | None:
    """Ids of the merchant's pictures behind ids and addresses. Nothing is ever fetched: raises ValidationFailed for an
    address that is not ours, and for another one's picture.
    """
    if references is None:
        return None
    hosts = {request.get_host(), urlsplit(settings.KARVON_PUBLIC_URL).netloc}
    found = find_asset_ids(references, owner_ref=merchant_ref(merchant_id), hosts=hosts)
    known = [pk for pk in found if pk is not None]
    if len(known) < len(references):
        message = _("Use pictures of your shop, by id or address: send new ones to upload-image first.")
        raise ValidationFailed(details={"images": [message]})
    return known
