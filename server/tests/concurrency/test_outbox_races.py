"""Relays and workers at the same events at once, each with its control."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from karvon.kernel import delivery
from karvon.kernel.events import publish
from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent
from karvon.kernel.tests.listening import Rang, leave_a_trace, listening, traces
from tests.concurrency.crowds import Meeting, run_crowd

pytestmark = pytest.mark.django_db(transaction=True)

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _somebody_listens():
    with listening(leave_a_trace):
        yield


@contextmanager
def meeting_before(start: str, meeting: Meeting):
    """This connection waits for the other before its first statement that begins so."""
    waited = []

    def pause(execute, sql, params, many, context):
        if sql.startswith(start) and not waited:
            waited.append(True)
            meeting.wait()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(pause):
        yield


def without_locks(monkeypatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_kwargs: self)


def publish_rings(how_many: int) -> None:
    with transaction.atomic():
        publish(*(Rang(times=number) for number in range(how_many)))


def test_relays_share_the_events_between_them():
    publish_rings(500)

    def relay_all() -> int:
        relayed = 0
        while (batch := delivery.relay_batch()) or OutboxEvent.objects.filter(relayed_at=None).exists():
            relayed += batch
        return relayed

    counts = run_crowd([relay_all] * 6)

    assert sum(counts) == 500
    assert EventDelivery.objects.count() == 500


def test_control_relays_that_do_not_lock_take_the_same_events(monkeypatch):
    publish_rings(10)
    without_locks(monkeypatch)
    meeting = Meeting(2)

    def relay() -> int:
        with meeting_before('INSERT INTO "kernel_eventdelivery"', meeting):
            return delivery.relay_batch()

    assert run_crowd([relay] * 2) == [10, 10]


def test_each_delivery_is_claimed_by_one_relay():
    publish_rings(300)
    while delivery.relay_batch():
        pass

    claims = run_crowd([partial(delivery.claim_due, now=LATER)] * 8)

    times = Counter(pk for claim in claims for pk, _queue in claim)
    assert set(times.values()) == {1}
    assert len(times) + len(delivery.claim_due(now=LATER)) == 300


def test_control_claims_that_do_not_lock_hand_over_twice(monkeypatch):
    publish_rings(5)
    delivery.relay_batch()
    without_locks(monkeypatch)
    meeting = Meeting(2)

    def claim() -> int:
        with meeting_before('UPDATE "kernel_eventdelivery"', meeting):
            return len(delivery.claim_due(now=LATER))

    assert run_crowd([claim] * 2) == [5, 5]


def test_one_delivery_in_twenty_workers_has_one_effect():
    publish_rings(3)
    delivery.relay_batch()
    pks = list(EventDelivery.objects.values_list("pk", flat=True))

    results = run_crowd([partial(delivery.deliver, pk) for pk in pks for _ in range(20)])

    assert (results.count(True), results.count(False)) == (3, 57)
    assert traces() == 3
    assert set(EventDelivery.objects.values_list("state", "attempts")) == {(DeliveryState.DONE, 1)}


def test_control_workers_that_do_not_lock_do_it_twice(monkeypatch):
    publish_rings(1)
    delivery.relay_batch()
    pk = EventDelivery.objects.get().pk
    without_locks(monkeypatch)
    meeting = Meeting(2)

    def work() -> bool:
        with meeting_before('INSERT INTO "kernel_storedanswer"', meeting):
            return delivery.deliver(pk)

    assert run_crowd([work] * 2) == [True, True]
    assert traces() == 2


def test_a_worker_that_lost_its_connection_takes_its_effect_back_and_the_next_does_it_once():
    publish_rings(1)
    delivery.relay_batch()
    pk = EventDelivery.objects.get().pk
    dies = [True]

    def killed_half_way(event, *, event_id):
        leave_a_trace(event, event_id=event_id)
        if dies.pop() if dies else False:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with listening(killed_half_way, name="test.killed"):
        EventDelivery.objects.filter(pk=pk).update(handler="test.killed")
        outcomes = run_crowd([partial(delivery.deliver, pk)])
        assert outcomes == [False]
        assert traces() == 0

        assert delivery.deliver(pk) is True
    assert traces() == 1
