"""POST /auth/jwt/create/ and the lockout."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import hashers

from karvon.accounts.models import LoginFailures, RefreshFamily
from karvon.accounts.tests.factories import PASSWORD, make_client, make_user

pytestmark = pytest.mark.django_db

URL = "/api/v1/auth/jwt/create/"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def log_in(client=None, password=PASSWORD, **name):
    return (client or make_client()).post(URL, name | {"password": password}, format="json")


@pytest.fixture(autouse=True)
def limits(settings):
    settings.LOGIN_FAILURES_PER_ACCOUNT = 5
    settings.LOGIN_FAILURES_PER_ADDRESS = 20


@pytest.mark.parametrize(
    "name",
    [
        {"email": "AZIZA@example.com"},
        {"username": "Aziza"},
        {"phone": "90 123-45-67"},
        {"email": "aziza"},
        {"username": "aziza@example.com"},
    ],
)
def test_any_of_a_persons_names_logs_in(name):
    user = make_user(email="aziza@example.com", username="aziza", phone="+998901234567")

    answer = log_in(**name)

    assert answer.status_code == 200, answer.json()
    assert set(answer.json()) == {"access", "refresh"}
    assert answer["Cache-Control"] == "no-store"
    assert RefreshFamily.objects.get().user == user


@pytest.mark.parametrize("keyword", ["Bearer", "JWT", "bearer"])
def test_the_access_token_opens_under_both_keywords(keyword):
    user = make_user()
    access = log_in(username=user.username).json()["access"]

    answer = make_client().get("/api/v1/auth/users/me/", HTTP_AUTHORIZATION=f"{keyword} {access}")

    assert answer.status_code == 200
    assert answer.json()["id"] == user.pk


def test_where_a_login_came_from_is_remembered():
    user = make_user()

    make_client().post(
        URL, {"username": user.username, "password": PASSWORD}, format="json", HTTP_USER_AGENT="Teapot/1"
    )

    login = RefreshFamily.objects.get()
    assert (login.ip, login.user_agent) == ("127.0.0.1", "Teapot/1")


@pytest.mark.parametrize("body", [{"password": "x"}, {"email": "a@b.uz"}, {"email": "", "password": "x"}, []])
def test_without_name_or_password_it_is_a_400(body):
    answer = make_client().post(URL, body, format="json")

    assert answer.status_code == 400
    assert not LoginFailures.objects.exists()


def test_unknown_closed_and_wrong_are_told_alike():
    make_user(username="known")
    make_user(username="closed", is_active=False)

    wrong = log_in(username="known", password="wrong")
    unknown = log_in(username="nobody", password="wrong")
    closed = log_in(username="closed")

    assert wrong.status_code == unknown.status_code == closed.status_code == 401
    assert wrong.json() == unknown.json() == closed.json()
    assert wrong.json()["code"] == "invalid_credentials"
    assert all("Bearer" in answer["WWW-Authenticate"] for answer in (wrong, unknown, closed))


def test_an_unknown_name_costs_as_many_hashes_as_a_wrong_password(monkeypatch):
    make_user(username="known")
    hasher = type(hashers.get_hasher())
    calls = []
    plain_encode = hasher.encode
    plain_verify = hasher.verify
    monkeypatch.setattr(hasher, "encode", lambda *a, **k: calls.append("hash") or plain_encode(*a, **k))

    def verify(self, password, encoded):
        before = len(calls)
        found = plain_verify(self, password, encoded)
        # some hashers verify by encoding
        del calls[before:]
        calls.append("hash")
        return found

    monkeypatch.setattr(hasher, "verify", verify)

    log_in(username="known", password="wrong")
    known, calls[:] = list(calls), []
    log_in(username="nobody", password="wrong")

    assert known == calls == ["hash"]


@pytest.mark.parametrize("exists", [True, False])
def test_after_five_failures_a_name_is_locked_known_or_not(exists):
    if exists:
        make_user(username="aziza")
    with time_machine.travel(NOON, tick=False):
        answers = [log_in(username="Aziza", password="wrong") for _attempt in range(7)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert answers[5].json()["code"] == "login_locked"
    assert answers[5]["Retry-After"] == "30"
    # what is locked is not counted on
    assert LoginFailures.objects.get(subject__startswith="account:").count == 5


def test_the_right_password_does_not_open_a_locked_name():
    user = make_user()
    with time_machine.travel(NOON, tick=False) as clock:
        for _attempt in range(5):
            log_in(username=user.username, password="wrong")
        locked = log_in(username=user.username)
        clock.shift(timedelta(seconds=31))
        opened = log_in(username=user.username)

    assert locked.status_code == 429
    assert opened.status_code == 200
    assert not LoginFailures.objects.filter(subject__startswith="account:").exists()


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour():
    waits = []
    with time_machine.travel(NOON, tick=False) as clock:
        for _attempt in range(5):
            log_in(username="x", password="wrong")
        for _round in range(7):
            wait = int(log_in(username="x", password="wrong")["Retry-After"])
            waits.append(wait)
            clock.shift(timedelta(seconds=wait))
            assert log_in(username="x", password="wrong").status_code == 401

    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_failures_are_forgotten_after_a_day():
    with time_machine.travel(NOON, tick=False) as clock:
        for _attempt in range(4):
            log_in(username="x", password="wrong")
        clock.shift(timedelta(days=1, seconds=1))
        log_in(username="x", password="wrong")

    assert LoginFailures.objects.get(subject__startswith="account:").count == 1


def test_an_address_is_locked_over_many_names():
    user = make_user()
    with time_machine.travel(NOON, tick=False):
        for number in range(20):
            assert log_in(username=f"name{number}", password="wrong").status_code == 401
        locked = log_in(username=user.username)
        elsewhere = make_client().post(
            URL, {"username": user.username, "password": PASSWORD}, format="json", REMOTE_ADDR="203.0.113.9"
        )

    assert locked.status_code == 429
    assert elsewhere.status_code == 200


def test_one_household_of_ipv6_is_one_address():
    for last in ("1", "2"):
        make_client().post(
            URL, {"username": "x", "password": "wrong"}, format="json", REMOTE_ADDR=f"2001:db8:1:2::{last}"
        )

    assert LoginFailures.objects.get(subject="ip:2001:db8:1:2::/64").count == 2


def test_an_own_login_washes_no_address_clean():
    user = make_user()
    for _attempt in range(3):
        log_in(username="victim", password="wrong")

    log_in(username=user.username)

    assert LoginFailures.objects.get(subject="ip:127.0.0.1").count == 3


def test_names_are_not_kept_in_the_clear():
    log_in(email="aziza@example.com", password="wrong")

    assert not LoginFailures.objects.filter(subject__contains="aziza").exists()


def test_an_expired_token_in_the_header_keeps_nobody_from_logging_in():
    user = make_user()
    client = make_client()
    client.credentials(HTTP_AUTHORIZATION="Bearer expired")

    assert log_in(client, username=user.username).status_code == 200
