"""Limits as callers meet them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from karvon.accounts.tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db

LOGIN, PRODUCTS = "/api/v1/auth/jwt/create/", "/api/v1/products/"
NOBODY = {"username": "nobody", "password": "wrong-horse-battery"}


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 11, 21, 12, 0, 15, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def test_over_the_limit_is_429_until_the_time_told(clock, settings):
    settings.KARVON_THROTTLES = {"login": "3/min"}
    client = make_client()

    answers = [client.post(LOGIN, NOBODY, format="json") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert answers[-1].json()["code"] == "throttled"
    assert answers[-1]["Retry-After"] == "45"
    clock.shift(timedelta(seconds=45))
    assert client.post(LOGIN, NOBODY, format="json").status_code == 401


@pytest.mark.parametrize("path", [PRODUCTS, "/api/v1/categories/"])
def test_reads_are_limited_on_the_fast_road_as_on_the_other(clock, settings, path):
    settings.KARVON_THROTTLES = {"read": "4/min"}
    client = make_client()

    answers = [client.get(path) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert answers[-1].json()["code"] == "throttled"
    assert answers[-1]["Retry-After"] == "45"


@pytest.mark.parametrize("path", [PRODUCTS, "/api/v1/categories/"])
def test_a_household_counts_as_one_and_people_each(clock, settings, path):
    settings.KARVON_THROTTLES = {"read": "2/min"}
    neighbours = [f"2001:db8::{number}" for number in range(1, 4)]

    assert [make_client().get(path, REMOTE_ADDR=each).status_code for each in neighbours] == [200, 200, 429]
    people = [make_client(make_user()) for _ in range(2)]
    assert [each.get(path, REMOTE_ADDR="2001:db8::1").status_code for each in people * 2] == [200] * 4


def test_a_caller_cannot_choose_its_address(clock, settings):
    settings.KARVON_THROTTLES = {"login": "2/min"}

    answers = [
        make_client().post(LOGIN, NOBODY, format="json", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
        for number in range(4)
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]


def test_without_redis_a_coupon_waits_and_a_list_is_shown(settings):
    settings.KARVON_THROTTLES = {"coupons": "2/min", "read": "2/min"}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    refused = make_client().post("/api/v1/cart/coupon/", {"code": "X"}, format="json")

    assert (refused.status_code, refused.json()["code"]) == (503, "dependency_down")
    assert int(refused["Retry-After"]) > 0
    assert [make_client().get(PRODUCTS).status_code for _ in range(4)] == [200] * 4
