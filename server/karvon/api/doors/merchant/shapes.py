"""People and shops in the words of this door; one place for all its resources."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from karvon.accounts.models import Role, User
from karvon.api.links import absolute, site_of
from karvon.media.urls import asset_url
from karvon.merchants.models import KycStatus, Merchant, MerchantState, PaymentPreference


class MerchantDoorUser(serializers.Serializer[Any]):
    """A person; `user_type` is their role."""

    id = serializers.IntegerField()
    email = serializers.CharField(allow_null=True)
    username = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    user_type = serializers.ChoiceField(choices=Role.choices)
    is_verified = serializers.BooleanField(help_text="The email or the phone has been confirmed.")


class MerchantDoorStore(serializers.Serializer[Any]):
    """A shop, to everybody."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    username = serializers.CharField(help_text="The address of its page.")
    logo = serializers.CharField(allow_null=True, help_text="The address of the picture.")
    whatsapp_link = serializers.CharField()
    instagram_link = serializers.CharField()
    facebook_link = serializers.CharField()
    currency = serializers.CharField()


class MerchantDoorMerchant(MerchantDoorStore):
    """A shop, to its own people and to operators; `user` is its owner."""

    user = serializers.IntegerField()
    kyc_status = serializers.ChoiceField(choices=KycStatus.choices)
    payment_preference = serializers.ChoiceField(choices=PaymentPreference.choices)
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()


def user_json(user: User) -> dict[str, Any]:
    """The document that MerchantDoorUser describes."""
    return {
        "id": user.pk,
        "email": user.email,
        "username": user.username,
        "phone": user.phone,
        "user_type": user.role,
        "is_verified": user.is_email_verified or user.is_phone_verified,
    }


def store_json(merchant: Merchant, request: Request) -> dict[str, Any]:
    """The document that MerchantDoorStore describes. Reads `merchant.logo`."""
    return {
        "id": merchant.pk,
        "name": merchant.name,
        "username": merchant.username,
        "logo": absolute_url(request, merchant.logo.file) if merchant.logo else None,
        "whatsapp_link": merchant.whatsapp_link,
        "instagram_link": merchant.instagram_link,
        "facebook_link": merchant.facebook_link,
        "currency": merchant.currency,
    }


def merchant_json(merchant: Merchant, request: Request) -> dict[str, Any]:
    """The document that MerchantDoorMerchant describes. Reads `merchant.logo`."""
    return store_json(merchant, request) | {
        "user": merchant.owner_id,
        "kyc_status": merchant.kyc_status,
        "payment_preference": merchant.payment_preference,
        "is_active": merchant.state == MerchantState.ACTIVE,
        "created_at": merchant.created_at,
    }


def absolute_url(request: Request, file: str) -> str:
    """Where a stored picture is, with scheme and host: clients of this door put it into pages of their own."""
    return str(absolute(site_of(request), asset_url(file)))
