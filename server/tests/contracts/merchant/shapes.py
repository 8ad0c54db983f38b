"""Presence and types of documented fields."""

from __future__ import annotations

import re
from typing import Any

MONEY = re.compile(r"-?\d+\.\d{2}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
USER = {
    "id": int,
    "email": str,
    "username": str,
    "phone": (str, type(None)),
    "user_type": str,
    "is_verified": bool,
}
MERCHANT = {
    "user": int,
    "name": str,
    "username": str,
    "logo": (str, type(None)),
    "kyc_status": str,
    "payment_preference": str,
    "whatsapp_link": str,
    "instagram_link": str,
    "facebook_link": str,
}


def assert_shape(document: Any, fields: dict[str, Any]) -> None:
    """`fields`: name → type, types, or a pattern that the whole text has."""
    for name, kind in fields.items():
        assert name in document, name
        value = document[name]
        if isinstance(kind, re.Pattern):
            assert isinstance(value, str), name
            assert kind.fullmatch(value), (name, value)
        else:
            assert isinstance(value, kind), (name, value)
            assert not (kind is int and isinstance(value, bool)), name


def assert_error(answer: Any, status: int, code: str | None = None, field: str | None = None) -> None:
    """The one error shape."""
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert_shape(body, {"error": str, "code": str, "details": dict})
    assert body["error"]
    assert code in (None, body["code"])
    named = {name.partition(".")[0] for name in body["details"]}
    assert field is None or field in named, body
