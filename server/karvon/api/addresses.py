"""Where an order goes, as doors take it spelled out; out of the address book it is `accounts.selectors`' to find."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from karvon.accounts.selectors import ADDRESS_FIELDS

LONGEST_TEXT = 500


class AddressParts(serializers.Serializer[Any]):
    """Where to deliver to."""

    line1 = serializers.CharField(max_length=255)
    line2 = serializers.CharField(max_length=255, required=False, allow_blank=True)
    city = serializers.CharField(max_length=128, required=False, allow_blank=True)
    region = serializers.CharField(max_length=128, required=False, allow_blank=True)
    postal_code = serializers.CharField(max_length=16, required=False, allow_blank=True)
    country = serializers.CharField(max_length=2, required=False, allow_blank=True)
    instructions = serializers.CharField(max_length=500, required=False, allow_blank=True)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "maxLength": LONGEST_TEXT},
            {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ADDRESS_FIELDS},
                "required": ["line1"],
            },
        ]
    }
)
class AddressTextField(serializers.Field[Any, Any, Any, Any]):
    """An address in one line, or in parts; its value is the parts, {} for nothing."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, str):
            text: str = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True).run_validation(data)
            return {"line1": text} if text else {}
        if not isinstance(data, dict):
            raise serializers.ValidationError(_("A text or an object is needed."))
        parts = AddressParts(data=data)
        parts.is_valid(raise_exception=True)
        return {name: value for name, value in parts.validated_data.items() if value}
