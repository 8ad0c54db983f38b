"""Payments as the API document tells of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.fields import PaymentMethodField, RowIdField
from karvon.payments.models import PaymentStatus, RefundReason, RefundState


class PaymentRequest(serializers.Serializer[Any]):
    """Guests send the `token` that they got when ordering. `return_url` is where the provider sends the customer afterwards:
    a page of the shop, or one that KARVON_RETURN_URLS names.
    """

    order_id = RowIdField()
    provider = PaymentMethodField()
    token = serializers.CharField(max_length=64, required=False)
    return_url = serializers.URLField(max_length=1000, required=False)


class PaymentQuery(serializers.Serializer[Any]):
    order_id = RowIdField(required=False)
    state = serializers.ChoiceField(choices=PaymentStatus.choices, required=False)
    provider = PaymentMethodField(required=False)


class PaymentTokenQuery(serializers.Serializer[Any]):
    """What a guest got when ordering."""

    token = serializers.CharField(max_length=64, required=False)


class PaymentNextStep(serializers.Serializer[Any]):
    """`redirect`: send the customer to `url`. `widget`: open the provider's own with `data`. `instructions`: show `data`.
    `none`: there is nothing to do.
    """

    kind = serializers.ChoiceField(choices=("redirect", "widget", "instructions", "none"))
    url = serializers.CharField(allow_blank=True)
    data = serializers.DictField()


class PaymentRefund(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    amount = serializers.CharField()
    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=RefundState.choices)
    reason = serializers.ChoiceField(choices=RefundReason.choices)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class PaymentDetail(serializers.Serializer[Any]):
    """Paid is what `state` says, and nothing else: a browser that came back from the provider proves nothing."""

    id = serializers.IntegerField()
    order_id = serializers.IntegerField()
    provider = serializers.CharField()
    state = serializers.ChoiceField(choices=PaymentStatus.choices)
    amount = serializers.CharField()
    refunded_amount = serializers.CharField()
    currency = serializers.CharField()
    next_step = PaymentNextStep(allow_null=True, help_text="While it waits to be paid.")
    failure = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    paid_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    refunds = PaymentRefund(many=True)


class RefundRequest(serializers.Serializer[Any]):
    """Without an amount: all that the order gives reason for."""

    amount = serializers.DecimalField(max_digits=15, decimal_places=3, min_value=0, required=False)
    note = serializers.CharField(max_length=255, required=False, allow_blank=True)
