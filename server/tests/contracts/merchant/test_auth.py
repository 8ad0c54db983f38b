"""`/api/auth/` of the merchant platform contract."""

from __future__ import annotations

import pytest

from karvon.accounts.models import User
from karvon.accounts.services import issue_tokens, make_reset_link
from karvon.accounts.tests.factories import PASSWORD, make_client, make_user
from karvon.kernel.models import OutboxEvent
from karvon.merchants.models import Branch, Merchant
from karvon.merchants.tests.factories import make_merchant
from tests.contracts.merchant.shapes import MERCHANT, USER, assert_error, assert_shape

pytestmark = pytest.mark.django_db

BODY = {
    "email": "aziza@example.com",
    "username": "aziza-silk",
    "password": "right-horse-battery",
    "name": "Aziza Silk",
    "phone": "+998901234567",
}
NEW = "left-mule-capacitor-7"
both_spellings = pytest.mark.parametrize("slash", ["", "/"])


def post(path: str, body, **headers):
    return make_client().post(f"/api/auth/{path}", body, format="json", **headers)


@both_spellings
def test_registering_opens_an_account_and_a_shop(slash):
    answer = post(f"register{slash}", BODY, HTTP_ACCEPT_LANGUAGE="ru")

    body = answer.json()
    assert answer.status_code == 201, body
    assert answer["Cache-Control"] == "no-store"
    assert_shape(body, {"user": dict, "merchant": dict, "token": str, "refresh": str})
    assert_shape(body["user"], USER)
    assert_shape(body["merchant"], MERCHANT)
    assert body["user"]["user_type"] == "merchant"
    assert (body["merchant"]["name"], body["merchant"]["username"]) == ("Aziza Silk", "aziza-silk")
    merchant = Merchant.objects.get()
    assert merchant.owner_id == body["user"]["id"] == body["merchant"]["user"]
    assert merchant.default_language == "ru"
    assert Branch.objects.get().is_default
    for keyword in ("Bearer", "JWT"):
        me = make_client().get("/api/v1/auth/users/me", HTTP_AUTHORIZATION=f"{keyword} {body['token']}")
        assert me.json()["username"] == "aziza-silk"


def test_the_phone_may_be_left_out_and_a_dot_becomes_a_dash():
    body = {**BODY, "username": "Aziza.Silk"}
    del body["phone"]

    answer = post("register", body)

    assert answer.status_code == 201, answer.json()
    assert answer.json()["user"]["phone"] is None
    assert answer.json()["merchant"]["username"] == "aziza-silk"


@pytest.mark.parametrize("taken", ["email", "username", "phone", "shop"])
def test_a_taken_name_leaves_neither_account_nor_shop(taken):
    if taken == "shop":
        make_merchant(username="aziza-silk")
    else:
        make_user(**{taken: BODY[taken].upper()})
    people, shops = User.objects.count(), Merchant.objects.count()

    answer = post("register", BODY)

    assert_error(answer, 400, "validation_failed", "username" if taken == "shop" else taken)
    assert (User.objects.count(), Merchant.objects.count()) == (people, shops)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", None),
        ("username", "азиза"),
        ("username", "..."),
        ("username", ["a"]),
        ("password", "short"),
        ("name", "  "),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("phone", "12"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_kept(field, value):
    answer = post("register", BODY | {field: value})

    assert_error(answer, 400, field=field)
    assert not User.objects.exists()
    assert not Merchant.objects.exists()


def test_nobody_registers_as_more_than_a_merchant():
    answer = post(
        "register",
        BODY | {"user_type": "admin", "role": "admin", "is_verified": True, "kyc_status": "approved"},
    )

    assert answer.json()["user"]["user_type"] == "merchant"
    assert answer.json()["user"]["is_verified"] is False
    assert answer.json()["merchant"]["kyc_status"] == "not_submitted"


@both_spellings
def test_logging_in(slash):
    user = make_user(email="aziza@example.com")

    answer = post(f"login{slash}", {"email": "Aziza@example.com", "password": PASSWORD})

    assert answer.status_code == 200, answer.json()
    assert answer["Cache-Control"] == "no-store"
    assert_shape(answer.json(), {"token": str, "refresh": str, "user": dict})
    assert_shape(answer.json()["user"], USER)
    assert answer.json()["user"]["id"] == user.pk


def test_a_wrong_password_and_an_unknown_name_are_told_alike():
    make_user(email="aziza@example.com")

    answers = [
        post("login", {"email": name, "password": "wrong"})
        for name in ("aziza@example.com", "no@example.com")
    ]

    for answer in answers:
        assert_error(answer, 401, "invalid_credentials")
    assert answers[0].json() == answers[1].json()
    assert_error(post("login", {"email": "aziza@example.com"}), 400, field="password")


@both_spellings
def test_refreshing_rotates(slash):
    refresh = issue_tokens(user=make_user()).refresh

    answer = post(f"token/refresh{slash}", {"refresh": refresh})

    assert answer.status_code == 200
    assert_shape(answer.json(), {"access": str, "refresh": str})
    assert answer.json()["refresh"] != refresh
    assert_error(post("token/refresh", {"refresh": refresh}), 401)
    assert_error(post("token/refresh", {}), 400, field="refresh")


@both_spellings
def test_asking_for_a_new_password_is_answered_alike_for_everybody(slash):
    make_user(email="aziza@example.com")

    answers = [
        post(f"password-reset{slash}", {"email": name}) for name in ("aziza@example.com", "no@example.com")
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert_shape(answers[0].json(), {"message": str})
    assert OutboxEvent.objects.filter(type="accounts.password_reset_requested").count() == 2
    assert_error(post("password-reset", {"email": "no address"}), 400, field="email")


@both_spellings
def test_a_link_sets_a_new_password_and_old_tokens_die(slash):
    user = make_user(email="aziza@example.com")
    old = issue_tokens(user=user)
    uid, token = make_reset_link(user).rpartition("#")[2].split("/")
    body = {"uid": uid, "token": token, "new_password": NEW}

    answer = post(f"password-reset/confirm{slash}", body)

    assert answer.status_code == 200, answer.json()
    assert_error(post("token/refresh", {"refresh": old.refresh}), 401)
    assert_error(post("login", {"email": "aziza@example.com", "password": PASSWORD}), 401)
    assert (
        post("login", {"email": "aziza@example.com", "password": NEW}).json()["user"]["is_verified"] is True
    )
    assert_error(post("password-reset/confirm", body), 400, "reset_link_invalid")


@pytest.mark.parametrize(
    "path", ["register", "login", "password-reset", "password-reset/confirm", "token/refresh"]
)
def test_these_are_posts_of_whole_bodies(path):
    client = make_client()

    assert_error(client.get(f"/api/auth/{path}"), 405)
    assert_error(client.put(f"/api/auth/{path}", {}, format="json"), 405)
    assert_error(post(path, {}), 400)
    assert_error(post(path, []), 400)
    # whoever is here may hold a token that is no longer good
    assert_error(post(path, {}, HTTP_AUTHORIZATION="Bearer stale"), 400)
