"""Logging in as this door takes and shows it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.doors.merchant.shapes import MerchantDoorMerchant, MerchantDoorUser


class SecretField(serializers.CharField):
    """Taken as typed, never shown, of a length that is cheap to hash."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=128, trim_whitespace=False, write_only=True, **kwargs)


class MerchantDoorRegisterRequest(serializers.Serializer[Any]):
    """`name` is the shop's; its page is called like `username`."""

    email = serializers.CharField(max_length=254)
    username = serializers.CharField(max_length=64)
    password = SecretField()
    name = serializers.CharField(max_length=200)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True, allow_null=True)


class MerchantDoorLoginRequest(serializers.Serializer[Any]):
    """`email` takes a username or a phone as well."""

    email = serializers.CharField(max_length=254)
    password = SecretField()


class MerchantDoorResetRequest(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254)


class MerchantDoorResetConfirmRequest(serializers.Serializer[Any]):
    """`uid` and `token` as they stand in the mailed link."""

    uid = serializers.CharField(max_length=32)
    token = serializers.CharField(max_length=128)
    new_password = SecretField()


class MerchantDoorRefreshRequest(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=2_000)


class MerchantDoorMessage(serializers.Serializer[Any]):
    message = serializers.CharField()


class MerchantDoorTokens(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class MerchantDoorLogin(serializers.Serializer[Any]):
    """`token` is the access token."""

    token = serializers.CharField()
    refresh = serializers.CharField()
    user = MerchantDoorUser()


class MerchantDoorRegistered(MerchantDoorLogin):
    merchant = MerchantDoorMerchant()
