"""Counting while Redis does not answer."""

from __future__ import annotations

import pytest

from karvon.kernel import throttling
from karvon.kernel.errors import DependencyDown, RateLimited
from karvon.kernel.redis import get_redis
from karvon.kernel.throttling import take_permit


@pytest.fixture(autouse=True)
def _rates(settings) -> None:
    settings.KARVON_THROTTLES = dict.fromkeys(settings.KARVON_THROTTLES, "3/day")


@pytest.fixture
def lost_redis(settings) -> str:
    there = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    return there


@pytest.mark.parametrize("scope", ["login", "refresh", "write"])
def test_without_redis_each_process_counts_by_itself(lost_redis, scope):
    for _ in range(3):
        take_permit(scope, "192.0.2.1")

    with pytest.raises(RateLimited):
        take_permit(scope, "192.0.2.1")
    take_permit(scope, "192.0.2.2")


@pytest.mark.parametrize("scope", ["registration", "coupons"])
def test_what_nobody_else_bounds_waits_for_redis(lost_redis, scope):
    with pytest.raises(DependencyDown):
        take_permit(scope, "192.0.2.1")


def test_reading_goes_on_and_does_not_ask_again_at_once(lost_redis, settings):
    for _ in range(50):
        take_permit("read", "192.0.2.1")

    settings.REDIS_URL = lost_redis
    take_permit("read", "192.0.2.1")
    assert get_redis().keys("throttle:*") == []


def test_redis_counts_again_when_it_is_back(lost_redis, settings, monkeypatch):
    for _ in range(5):
        take_permit("read", "192.0.2.1")
    for _ in range(3):
        take_permit("login", "192.0.2.1")

    settings.REDIS_URL = lost_redis
    monkeypatch.setattr(throttling, "_rest_until", 0.0)

    for scope in ("login", "read"):
        for _ in range(3):
            take_permit(scope, "192.0.2.1")
        with pytest.raises(RateLimited):
            take_permit(scope, "192.0.2.1")
