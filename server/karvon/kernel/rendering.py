"""JSON by orjson."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer


def dump_json(data: Any) -> bytes:
    """Bytes of JSON; decimals and lazy texts as strings, times as ISO 8601 with Z."""
    options = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS
    return orjson.dumps(data, default=_plain, option=options)


def time_json(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC to the second, as all contracts print times."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: Any) -> Any:
    """Subclasses (ReturnDict, SafeString, TextChoices) as what they are underneath, and the few types JSON lacks."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list):
        return list(value)
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, Decimal | Promise):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(type(value).__name__)


class OrjsonRenderer(BaseRenderer):
    """DRF's answers as `dump_json` writes them."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, media_type: str | None = None, context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else dump_json(data)


class LenientNegotiation(DefaultContentNegotiation):
    """An operation that answers in one media type does so whatever `Accept` says (RFC 9110 allows it).

    So a browser may open a list, and `Accept: text/csv` fetches an export instead of a 406.
    """

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The only renderer; among several the one that the caller likes best."""
        if len(renderers) == 1:
            return renderers[0], renderers[0].media_type
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        return chosen
