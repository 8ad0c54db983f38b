"""What both shop contracts take when somebody orders."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from karvon.accounts.authentication import get_caller
from karvon.accounts.models import User
from karvon.accounts.names import normalise_phone
from karvon.kernel.errors import ValidationFailed


class MarketContactRequest(serializers.Serializer[Any]):
    """Whom to ask for. Customers may leave it out; guests give a name and a phone number."""

    full_name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True, default="")
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True, default="")


def buyer_of(request: Request) -> User | None:
    """The customer who orders; None for a guest."""
    return get_caller(request) if request.user.is_authenticated else None


def contact_of(asked: dict[str, Any], customer: User | None) -> dict[str, str]:
    """The contact fields of an order. Raises ValidationFailed where a guest leaves one out or a number is none."""
    if customer is None:
        missing = [name for name in ("full_name", "phone") if not asked[name]]
        if missing:
            raise ValidationFailed(details={name: [_("Guests have to give this.")] for name in missing})
    return {
        "contact_name": asked["full_name"],
        "contact_phone": normalise_phone(asked["phone"]) if asked["phone"] else "",
        "contact_email": asked["email"],
    }
