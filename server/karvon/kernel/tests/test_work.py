"""What is kept for the length of a transaction, and written at its end."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from karvon.kernel import work
from karvon.kernel.db import run_isolated, run_transaction, transactional
from karvon.kernel.events import publish
from karvon.kernel.models import OutboxEvent
from karvon.kernel.tests.listening import Rang

pytestmark = pytest.mark.django_db


@transactional
def ring(*times: int) -> None:
    publish(*(Rang(each) for each in times))


def rung() -> list[int]:
    return [event.payload["times"] for event in OutboxEvent.objects.order_by("id")]


def fail() -> None:
    ring(7)
    raise ValueError("in vain")


def test_what_services_publish_together_is_written_in_order_with_one_statement():
    with CaptureQueriesContext(connection) as asked:
        run_transaction(lambda: (ring(1), ring(2, 3), publish(Rang(4))))

    assert rung() == [1, 2, 3, 4]
    assert sum("INSERT" in each["sql"] for each in asked) == 1


def test_what_was_published_in_vain_is_not_written():
    with pytest.raises(ValueError, match="in vain"):
        run_transaction(fail)
    assert rung() == []


def test_a_part_that_is_undone_takes_its_events_with_it():
    def whole() -> None:
        ring(1)
        with pytest.raises(ValueError, match="in vain"):
            run_isolated(fail)
        run_isolated(lambda: ring(2))
        ring(3)

    run_transaction(whole)
    assert rung() == [1, 2, 3]


def test_what_is_published_inside_a_bare_savepoint_goes_with_it():
    def whole() -> None:
        ring(1)
        with pytest.raises(ValueError, match="in vain"), transaction.atomic():
            fail()
        ring(2)

    run_transaction(whole)
    assert rung() == [1, 2]


def test_held_rows_are_the_same_until_something_is_undone():
    made = iter(range(10))

    def hold() -> int:
        return work.held("row", 1, lambda: next(made))

    def whole() -> list[int]:
        seen = [hold(), run_isolated(hold), hold()]
        with pytest.raises(ValueError, match="in vain"):
            run_isolated(fail)
        return [*seen, hold()]

    assert run_transaction(whole) == [0, 0, 0, 1]
    assert run_transaction(hold) == 2
    assert [hold(), hold()] == [3, 4]
