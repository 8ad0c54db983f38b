"""Fields that bodies and queries of several doors share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

BIGGEST_ID = 2**63 - 1


class RowIdField(serializers.IntegerField):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=BIGGEST_ID, **kwargs)
