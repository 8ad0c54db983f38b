"""Fields that bodies and queries of several doors share."""

from __future__ import annotations

from math import isfinite
from typing import Any

from rest_framework import serializers

from karvon.orders.models import list_payment_methods

BIGGEST_ID = 2**63 - 1


class RowIdField(serializers.IntegerField):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=BIGGEST_ID, **kwargs)


class PaymentMethodField(serializers.ChoiceField):
    """One of the ways in which orders may be paid here."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list_payment_methods(), **kwargs)


class CoordinateField(serializers.FloatField):
    """Degrees; what is no number of them is refused."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(min_value=-most, max_value=most, **kwargs)

    def to_internal_value(self, data: Any) -> float:
        value: float = super().to_internal_value(data)
        if not isfinite(value):
            self.fail("invalid")
        return value
