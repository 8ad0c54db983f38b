"""Payments as the API document tells of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.doors.capstone.orders.serializers import PAYMENT_CHOICES
from karvon.api.fields import RowIdField


class StoreIntentRequest(serializers.Serializer[Any]):
    order_id = RowIdField()


class StoreIntent(serializers.Serializer[Any]):
    """What the provider's widget needs; `amount` is in minor units."""

    razorpay_order_id = serializers.CharField()
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    key_id = serializers.CharField()
    order_id = serializers.IntegerField()


class StoreVerifyPaymentRequest(serializers.Serializer[Any]):
    razorpay_order_id = serializers.CharField(max_length=64)
    razorpay_payment_id = serializers.CharField(max_length=64)
    razorpay_signature = serializers.CharField(max_length=256)


class StorePaid(serializers.Serializer[Any]):
    status = serializers.CharField()


class StoreReceived(serializers.Serializer[Any]):
    received = serializers.BooleanField()


class StorePayment(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    provider = serializers.CharField()
    status = serializers.CharField()
    amount = serializers.CharField()


class StorePaymentState(serializers.Serializer[Any]):
    """`payments` are the tries that were made with a provider."""

    order_id = serializers.IntegerField()
    payment_status = serializers.ChoiceField(choices=PAYMENT_CHOICES)
    payments = StorePayment(many=True)


class StoreWebhookRequest(serializers.Serializer[Any]):
    """An event as the provider sends it, signed in a header."""

    event = serializers.CharField(max_length=128)
    payload = serializers.DictField(required=False)
