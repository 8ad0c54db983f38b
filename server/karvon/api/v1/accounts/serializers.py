"""People, logins and addresses as the API takes and shows them. Only what is listed here can be written."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from karvon.accounts.models import Address, Membership, RefreshFamily, Role, User
from karvon.kernel.languages import LANGUAGES


class PasswordField(serializers.CharField):
    """Taken as typed, never shown, of a length that is cheap to hash."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=128, trim_whitespace=False, write_only=True, style={"input_type": "password"}, **kwargs
        )


class UserDetail(serializers.ModelSerializer[User]):
    """A person, to themselves."""

    role = serializers.ChoiceField(choices=Role.choices)
    language = serializers.ChoiceField(choices=LANGUAGES)
    membership = serializers.ChoiceField(choices=Membership.choices)

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "username",
            "phone",
            "first_name",
            "last_name",
            "role",
            "language",
            "birth_date",
            "membership",
            "is_email_verified",
            "is_phone_verified",
            "created_at",
        ]
        read_only_fields = fields


class UserRegisterRequest(serializers.Serializer[Any]):
    """At least one of `email`, `username` and `phone`."""

    email = serializers.CharField(max_length=254, required=False, allow_blank=True, allow_null=True)
    username = serializers.CharField(max_length=64, required=False, allow_blank=True, allow_null=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True, allow_null=True)
    password = PasswordField()
    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)


class UserProfileRequest(serializers.Serializer[Any]):
    """What is left out stays; null or "" takes an email, username or phone away while another is left."""

    email = serializers.CharField(max_length=254, required=False, allow_blank=True, allow_null=True)
    username = serializers.CharField(max_length=64, required=False, allow_blank=True, allow_null=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True, allow_null=True)
    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    birth_date = serializers.DateField(required=False, allow_null=True)


class PasswordChangeRequest(serializers.Serializer[Any]):
    current_password = PasswordField()
    new_password = PasswordField()


class PasswordResetRequest(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254)


class PasswordResetConfirmRequest(serializers.Serializer[Any]):
    """`uid` and `token` as they stand in the mailed link."""

    uid = serializers.CharField(max_length=32)
    token = serializers.CharField(max_length=128)
    new_password = PasswordField()


class AccountCloseRequest(serializers.Serializer[Any]):
    current_password = PasswordField()


class TokenCreateRequest(serializers.Serializer[Any]):
    """The password and one name: `email`, `username` or `phone`; any of the three fields takes any name."""

    email = serializers.CharField(max_length=254, required=False)
    username = serializers.CharField(max_length=254, required=False)
    phone = serializers.CharField(max_length=254, required=False)
    password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        name = attrs.get("email") or attrs.get("username") or attrs.get("phone")
        if not name:
            raise serializers.ValidationError({"email": [_("Give an email, a username or a phone number.")]})
        return {"name": name, "password": attrs["password"]}


class TokenPairDetail(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class TokenRefreshRequest(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=2_000)


class TokenVerifyRequest(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=2_000)


class LogoutRequest(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=2_000)
    everywhere = serializers.BooleanField(required=False, default=False)


class SessionDetail(serializers.ModelSerializer[RefreshFamily]):
    """A login on some device."""

    last_used_at = serializers.DateTimeField(source="rotated_at")
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = RefreshFamily
        fields = ["id", "ip", "user_agent", "created_at", "last_used_at", "expires_at", "is_current"]
        read_only_fields = fields

    def get_is_current(self, family: RefreshFamily) -> bool:
        """Whether the asking token stems from this login."""
        return bool(family.pk == self.context["request"].auth)


class AddressDetail(serializers.ModelSerializer[Address]):
    class Meta:
        model = Address
        fields = [
            "id",
            "label",
            "recipient",
            "phone",
            "line1",
            "line2",
            "city",
            "region",
            "postal_code",
            "country",
            "latitude",
            "longitude",
            "instructions",
            "is_default",
            "created_at",
        ]
        read_only_fields = fields


class AddressRequest(serializers.Serializer[Any]):
    """The first address is the default; the mark moves by setting `is_default` on another."""

    label = serializers.CharField(max_length=64, required=False, allow_blank=True)  # type: ignore[assignment]
    recipient = serializers.CharField(max_length=200, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True)
    line1 = serializers.CharField(max_length=255)
    line2 = serializers.CharField(max_length=255, required=False, allow_blank=True)
    city = serializers.CharField(max_length=128, required=False, allow_blank=True)
    region = serializers.CharField(max_length=128, required=False, allow_blank=True)
    postal_code = serializers.CharField(max_length=16, required=False, allow_blank=True)
    country = serializers.CharField(min_length=2, max_length=2, required=False)
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, allow_null=True)
    instructions = serializers.CharField(max_length=500, required=False, allow_blank=True)
    is_default = serializers.BooleanField(required=False)
