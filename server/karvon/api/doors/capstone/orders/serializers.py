"""Orders as the API document tells of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.doors.capstone.letters import PAYMENT_STATES
from karvon.orders.models import OrderState

PAYMENT_CHOICES = tuple(PAYMENT_STATES)


class StoreOrderRequest(serializers.Serializer[Any]):
    cart_id = serializers.UUIDField()


class StorePaymentStatusRequest(serializers.Serializer[Any]):
    """P pending, C complete, F failed."""

    payment_status = serializers.ChoiceField(choices=PAYMENT_CHOICES)


class StoreOrderProduct(serializers.Serializer[Any]):
    id = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    unit_price = serializers.CharField()


class StoreOrderItem(serializers.Serializer[Any]):
    """Names and prices are those of the moment when it was ordered."""

    id = serializers.IntegerField()
    product = StoreOrderProduct()
    unit_price = serializers.CharField()
    quantity = serializers.IntegerField()
    total_price = serializers.CharField()


class StoreOrder(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    customer = serializers.IntegerField(allow_null=True)
    placed_at = serializers.DateTimeField()
    payment_status = serializers.ChoiceField(choices=PAYMENT_CHOICES)
    status = serializers.ChoiceField(choices=OrderState.choices)
    items = StoreOrderItem(many=True)
    total = serializers.CharField()
    currency = serializers.CharField()
