"""People as this door takes and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.accounts.models import User


class StorePasswordField(serializers.CharField):
    """Taken as typed, never shown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=128, trim_whitespace=False, write_only=True, **kwargs)


class StoreUserRequest(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=64)
    email = serializers.CharField(max_length=254)
    password = StorePasswordField()
    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")


class StoreProfileRequest(serializers.Serializer[Any]):
    """What is left out stays."""

    username = serializers.CharField(max_length=64, required=False)
    email = serializers.CharField(max_length=254, required=False)
    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True)


class StoreUser(serializers.ModelSerializer[User]):
    """A person, to themselves."""

    class Meta:
        model = User
        fields = ["id", "username", "email", "first_name", "last_name"]
        read_only_fields = fields


class StoreTokenRequest(serializers.Serializer[Any]):
    """A username, email or phone, and the password."""

    username = serializers.CharField(max_length=254)
    password = StorePasswordField()


class StoreRefreshRequest(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=2_000)


class StoreVerifyRequest(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=2_000)


class StoreTokenPair(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()
