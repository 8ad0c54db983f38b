"""POST /auth/jwt/refresh/, /logout/ and the list of sessions."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as django_settings

from karvon.accounts.errors import TokenReused
from karvon.accounts.models import RefreshFamily, User
from karvon.accounts.services import issue_tokens, purge_expired_logins, revoke_all_tokens
from karvon.accounts.services.sessions import _rotate
from karvon.accounts.tests.factories import make_client, make_user
from karvon.accounts.tokens import read_token
from karvon.kernel.clock import now

pytestmark = pytest.mark.django_db

REFRESH = "/api/v1/auth/jwt/refresh/"
LOGOUT = "/api/v1/auth/jwt/logout/"
SESSIONS = "/api/v1/auth/sessions/"
ME = "/api/v1/auth/users/me/"


def refresh(token):
    return make_client().post(REFRESH, {"refresh": token}, format="json")


def log_out(token, **body):
    return make_client().post(LOGOUT, {"refresh": token} | body, format="json")


def opens(access):
    return make_client().get(ME, HTTP_AUTHORIZATION=f"Bearer {access}").status_code == 200


def test_a_refresh_token_turns_over():
    first = issue_tokens(user=make_user())

    answer = refresh(first.refresh)

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    second = answer.json()
    assert second["refresh"] != first.refresh
    assert opens(second["access"])
    assert refresh(second["refresh"]).status_code == 200


def test_a_replayed_refresh_token_ends_its_login():
    first = issue_tokens(user=make_user())
    second = refresh(first.refresh).json()

    replay = refresh(first.refresh)

    assert replay.status_code == 401
    assert replay.json()["code"] == "token_reused"
    assert refresh(second["refresh"]).status_code == 401
    assert not opens(second["access"])
    assert RefreshFamily.objects.get().revoked_reason == "reused"


def test_a_replay_leaves_other_devices_alone():
    user = make_user()
    phone, laptop = issue_tokens(user=user), issue_tokens(user=user)
    refresh(phone.refresh)

    refresh(phone.refresh)

    assert opens(laptop.access)
    assert refresh(laptop.refresh).status_code == 200


def test_a_refresh_that_had_begun_before_the_winner_ends_nothing():
    first = issue_tokens(user=make_user())
    claims = read_token(first.refresh)
    begun_at = now()
    second = refresh(first.refresh).json()

    with pytest.raises(TokenReused):
        _rotate(claims=claims, begun_at=begun_at, now=None)

    assert opens(second["access"])


@pytest.mark.parametrize("token", ["", "x", None, 7, "a.b.c"])
def test_nonsense_refreshes_nothing(token):
    assert refresh(token).status_code in {400, 401}


def test_an_access_token_refreshes_nothing():
    answer = refresh(issue_tokens(user=make_user()).access)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_refresh_token_runs_out_and_use_prolongs_it():
    user = make_user()
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as clock:
        pair = issue_tokens(user=user)
        clock.shift(django_settings.REFRESH_TOKEN_LIFETIME - timedelta(minutes=1))
        second = refresh(pair.refresh).json()
        clock.shift(timedelta(minutes=2))
        third = refresh(second["refresh"])
        assert third.status_code == 200
        clock.shift(django_settings.REFRESH_TOKEN_LIFETIME + timedelta(minutes=1))
        assert refresh(third.json()["refresh"]).status_code == 401


@pytest.mark.parametrize("change", [{"is_active": False}, {"token_version": 5}])
def test_a_closed_account_or_older_version_refreshes_nothing(change):
    pair = issue_tokens(user=make_user())
    User.objects.update(**change)

    assert refresh(pair.refresh).status_code == 401


def test_an_expired_access_token_in_the_header_does_not_hinder():
    client = make_client()
    client.credentials(HTTP_AUTHORIZATION="Bearer expired")
    pair = issue_tokens(user=make_user())

    assert client.post(REFRESH, {"refresh": pair.refresh}, format="json").status_code == 200


def test_logging_out_ends_this_device_only_and_at_once():
    user = make_user()
    phone, laptop = issue_tokens(user=user), issue_tokens(user=user)

    answer = log_out(phone.refresh)

    assert answer.status_code == 204
    assert not opens(phone.access)
    assert refresh(phone.refresh).status_code == 401
    assert opens(laptop.access)
    assert log_out(phone.refresh).status_code == 204


def test_logging_out_everywhere_ends_all():
    user = make_user()
    phone, laptop = issue_tokens(user=user), issue_tokens(user=user)

    assert log_out(phone.refresh, everywhere=True).status_code == 204

    assert not opens(laptop.access)
    assert refresh(laptop.refresh).status_code == 401


def test_a_used_refresh_token_cannot_log_out_everywhere():
    user = make_user()
    phone, laptop = issue_tokens(user=user), issue_tokens(user=user)
    refresh(phone.refresh)

    assert log_out(phone.refresh, everywhere=True).status_code == 204

    assert opens(laptop.access)
    assert (
        not RefreshFamily.objects.filter(revoked_at=None)
        .exclude(pk=read_token(laptop.access).family)
        .exists()
    )


def test_logging_out_needs_a_refresh_token():
    pair = issue_tokens(user=make_user())

    assert log_out("x").status_code == 401
    assert log_out(pair.access).status_code == 401
    assert make_client().post(LOGOUT, {}, format="json").status_code == 400
    assert opens(pair.access)


def test_sessions_are_listed_and_ended():
    user = make_user()
    here, there = issue_tokens(user=user, ip="203.0.113.7", user_agent="Phone"), issue_tokens(user=user)
    issue_tokens(user=make_user())
    client = make_client()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {here.access}")

    listed = client.get(SESSIONS).json()

    assert listed["count"] == 2
    by_id = {session["id"]: session for session in listed["results"]}
    mine = by_id[str(read_token(here.access).family)]
    assert (mine["ip"], mine["user_agent"], mine["is_current"]) == ("203.0.113.7", "Phone", True)
    other = by_id[str(read_token(there.access).family)]
    assert other["is_current"] is False
    assert client.delete(f"{SESSIONS}{other['id']}/").status_code == 204
    assert not opens(there.access)
    assert client.delete(f"{SESSIONS}{other['id']}/").status_code == 404
    assert client.get(SESSIONS).json()["count"] == 1


def test_a_strangers_session_is_not_there():
    pair = issue_tokens(user=make_user())
    url = f"{SESSIONS}{read_token(pair.access).family}/"

    assert make_client(make_user()).delete(url).status_code == 404
    assert make_client().delete(url).status_code == 401
    assert make_client().get(SESSIONS).status_code == 401
    assert opens(pair.access)


def test_the_list_of_sessions_costs_three_queries(django_assert_num_queries):
    user = make_user()
    client = make_client(user)
    for _device in range(5):
        issue_tokens(user=user)

    with django_assert_num_queries(3):
        client.get(SESSIONS)


def test_revoking_all_tells_the_person_object_its_new_version():
    user = make_user()
    old = issue_tokens(user=user)

    revoke_all_tokens(user=user)

    assert user.token_version == 1
    assert not opens(old.access)
    assert opens(issue_tokens(user=user).access)


def test_expired_logins_are_purged():
    user = make_user()
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC)):
        issue_tokens(user=user)
    kept = issue_tokens(user=user)

    assert purge_expired_logins() == (1, 0)
    assert RefreshFamily.objects.get().pk == read_token(kept.access).family
