"""Types of documented fields, and the one shape of refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

Check = Callable[[Any], bool]
MONEY = re.compile(r"\d+\.\d{2}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def money(value: Any) -> bool:
    return isinstance(value, str) and bool(MONEY.fullmatch(value))


def moment(value: Any) -> bool:
    return isinstance(value, str) and bool(TIME.fullmatch(value))


def number(value: Any) -> bool:
    return type(value) is int


def rating(value: Any) -> bool:
    return type(value) in (int, float)


def flag(value: Any) -> bool:
    return type(value) is bool


def text(value: Any) -> bool:
    return isinstance(value, str)


def currency(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch("[A-Z]{3}", value))


def url(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def uuid(value: Any) -> bool:
    return bool(UUID(value))


def mapping(value: Any) -> bool:
    return isinstance(value, dict)


def listing(value: Any) -> bool:
    return isinstance(value, list)


def optional(check: Check) -> Check:
    return lambda value: value is None or check(value)


def assert_shape(shown: Mapping[str, Any], fields: Mapping[str, Check]) -> None:
    """Every documented field is there, with its type."""
    missing = fields.keys() - shown.keys()
    wrong = {name: shown[name] for name, check in fields.items() if name in shown and not check(shown[name])}
    assert not missing, missing
    assert not wrong, wrong


def assert_page(answer: Any) -> list[Any]:
    """The rows of a 200 in the shape of all lists."""
    body = answer.json()
    assert answer.status_code == 200, body
    assert body.keys() == {"count", "next", "previous", "results"}
    assert number(body["count"])
    results: list[Any] = body["results"]
    return results


def lasting(cart: Mapping[str, Any]) -> dict[str, Any]:
    """A cart without the one field that moves on by itself."""
    return {name: value for name, value in cart.items() if name != "expires_at"}


def assert_refused(answer: Any, status: int, code: str = "", field: str = "") -> None:
    """The one error shape; with this code and this field to blame, where they are told."""
    body = answer.json()
    assert answer.status_code == status, body
    assert body.keys() == {"error", "code", "details"}
    assert isinstance(body["error"], str)
    assert isinstance(body["details"], dict)
    assert not code or body["code"] == code, body
    assert not field or field in body["details"], body


def assert_method_refused(client: Any, address: str, *methods: str) -> None:
    """405 in the one error shape, whatever is sent."""
    for method in methods:
        assert_refused(getattr(client, method)(address, {}, "json"), 405, "method_not_allowed")
