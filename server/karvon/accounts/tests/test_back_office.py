"""Logging in to the admin site, making operators, purging."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory

from karvon.accounts.errors import InvalidCredentials
from karvon.accounts.models import LoginFailures, Role
from karvon.accounts.services import authenticate_by_password, purge_expired_logins, revoke_all_tokens
from karvon.accounts.tasks import purge_expired_logins_task
from karvon.accounts.tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_the_admin_site_counts_failures_like_the_api(settings):
    settings.LOGIN_FAILURES_PER_ACCOUNT = 2
    user = make_user(role=Role.ADMIN)
    request = RequestFactory().post("/admin/login/")

    assert authenticate(request, username=user.email, password=PASSWORD) == user
    for _attempt in range(2):
        assert authenticate(request, username=user.email, password="wrong") is None
    assert authenticate(request, username=user.email, password=PASSWORD) is None


def test_revoking_tokens_ends_sessions_of_the_admin_site():
    user = make_user(role=Role.MERCHANT_STAFF)
    browser = Client()
    browser.force_login(user, backend="karvon.accounts.backends.PasswordBackend")
    request = RequestFactory().get("/")
    request.session = browser.session
    from django.contrib.auth import get_user

    assert get_user(request) == user

    revoke_all_tokens(user=user)

    assert not get_user(request).is_authenticated


@pytest.mark.parametrize(("role", "expected"), [("admin", Role.ADMIN), ("staff", Role.STAFF)])
def test_an_account_becomes_an_operator(role, expected):
    user = make_user()

    call_command("make_operator", user.email, "--role", role, stdout=StringIO())

    user.refresh_from_db()
    assert user.role == expected
    assert user.is_operator


def test_nobody_becomes_no_operator():
    with pytest.raises(CommandError):
        call_command("make_operator", "nobody@example.com")


def test_old_failures_are_purged():
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as clock:
        with pytest.raises(InvalidCredentials):
            authenticate_by_password(name="x", password="y", ip="203.0.113.1")
        clock.shift(timedelta(hours=24))
        assert purge_expired_logins() == (0, 0)
        clock.shift(timedelta(hours=2))
        purge_expired_logins_task()

    assert not LoginFailures.objects.exists()
