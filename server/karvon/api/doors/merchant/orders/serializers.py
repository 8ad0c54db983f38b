"""Orders as this door takes and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.fields import PaymentMethodField
from karvon.orders.models import ConfirmationMethod, DeliveryType, OrderState, PaymentState


class MerchantDoorOrderQuery(serializers.Serializer[Any]):
    """Days are inclusive, of the shop's own calendar."""

    status = serializers.ChoiceField(choices=OrderState.choices, required=False)
    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)
    search = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="Part of the number, name or phone."
    )


class MerchantDoorStatusRequest(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=OrderState.choices)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class MerchantDoorOrderItem(serializers.Serializer[Any]):
    """A line as it was sold; `total` is after its discount."""

    id = serializers.IntegerField()
    product_id = serializers.IntegerField(allow_null=True)
    variant_id = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    sku = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    modifiers = serializers.ListField(child=serializers.CharField())
    image = serializers.CharField(allow_null=True)
    quantity = serializers.IntegerField()
    cancelled_quantity = serializers.IntegerField()
    price = serializers.CharField()
    discount = serializers.CharField()
    total = serializers.CharField()


class MerchantDoorOrder(serializers.Serializer[Any]):
    """One shop's share of an order: its lines, their sums and its state. Other shops' lines are not in it."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    merchant = serializers.IntegerField()
    customer_name = serializers.CharField()
    customer_phone = serializers.CharField()
    customer_email = serializers.CharField()
    address = serializers.CharField()
    items = MerchantDoorOrderItem(many=True)
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    delivery_fee = serializers.CharField()
    tax = serializers.CharField(help_text="Included.")
    total = serializers.CharField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderState.choices)
    payment_status = serializers.ChoiceField(choices=PaymentState.choices)
    payment_method = PaymentMethodField()
    delivery_type = serializers.ChoiceField(choices=DeliveryType.choices)
    confirmation_method = serializers.ChoiceField(
        choices=ConfirmationMethod.choices, allow_blank=True, help_text="Empty for orders from elsewhere."
    )
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
