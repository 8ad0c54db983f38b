"""Store pages as this door takes and shows them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from karvon.api.doors.merchant.orders.serializers import MerchantDoorOrder
from karvon.api.doors.merchant.products.serializers import MerchantDoorProduct
from karvon.api.doors.merchant.shapes import MerchantDoorStore
from karvon.api.fields import PaymentMethodField, RowIdField
from karvon.orders.models import ConfirmationMethod, DeliveryType
from karvon.orders.models.order import PAID_ON_DELIVERY

MOST_OF_A_LINE = 9_999


class StoreProducts(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = MerchantDoorProduct(many=True)


class StorePage(serializers.Serializer[Any]):
    store = MerchantDoorStore()
    products = StoreProducts()


class StoreItemRequest(serializers.Serializer[Any]):
    """Without `variant_id` it is the product's first variant that has enough."""

    product_id = RowIdField()
    variant_id = RowIdField(required=False, allow_null=True, default=None)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_OF_A_LINE)
    modifiers = serializers.ListField(child=RowIdField(), max_length=50, required=False, default=list)


class StoreOrderRequest(serializers.Serializer[Any]):
    """Paid when it is handed over. `address` may be left out where the customer collects it."""

    customer_name = serializers.CharField(max_length=200)
    customer_phone = serializers.CharField(max_length=32)
    customer_email = serializers.EmailField(required=False, allow_blank=True, default="")
    address = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")
    items = StoreItemRequest(many=True, allow_empty=False)
    confirmation_method = serializers.ChoiceField(choices=ConfirmationMethod.choices)
    delivery_type = serializers.ChoiceField(choices=DeliveryType.choices, default=DeliveryType.DELIVERY)
    payment_method = PaymentMethodField(required=False, help_text="cash or card_on_delivery")
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")

    def validate_payment_method(self, value: str) -> str:
        if value not in PAID_ON_DELIVERY:
            raise serializers.ValidationError(_("Orders at store pages are paid when they are handed over."))
        return value


class StoreOrder(MerchantDoorOrder):
    """`tracking_token` opens the order without a login; `whatsapp_url` is null unless WhatsApp was chosen and the shop is
    there.
    """

    tracking_token = serializers.CharField()
    tracking_url = serializers.CharField()
    whatsapp_url = serializers.CharField(allow_null=True)
