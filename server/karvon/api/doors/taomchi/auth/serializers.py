"""Logins by phone as this contract takes and answers them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.accounts.models import User
from karvon.kernel.languages import LANGUAGES

CODE_LENGTH = 4
LONGEST_INIT_DATA = 8_192


class FoodCodeRequest(serializers.Serializer[Any]):
    phone = serializers.CharField(max_length=32)


class FoodCodeSent(serializers.Serializer[Any]):
    message = serializers.CharField()
    code_length = serializers.IntegerField()


class FoodCodeVerifyRequest(serializers.Serializer[Any]):
    phone = serializers.CharField(max_length=32)
    code = serializers.RegexField(rf"^[0-9]{{{CODE_LENGTH}}}\Z", max_length=CODE_LENGTH)


class FoodTelegramRequest(serializers.Serializer[Any]):
    """`init_data` as Telegram hands it to the app, unchanged."""

    init_data = serializers.CharField(max_length=LONGEST_INIT_DATA)


class FoodPerson(serializers.Serializer[Any]):
    """`phone` is empty for somebody who logs in by another name."""

    id = serializers.IntegerField()
    phone = serializers.SerializerMethodField()
    full_name = serializers.CharField()

    def get_phone(self, user: User) -> str:
        return user.phone or ""


class FoodLogin(serializers.Serializer[Any]):
    token = serializers.CharField()
    refresh = serializers.CharField()
    user = FoodPerson()


class FoodProfile(FoodPerson):
    email = serializers.CharField(allow_null=True)
    language = serializers.ChoiceField(choices=LANGUAGES)
    created_at = serializers.DateTimeField()


class FoodProfileRequest(serializers.Serializer[Any]):
    """What is left out stays."""

    full_name = serializers.CharField(max_length=301, required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)
