"""Carts as the API document tells of them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from karvon.api.fields import RowIdField
from karvon.carts.store import MOST_OF_A_LINE


class StoreQuantityField(serializers.IntegerField):
    def __init__(self) -> None:
        super().__init__(min_value=1, max_value=MOST_OF_A_LINE)


class StoreItemRequest(serializers.Serializer[Any]):
    product_id = RowIdField()
    quantity = StoreQuantityField()


class StoreItemChangeRequest(serializers.Serializer[Any]):
    quantity = StoreQuantityField()


class StoreItemProduct(serializers.Serializer[Any]):
    id = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    unit_price = serializers.CharField()


class StoreItem(serializers.Serializer[Any]):
    """Prices are of this moment. An item with a `problem` that is not `available` counts for nothing."""

    id = serializers.IntegerField()
    product_id = serializers.IntegerField(allow_null=True)
    product = StoreItemProduct()
    quantity = serializers.IntegerField()
    total_price = serializers.CharField()
    available = serializers.BooleanField()
    problem = serializers.CharField(allow_null=True)


@extend_schema_field({"oneOf": [{"type": "integer", "const": 0}, {"type": "string"}]})
class StoreTotalField(serializers.Field[Any, Any, Any, Any]):
    """The number 0 for an empty cart, else a decimal string."""


class StoreCart(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    items = StoreItem(many=True)
    total_price = StoreTotalField()
