"""Paying by card as this contract takes and answers it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.fields import RowIdField


class SkuSessionRequest(serializers.Serializer[Any]):
    """Guests send the `token` that they got when ordering."""

    order_id = RowIdField()
    token = serializers.CharField(max_length=64, required=False)


class SkuSession(serializers.Serializer[Any]):
    url = serializers.URLField()
    session_id = serializers.CharField()


class SkuStripeEvent(serializers.Serializer[Any]):
    """An event as Stripe signs it, with the header `Stripe-Signature`."""

    id = serializers.CharField()
    object = serializers.CharField()
    type = serializers.CharField()
    livemode = serializers.BooleanField()
    data = serializers.DictField()


class SkuStripeReceived(serializers.Serializer[Any]):
    received = serializers.BooleanField()
