"""Request bodies with files, refused by their announced size before a byte of them is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import DataAndFiles, MultiPartParser

from karvon.media.errors import ImageTooLarge

_OTHER_FIELDS = 64 * 1024


class ImageUploadParser(MultiPartParser):
    """multipart/form-data with one picture. Raises ImageTooLarge."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.KARVON_IMAGE_MAX_BYTES + _OTHER_FIELDS:
            raise ImageTooLarge
        return super().parse(stream, media_type, parser_context)
