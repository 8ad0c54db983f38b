"""Request bodies and queries, read the same way by every view of this door."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request


def read_body(serializer: type[Any], request: Request) -> dict[str, Any]:
    """The validated body. Raises DRF's ValidationError."""
    return _validated(serializer, request.data)


def read_query(serializer: type[Any], request: Request) -> dict[str, Any]:
    """The validated query string. Raises DRF's ValidationError."""
    return _validated(serializer, request.query_params)


def _validated(serializer: type[Any], data: Any) -> dict[str, Any]:
    given = serializer(data=data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
