"""Many guesses at one password at once."""

from collections import Counter
from datetime import timedelta
from threading import Barrier

import pytest

from karvon.accounts import lockout
from karvon.accounts.models import LoginFailures
from karvon.accounts.tests.factories import PASSWORD, make_client, make_user
from tests.concurrency.racing import PATIENCE, race

pytestmark = pytest.mark.django_db(transaction=True)

GUESSES = 50


@pytest.fixture(autouse=True)
def limits(settings):
    settings.LOGIN_FAILURES_PER_ACCOUNT = 5
    settings.LOGIN_FAILURES_PER_ADDRESS = 10_000


@pytest.fixture
def user():
    return make_user()


def guess(user, password="wrong"):
    body = {"username": user.username, "password": password}
    return make_client().post("/api/v1/auth/jwt/create/", body, format="json").status_code


def failures():
    return LoginFailures.objects.get(subject__startswith="account:").count


def test_fifty_failures_at_once_are_fifty(user, settings):
    settings.LOGIN_FAILURES_PER_ACCOUNT = 1_000

    statuses = race([lambda: guess(user)] * GUESSES)

    assert Counter(statuses) == {401: GUESSES}
    assert failures() == GUESSES
    assert LoginFailures.objects.get(subject="ip:127.0.0.1").count == GUESSES


def test_of_fifty_guesses_at_once_five_reach_the_password(user):
    statuses = race([lambda: guess(user)] * GUESSES)

    assert Counter(statuses) == {401: 5, 429: GUESSES - 5}
    assert failures() == 5
    assert guess(user, PASSWORD) == 429


def test_control_read_then_write_loses_failures_and_lets_guesses_through(user, monkeypatch):
    all_have_read = Barrier(GUESSES)

    def count_in_two_steps(subject, *, now):
        if not subject.key.startswith("account:"):
            return True
        row = LoginFailures.objects.filter(pk=subject.key).first()
        all_have_read.wait(PATIENCE)
        if row is not None and row.locked_until is not None and row.locked_until > now:
            return False
        count = (row.count if row else 0) + 1
        LoginFailures.objects.update_or_create(
            subject=subject.key,
            defaults={
                "count": count,
                "window_started_at": now,
                "locked_until": now + timedelta(seconds=30) if count >= subject.policy.limit else None,
            },
        )
        return True

    monkeypatch.setattr(lockout, "_count_one", count_in_two_steps)

    statuses = race([lambda: guess(user)] * GUESSES)

    assert Counter(statuses)[401] > 5
    assert failures() < GUESSES
