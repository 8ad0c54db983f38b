"""JSON by orjson."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer


def dump_json(data: Any) -> bytes:
    """Bytes of JSON; decimals and lazy texts as strings, times as ISO 8601 with Z."""
    options = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS
    return orjson.dumps(data, default=_plain, option=options)


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
