from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from karvon.kernel import throttling
from karvon.kernel.errors import RateLimited
from karvon.kernel.throttling import parse_rate, take_permit

START = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def is_admitted(scope: str, caller: str = "user:1") -> bool:
    try:
        take_permit(scope, caller)
    except RateLimited:
        return False
    return True


def admitted(scope: str, tries: int, caller: str = "user:1") -> int:
    return sum(is_admitted(scope, caller) for _ in range(tries))


class Processes:
    """Web processes: each has leases of its own, all count in one Redis."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, how_many: int) -> None:
        self._monkeypatch = monkeypatch
        self._leases = [OrderedDict() for _ in range(how_many)]

    def admitted(self, number: int, scope: str) -> bool:
        self._monkeypatch.setattr(throttling, "_leases", self._leases[number])
        return is_admitted(scope)


@pytest.mark.parametrize(
    ("rate", "parsed"),
    [
        ("10/s", (10, 1)),
        ("20/min", (20, 60)),
        ("100/h", (100, 3600)),
        ("5/day", (5, 86400)),
        (None, None),
        ("", None),
    ],
)
def test_rates(rate, parsed):
    assert parse_rate(rate) == parsed


@pytest.mark.parametrize("limit", [1, 5, 30])
@pytest.mark.parametrize("scope", ["write", "login", "registration", "coupons", "refresh"])
def test_exactly_the_limit_is_admitted(clock, settings, scope, limit):
    settings.KARVON_THROTTLES = {scope: f"{limit}/min"}

    assert admitted(scope, limit + 5) == limit


@pytest.mark.parametrize("limit", [1, 7, 20, 25, 99, 105, 333])
def test_reads_are_counted_by_lease_and_still_exactly(clock, settings, limit):
    settings.KARVON_THROTTLES = {"read": f"{limit}/min"}

    assert admitted("read", limit + 50) == limit


def test_a_hot_reader_costs_few_round_trips(clock, settings, monkeypatch):
    settings.KARVON_THROTTLES = {"read": "1000/min"}
    client, trips = throttling.get_redis(), []
    monkeypatch.setattr(throttling, "get_redis", lambda: trips.append(1) or client)

    assert admitted("read", 400) == 400
    assert len(trips) == 400 // throttling.LEASE


@hypothesis_settings(max_examples=30, deadline=None)
@given(limit=st.integers(1, 150), turns=st.lists(st.integers(0, 3), max_size=300))
def test_processes_together_never_admit_more_than_the_limit(limit, turns):
    from django.test import override_settings

    throttling.get_redis().flushdb()
    with (
        time_machine.travel(START, tick=False),
        override_settings(KARVON_THROTTLES={"read": f"{limit}/min"}),
        pytest.MonkeyPatch.context() as monkeypatch,
    ):
        processes = Processes(monkeypatch, 4)
        through = sum(processes.admitted(number, "read") for number in turns)

    assert through <= limit
    # what the others hold on lease may be left over, no more
    assert through >= min(len(turns), limit - 3 * throttling.LEASE)


def test_callers_and_scopes_do_not_share_a_limit(clock, settings):
    settings.KARVON_THROTTLES = {"write": "2/min", "login": "3/min"}

    assert admitted("write", 5, "user:1") == 2
    assert admitted("write", 5, "192.0.2.1") == 2
    assert admitted("login", 5, "user:1") == 3
    assert admitted("read", 500, "user:1") == 500  # no rate, no limit


@pytest.mark.parametrize(("rate", "wait"), [("3/min", 30), ("3/h", 3570), ("3/day", 43170), ("3/s", 1)])
@pytest.mark.parametrize("scope", ["write", "read"])
def test_who_waits_as_long_as_told_is_admitted_and_not_a_second_earlier(clock, settings, scope, rate, wait):
    settings.KARVON_THROTTLES = {scope: rate}
    admitted(scope, 3)

    with pytest.raises(RateLimited) as refusal:
        take_permit(scope, "user:1")
    assert refusal.value.retry_after == wait

    clock.shift(timedelta(seconds=wait) - timedelta(milliseconds=1))
    assert not is_admitted(scope)
    clock.shift(timedelta(milliseconds=1))
    assert admitted(scope, 10) == 3


def test_a_lease_of_the_last_window_is_worth_nothing_in_the_next(clock, settings):
    settings.KARVON_THROTTLES = {"read": "100/min"}
    assert is_admitted("read")  # nine are left on lease

    clock.shift(timedelta(minutes=1))

    assert admitted("read", 200) == 100


def test_counts_leave_redis_by_themselves(clock, settings):
    settings.KARVON_THROTTLES = {"write": "3/min"}
    admitted("write", 2)

    (key,) = throttling.get_redis().keys("throttle:*")
    assert 0 < throttling.get_redis().ttl(key) <= 60


def test_leases_of_many_callers_are_bounded(clock, settings, monkeypatch):
    settings.KARVON_THROTTLES = {"read": "1000/min"}
    monkeypatch.setattr(throttling, "MOST_LEASES", 10)

    for number in range(50):
        is_admitted("read", f"user:{number}")

    assert len(throttling._leases) == 10
