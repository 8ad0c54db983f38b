"""What the owner of a shop may change at this door."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.doors.merchant.shapes import MerchantDoorMerchant
from karvon.merchants.models import DocumentState, KycDocumentKind, PaymentPreference


class MerchantMeRequest(serializers.Serializer[Any]):
    """What is left out stays. `logo` is the id of one of the shop's pictures, its address as this door gave it, or null."""

    name = serializers.CharField(max_length=200, required=False)
    username = serializers.CharField(max_length=64, required=False)
    logo = serializers.CharField(max_length=500, required=False, allow_null=True)
    payment_preference = serializers.ChoiceField(choices=PaymentPreference.choices, required=False)
    whatsapp_link = serializers.CharField(max_length=300, required=False, allow_blank=True)
    instagram_link = serializers.CharField(max_length=300, required=False, allow_blank=True)
    facebook_link = serializers.CharField(max_length=300, required=False, allow_blank=True)


class MerchantMeDocument(serializers.Serializer[Any]):
    """A paper that was handed in: what it is called and where it stands."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KycDocumentKind.choices)
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=DocumentState.choices)


class MerchantMeKyc(MerchantDoorMerchant):
    """The shop with its papers."""

    documents = MerchantMeDocument(many=True)
