"""What is asked of orders."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.addresses import AddressTextField
from karvon.api.fields import CoordinateField, PaymentMethodField, RowIdField
from karvon.api.market.checkout import MarketContactRequest
from karvon.api.market.orders import MarketOrderPayment, MarketPlacedOrder
from karvon.orders.models import DeliveryType, PaymentMethod


class FoodLocation(serializers.Serializer[Any]):
    lat = CoordinateField(most=90)
    lng = CoordinateField(most=180)


class FoodOrderRequest(MarketContactRequest):
    """Without `branch_id` the branch that has everything is taken. Customers may leave `delivery_address` out: then it
    goes to their default one.
    """

    branch_id = RowIdField(required=False, allow_null=True, default=None)
    delivery_address = AddressTextField(required=False, allow_null=True, default=None)
    location = FoodLocation(required=False, allow_null=True, default=None)
    payment_method = PaymentMethodField(default=PaymentMethod.CASH)
    delivery_type = serializers.ChoiceField(choices=DeliveryType.choices, default=DeliveryType.DELIVERY)
    scheduled_for = serializers.DateTimeField(required=False, allow_null=True, default=None)
    promo_code = serializers.CharField(max_length=40, required=False, allow_blank=True, allow_null=True)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class FoodOrderPayment(MarketOrderPayment):
    """With where to pay: a page's `url`, or the `data` that the provider's own widget or a bank transfer needs."""

    payment_id = serializers.IntegerField(allow_null=True)
    url = serializers.CharField(allow_null=True)
    data = serializers.DictField(allow_null=True)


class FoodPlacedOrder(MarketPlacedOrder):
    payment = FoodOrderPayment()


class FoodOrderCancelRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
