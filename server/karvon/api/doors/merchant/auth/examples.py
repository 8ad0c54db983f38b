"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

USER = {
    "id": 42,
    "email": "aziza@example.com",
    "username": "aziza-silk",
    "phone": "+998901234567",
    "user_type": "merchant",
    "is_verified": False,
}
MERCHANT = {
    "id": 3,
    "name": "Aziza Silk",
    "username": "aziza-silk",
    "logo": None,
    "whatsapp_link": "https://wa.me/998901234567",
    "instagram_link": "https://www.instagram.com/aziza.silk/",
    "facebook_link": "",
    "currency": "UZS",
    "user": 42,
    "kyc_status": "not_submitted",
    "payment_preference": "any",
    "is_active": True,
    "created_at": "2026-01-01T14:30:00Z",
}
TOKENS = {"token": "eyJhbGciOi…", "refresh": "eyJhbGciOi…"}

REGISTER = OpenApiExample(
    "open a shop",
    value={
        "email": "aziza@example.com",
        "username": "aziza-silk",
        "password": "right-horse-battery",
        "name": "Aziza Silk",
        "phone": "+998901234567",
    },
    request_only=True,
)
REGISTERED = OpenApiExample(
    "opened", value={"user": USER, "merchant": MERCHANT, **TOKENS}, response_only=True, status_codes=["201"]
)
LOGIN = OpenApiExample(
    "log in", value={"email": "aziza@example.com", "password": "right-horse-battery"}, request_only=True
)
LOGGED_IN = OpenApiExample("logged in", value={**TOKENS, "user": USER}, response_only=True)
RESET = OpenApiExample("address", value={"email": "aziza@example.com"}, request_only=True)
MESSAGE = OpenApiExample(
    "the one answer",
    value={"message": "If somebody has an account with this address, a link is on its way to them."},
    response_only=True,
)
CONFIRM = OpenApiExample(
    "new password",
    value={
        "uid": "16",
        "token": "d5fx2a-0b7c1f6f2f8f3a6f4b6f7f5e9c1d2a3b",
        "new_password": "left-mule-capacitor",
    },
    request_only=True,
)
CONFIRMED = OpenApiExample(
    "changed", value={"message": "Your password has been changed."}, response_only=True
)
REFRESH = OpenApiExample("refresh", value={"refresh": TOKENS["refresh"]}, request_only=True)
PAIR = OpenApiExample(
    "tokens", value={"access": TOKENS["token"], "refresh": TOKENS["refresh"]}, response_only=True
)
