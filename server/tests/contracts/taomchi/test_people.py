"""Logins by phone and the profile as the food ordering contract documents them."""

from __future__ import annotations

import pytest

from karvon.accounts.tests.factories import make_client, make_user
from tests.contracts.checks import (
    assert_method_refused,
    assert_refused,
    assert_shape,
    moment,
    number,
    text,
)

pytestmark = pytest.mark.django_db

PROFILE = {"id": number, "phone": text, "full_name": text, "created_at": moment}
PHONE = "+998901234567"


@pytest.mark.parametrize("slash", ["/", ""])
def test_where_no_sms_is_sent_codes_are_refused(slash):
    client = make_client()

    asked = client.post(f"/api/auth/request-code{slash}", {"phone": PHONE}, "json")
    tried = client.post(f"/api/auth/verify-code{slash}", {"phone": PHONE, "code": "1234"}, "json")

    assert_refused(asked, 503, "sms_unavailable")
    assert "Retry-After" in asked.headers
    assert_refused(tried, 400, "code_invalid")


@pytest.mark.parametrize("slash", ["/", ""])
def test_where_no_bot_is_known_telegram_is_refused(slash):
    answer = make_client().post(f"/api/auth/telegram{slash}", {"init_data": "user=1&hash=00"}, "json")

    assert_refused(answer, 503, "telegram_unavailable")


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        ("request-code", {}, "phone"),
        ("request-code", {"phone": "12"}, "phone"),
        ("request-code", {"phone": "not a number"}, "phone"),
        ("request-code", {"phone": ["x"]}, "phone"),
        ("verify-code", {"phone": PHONE}, "code"),
        ("verify-code", {"phone": PHONE, "code": "12"}, "code"),
        ("verify-code", {"phone": PHONE, "code": "１２３４"}, "code"),
        ("verify-code", {"phone": "12", "code": "1234"}, "phone"),
        ("telegram", {}, "init_data"),
        ("telegram", {"init_data": "x" * 9_000}, "init_data"),
    ],
)
def test_what_logins_refuse(address, body, field):
    assert_refused(make_client().post(f"/api/auth/{address}/", body, "json"), 400, field=field)


def test_logins_are_only_posted():
    for address in ("request-code", "verify-code", "telegram"):
        assert_method_refused(make_client(), f"/api/auth/{address}/", "get", "put", "patch", "delete")


@pytest.mark.parametrize("slash", ["/", ""])
def test_the_own_profile(slash):
    user = make_user(phone=PHONE, first_name="Aziza")
    client = make_client(user)

    shown = client.get(f"/api/auth/me{slash}")
    changed = client.patch(
        f"/api/auth/me{slash}", {"full_name": " Aziza  Karim qizi Karimova ", "language": "uz"}, "json"
    )

    assert_shape(shown.json(), PROFILE)
    assert (shown.json()["id"], shown.json()["phone"], shown.json()["full_name"]) == (user.pk, PHONE, "Aziza")
    assert changed.status_code == 200
    assert changed.json() == shown.json() | {"full_name": "Aziza Karim qizi Karimova", "language": "uz"}
    user.refresh_from_db()
    assert (user.first_name, user.last_name, user.language) == ("Aziza", "Karim qizi Karimova", "uz")


def test_what_profiles_refuse():
    user = make_user(first_name="Aziza")
    client = make_client(user)

    assert_refused(make_client().get("/api/auth/me/"), 401)
    assert_refused(make_client().patch("/api/auth/me/", {"full_name": "X"}, "json"), 401)
    for body, field in (
        ({"full_name": "x" * 151}, "full_name"),
        ({"full_name": "A\x00"}, "full_name"),
        ({"full_name": ["A"]}, "full_name"),
        ({"language": "fr"}, "language"),
    ):
        assert_refused(client.patch("/api/auth/me/", body, "json"), 400, field=field)
    ignored = client.patch(
        "/api/auth/me/", {"phone": PHONE, "role": "admin", "id": 1, "is_staff": True}, "json"
    )

    assert (ignored.json()["id"], ignored.json()["phone"], ignored.json()["full_name"]) == (
        user.pk,
        "",
        "Aziza",
    )
    user.refresh_from_db()
    assert (user.role, user.phone) == ("customer", None)
    assert_method_refused(client, "/api/auth/me/", "post", "put", "delete")
