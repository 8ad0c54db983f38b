"""Which tokens open, and which do not."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils.crypto import salted_hmac

from karvon.accounts.models import RefreshFamily, User
from karvon.accounts.services import issue_tokens, revoke_all_tokens
from karvon.accounts.tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/users/me/"
VERIFY = "/api/v1/auth/jwt/verify/"


def signing_key():
    return salted_hmac(
        "karvon.accounts.tokens", "jwt", secret=django_settings.SECRET_KEY, algorithm="sha256"
    ).hexdigest()


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def signed(claims, key=None, algorithm="HS256"):
    return jwt.encode(claims, key or signing_key(), algorithm=algorithm)


def unsigned(claims):
    def part(value):
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def ask(token, keyword="Bearer", url=ME):
    return make_client().get(url, HTTP_AUTHORIZATION=f"{keyword} {token}")


@pytest.fixture
def access():
    return issue_tokens(user=make_user()).access


def test_a_token_names_person_version_role_and_login(access):
    claims = claims_of(access)

    user = User.objects.get()
    assert claims["user_id"] == user.pk
    assert claims["tv"] == 0
    assert claims["role"] == "customer"
    assert claims["family"] == str(RefreshFamily.objects.get().pk)
    assert claims["exp"] > claims["iat"]


def test_the_tests_own_signature_is_accepted(access):
    # given that, every refusal below is for the reason it names
    assert ask(signed(claims_of(access))).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"user_id": "1"},
        {"user_id": True},
        {"user_id": 1.0},
        {"user_id": [1]},
        {"user_id": {"gt": 0}},
        {"user_id": None},
        {"user_id": -1},
        {"user_id": 2**80},
        {"tv": "0"},
        {"tv": False},
        {"tv": None},
        {"family": 7},
        {"family": "nobody's"},
        {"family": None},
        {"jti": 7},
        {"token_type": "refresh"},
        {"token_type": ["access"]},
        {"token_type": None},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": None},
    ],
)
def test_tampered_claims_are_refused_even_with_our_signature(access, changes):
    claims = claims_of(access) | changes
    token = signed({name: value for name, value in claims.items() if value is not None})

    answer = ask(token)

    assert answer.status_code == 401
    assert answer.json()["code"] == "token_invalid"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_other_keys_and_algorithms_are_refused(access):
    claims = claims_of(access)

    forged = [
        unsigned(claims),
        signed(claims, key="k" * 64),
        signed(claims, key=django_settings.SECRET_KEY + "x" * 32),
        signed(claims, algorithm="HS512"),
        access[:-2] + ("aa" if access[-2:] != "aa" else "bb"),
        access + ".",
        "a.b.c",
        "x" * 5_000,
    ]

    assert {ask(token).status_code for token in forged} == {401}


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Basic abc", "Token x", "Bearer \xff"])
def test_a_header_that_is_none_of_ours_is_refused_on_public_pages_too(header):
    for url in (ME, "/api/v1/merchants/"):
        answer = make_client().get(url, HTTP_AUTHORIZATION=header)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_without_a_header_a_private_page_asks_for_one():
    answer = make_client().get(ME)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert set(answer.json()) == {"error", "code", "details"}


def test_a_refresh_token_opens_nothing():
    refresh = issue_tokens(user=make_user()).refresh

    assert ask(refresh).status_code == 401


def test_an_access_token_runs_out():
    user = make_user()
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as clock:
        access = issue_tokens(user=user).access
        assert ask(access).status_code == 200
        clock.shift(django_settings.ACCESS_TOKEN_LIFETIME + timedelta(seconds=1))
        assert ask(access).status_code == 401


@pytest.mark.parametrize("field", ["is_active", "token_version"])
def test_a_token_dies_with_its_persons_account_or_version(access, field):
    User.objects.update(**{field: {"is_active": False, "token_version": 1}[field]})

    assert ask(access).status_code == 401


def test_a_token_of_another_persons_login_is_refused(access):
    other = make_user()
    claims = claims_of(access) | {"user_id": other.pk}

    assert ask(signed(claims)).status_code == 401


def test_a_token_of_a_login_that_never_was_is_refused(access):
    assert ask(signed(claims_of(access) | {"family": str(uuid4())})).status_code == 401


def test_who_calls_is_one_query(access, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert ask(access).status_code == 200


def test_verify_takes_both_tokens_and_no_other():
    user = make_user()
    pair = issue_tokens(user=user)

    def verify(token):
        return make_client().post(VERIFY, {"token": token}, format="json")

    assert (verify(pair.access).status_code, verify(pair.access).json()) == (200, {})
    assert verify(pair.refresh).status_code == 200
    assert verify("nonsense").status_code == 401
    assert make_client().post(VERIFY, {}, format="json").status_code == 400
    revoke_all_tokens(user=user)
    assert verify(pair.access).status_code == 401
    assert verify(pair.refresh).status_code == 401
