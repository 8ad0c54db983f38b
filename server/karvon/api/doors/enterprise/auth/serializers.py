"""Logins as this contract takes and answers them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class SkuTokenRequest(serializers.Serializer[Any]):
    """`username` takes an email or a phone number as well."""

    username = serializers.CharField(max_length=254)
    password = serializers.CharField(
        max_length=128, trim_whitespace=False, write_only=True, style={"input_type": "password"}
    )


class SkuTokenRefreshRequest(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=2_000)


class SkuTokenPair(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()
