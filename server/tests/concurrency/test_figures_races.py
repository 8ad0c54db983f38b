"""Figures and memberships while orders are placed, paid and called off: what is counted last is what the order book says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from threading import Event, Thread, current_thread
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models import Sum

from karvon.accounts.models import Membership, User
from karvon.accounts.services import record_memberships
from karvon.accounts.tests.factories import make_user
from karvon.analytics.models import SalesDay
from karvon.analytics.services import count_order
from karvon.analytics.tests.factories import drift
from karvon.catalog.models import Variant
from karvon.inventory.tests.factories import make_variant
from karvon.orders.services import cancel_order, confirm_payment, memberships, recompute_memberships
from karvon.orders.tests.factories import make_order
from tests.concurrency.crowds import run_crowd, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS = 12


@pytest.fixture(autouse=True)
def thresholds(settings: LazySettings) -> None:
    settings.KARVON_MEMBERSHIP_FROM = {"gold": Decimal(50_000), "silver": Decimal(20_000)}


def buy(customer: User, variant: Variant, units: int, *, is_kept: bool = True) -> None:
    """Order and pay, and call it off if it is not kept; each step's news is counted, as the events have it."""
    order = make_order((variant, units), customer=customer)
    count_order(order_id=order.pk)
    confirm_payment(order_id=order.pk)
    count_order(order_id=order.pk)
    if not is_kept:
        cancel_order(order_id=order.pk, actor=None)
        count_order(order_id=order.pk)


def membership_of(person: User) -> str:
    return str(User.objects.values_list("membership", flat=True).get(pk=person.pk))


def test_figures_and_memberships_follow_a_crowd() -> None:
    """Of twelve every third calls it off; the others keep what makes them silver. Counts of one merchant's day meet all the
    time, and memberships are computed in the midst of it.
    """
    variant, people = make_variant(units=500), [make_user() for _ in range(CUSTOMERS)]
    buyers = [
        partial(buy, person, variant, 2, is_kept=number % 3 > 0) for number, person in enumerate(people)
    ]
    counters: list[Callable[[], Any]] = [recompute_memberships] * 4

    outcomes = run_crowd([*buyers, *counters])

    assert [each for each in outcomes if isinstance(each, Exception)] == []
    sold = SalesDay.objects.filter(merchant=variant.merchant).aggregate(Sum("orders"), Sum("units"))
    assert sold == {"orders__sum": CUSTOMERS, "units__sum": 2 * CUSTOMERS * 2 // 3}
    assert drift() == []
    recompute_memberships()
    expected = ["bronze" if number % 3 == 0 else "silver" for number in range(CUSTOMERS)]
    assert [membership_of(person) for person in people] == expected
    assert recompute_memberships() == 0


class Overtaken:
    """A count of memberships that stops when it has read what was paid, until it is let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.has_read, self.may_write = Event(), Event()
        self._thread = Thread(target=self._run)
        self._sum = memberships.sum_kept
        monkeypatch.setattr(memberships, "sum_kept", self._sum_and_stop)

    def _run(self) -> None:
        try:
            recompute_memberships()
        finally:
            connection.close()

    def _sum_and_stop(self, people: Sequence[int], **how: Any) -> Mapping[int, Decimal]:
        found = self._sum(people, **how)
        if current_thread() is self._thread:
            self.has_read.set()
            assert self.may_write.wait(30)
        return found

    def start(self) -> None:
        self._thread.start()
        assert self.has_read.wait(30)

    def finish(self) -> None:
        self.may_write.set()
        self._thread.join(30)


def test_a_count_of_earlier_days_does_not_undo_a_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    buyer, variant = make_user(), make_variant(units=50)
    buy(buyer, variant, 2)
    early = Overtaken(monkeypatch)
    early.start()
    buy(buyer, variant, 3)
    late = Thread(target=early._run)

    late.start()
    wait_until_blocked()
    early.finish()
    late.join(30)

    assert membership_of(buyer) == Membership.GOLD


def test_the_control_that_reads_before_its_lock_undoes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    buyer, variant = make_user(), make_variant(units=50)
    buy(buyer, variant, 2)

    def read_first(*, people: Sequence[int], earned: Callable[..., Mapping[int, Membership]]) -> int:
        known = earned(people)
        return record_memberships(
            people=people, earned=lambda locked: {person: known[person] for person in locked}
        )

    monkeypatch.setattr(memberships, "record_memberships", read_first)
    early = Overtaken(monkeypatch)
    early.start()
    buy(buyer, variant, 3)

    recompute_memberships()
    assert membership_of(buyer) == Membership.GOLD
    early.finish()

    assert membership_of(buyer) == Membership.SILVER
