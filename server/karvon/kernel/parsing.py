"""Bodies of requests, read up to a limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from karvon.kernel.errors import TooLarge, ValidationFailed


def read_bounded(stream: IO[bytes]) -> bytes:
    """The whole body. Raises TooLarge past `DATA_UPLOAD_MAX_MEMORY_SIZE`, without reading further."""
    left = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    parts = []
    while part := stream.read(min(left + 1, 65536)):
        left -= len(part)
        if left < 0:
            raise TooLarge(_("The request is too large."))
        parts.append(part)
    return b"".join(parts)


class OrjsonParser(BaseParser):
    """JSON in UTF-8, strictly: no NaN, no lone surrogates, nothing nested a thousand deep."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value; ValidationFailed for what is not JSON."""
        try:
            return orjson.loads(read_bounded(stream))
        except orjson.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            message = _("This is not valid JSON: line %(line)s, column %(column)s.")
            raise ValidationFailed(message, params=place) from error


class BoundedFormParser(BaseParser):
    """URL-encoded forms in UTF-8."""

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> QueryDict:
        """The fields; TooManyFieldsSent past `DATA_UPLOAD_MAX_NUMBER_FIELDS`."""
        return QueryDict(read_bounded(stream), encoding="utf-8")
