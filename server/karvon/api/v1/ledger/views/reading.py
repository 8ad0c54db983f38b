"""Reading what was sent."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


def read(kind: type[serializers.Serializer[Any]], sent: Any) -> dict[str, Any]:
    """The validated body or query. Raises ValidationError."""
    serializer = kind(data=sent)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
