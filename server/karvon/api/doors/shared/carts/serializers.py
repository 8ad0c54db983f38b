"""What is asked of a cart."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.fields import RowIdField
from karvon.api.market.carts import MarketCartQuantityField, MarketModifierIdsField


class MarketCartAddRequest(serializers.Serializer[Any]):
    """The same variant with the same modifiers adds up."""

    variant_id = RowIdField()
    quantity = MarketCartQuantityField(default=1)
    modifiers = MarketModifierIdsField()


class MarketCartRemoveRequest(serializers.Serializer[Any]):
    """The variant to take out; without it, everything goes."""

    variant_id = RowIdField(required=False, allow_null=True, default=None)
