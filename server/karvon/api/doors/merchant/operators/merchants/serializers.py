"""What operators ask of merchants at this door."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.merchants.models import KycStatus
from karvon.merchants.selectors import ORDERINGS
from karvon.merchants.services.papers import DECISIONS

_CHOICES = [choice for name in ORDERINGS for choice in (name, f"-{name}")]


class OperatorMerchantQuery(serializers.Serializer[Any]):
    search = serializers.CharField(
        max_length=100, required=False, allow_blank=True, help_text="name, username, email or phone"
    )
    kyc_status = serializers.ChoiceField(choices=KycStatus.choices, required=False)
    is_active = serializers.BooleanField(required=False, allow_null=True, default=None)
    ordering = serializers.CharField(max_length=40, required=False, help_text=", ".join(_CHOICES))


class OperatorSuspendRequest(serializers.Serializer[Any]):
    """Why: the merchant is told."""

    reason = serializers.CharField(max_length=1000)


class OperatorActivateRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class OperatorKycRequest(serializers.Serializer[Any]):
    """A rejection needs a note."""

    decision = serializers.ChoiceField(choices=[(status.value, status.label) for status in DECISIONS])
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
