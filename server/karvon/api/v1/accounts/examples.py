"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

USER = {
    "id": 42,
    "email": "aziza@example.com",
    "username": "aziza",
    "phone": "+998901234567",
    "first_name": "Aziza",
    "last_name": "Karimova",
    "role": "customer",
    "language": "uz",
    "birth_date": None,
    "membership": "bronze",
    "is_email_verified": False,
    "is_phone_verified": False,
    "created_at": "2026-01-01T14:30:00Z",
}
ADDRESS = {
    "id": 7,
    "label": "Home",
    "recipient": "Aziza Karimova",
    "phone": "+998901234567",
    "line1": "Amir Temur 12",
    "line2": "Flat 8",
    "city": "Tashkent",
    "region": "",
    "postal_code": "100000",
    "country": "UZ",
    "latitude": "41.311081",
    "longitude": "69.240562",
    "instructions": "",
    "is_default": True,
    "created_at": "2026-01-01T14:30:00Z",
}
PAIR = {"access": "eyJhbGciOi…", "refresh": "eyJhbGciOi…"}

REGISTER_REQUEST = OpenApiExample(
    "register",
    value={
        "email": "aziza@example.com",
        "username": "aziza",
        "password": "right-horse-battery",
        "first_name": "Aziza",
        "last_name": "Karimova",
    },
    request_only=True,
)
USER_ANSWER = OpenApiExample("user", value=USER, response_only=True)
PROFILE_REQUEST = OpenApiExample(
    "profile", value={"first_name": "Aziza", "language": "uz"}, request_only=True
)
PASSWORD_REQUEST = OpenApiExample(
    "password",
    value={"current_password": "right-horse-battery", "new_password": "left-mule-capacitor"},
    request_only=True,
)
RESET_REQUEST = OpenApiExample("address", value={"email": "aziza@example.com"}, request_only=True)
RESET_ANSWER = OpenApiExample("taken note of", value={}, response_only=True)
RESET_CONFIRM = OpenApiExample(
    "new password",
    value={
        "uid": "16",
        "token": "d5fx2a-0b7c1f6f2f8f3a6f4b6f7f5e9c1d2a3b",
        "new_password": "left-mule-capacitor",
    },
    request_only=True,
)
CLOSE_REQUEST = OpenApiExample("close", value={"current_password": "right-horse-battery"}, request_only=True)
LOGIN_REQUEST = OpenApiExample(
    "login", value={"email": "aziza@example.com", "password": "right-horse-battery"}, request_only=True
)
PAIR_ANSWER = OpenApiExample("tokens", value=PAIR, response_only=True)
REFRESH_REQUEST = OpenApiExample("refresh", value={"refresh": PAIR["refresh"]}, request_only=True)
VERIFY_REQUEST = OpenApiExample("verify", value={"token": PAIR["access"]}, request_only=True)
VERIFY_ANSWER = OpenApiExample("accepted", value={}, response_only=True)
LOGOUT_REQUEST = OpenApiExample(
    "logout", value={"refresh": PAIR["refresh"], "everywhere": False}, request_only=True
)
SESSION_ANSWER = OpenApiExample(
    "session",
    value={
        "id": "0b9a6f4e-3f0c-4a47-9a55-6e0b52b8a0d1",
        "ip": "203.0.113.7",
        "user_agent": "Mozilla/5.0",
        "created_at": "2026-01-01T14:30:00Z",
        "last_used_at": "2026-01-02T08:00:00Z",
        "expires_at": "2026-01-16T08:00:00Z",
        "is_current": True,
    },
    response_only=True,
)
ADDRESS_REQUEST = OpenApiExample(
    "address",
    value={"label": "Home", "line1": "Amir Temur 12", "city": "Tashkent", "is_default": True},
    request_only=True,
)
ADDRESS_ANSWER = OpenApiExample("address", value=ADDRESS, response_only=True)
