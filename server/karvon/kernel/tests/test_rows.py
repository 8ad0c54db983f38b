"""Rows read and written without the ORM's statements are the ORM's rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.forms import model_to_dict

from karvon.kernel import clock
from karvon.kernel.ids import new_ordered_id
from karvon.kernel.models import EventDelivery, OutboxEvent
from karvon.kernel.rows import Rows, insert_rows, insertion, read_together, send, write_fields, write_rows

pytestmark = pytest.mark.django_db
PAYLOADS = [{"a": [1, None, "ё"]}, {}]
BY_TYPE = Rows(OutboxEvent, "WHERE type = %s ORDER BY id")


def make_events() -> list[OutboxEvent]:
    events = [OutboxEvent(id=new_ordered_id(), type="door.rang", payload=payload) for payload in PAYLOADS]
    send(insertion(events))
    return events


def everything(row: OutboxEvent) -> dict[str, object]:
    return model_to_dict(row) | {"id": row.pk, "created_at": row.created_at}


def test_inserted_rows_are_read_as_the_orm_reads_them():
    events = make_events()
    read = BY_TYPE.all("door.rang")

    assert [row.payload for row in read] == PAYLOADS
    assert [everything(row) for row in read] == [
        everything(row) for row in OutboxEvent.objects.order_by("id")
    ]
    assert [row.pk for row in read] == [event.pk for event in events]
    assert read[0].created_at - clock.now() < timedelta(minutes=1)  # the database's own default
    assert not read[0]._state.adding
    assert BY_TYPE.first("door.slammed") is None


def test_keys_that_the_database_makes_are_its_own():
    send(insertion([EventDelivery(event=event, handler="x") for event in make_events()]))
    assert EventDelivery.objects.filter(handler="x", state="pending").count() == 2


def test_only_the_named_fields_are_written():
    make_events()
    row = BY_TYPE.all("door.rang")[1]
    row.payload, row.request_id = {"new": True}, "not this one"

    write_fields(row, "payload")

    row.refresh_from_db()
    assert (row.payload, row.request_id) == ({"new": True}, "")


def test_a_row_that_is_gone_cannot_be_written():
    make_events()
    row = BY_TYPE.all("door.rang")[0]
    OutboxEvent.objects.all().delete()
    with pytest.raises(DatabaseError):
        write_fields(row, "payload")


def test_several_rows_are_written_and_read_with_one_message(django_assert_num_queries):
    one, two = make_events()
    one.request_id, two.payload = "one", [2]
    with django_assert_num_queries(1):
        write_rows((one, ["request_id"]), (two, ["payload"]))
    gone = Rows(OutboxEvent, "WHERE type <> %s")

    with django_assert_num_queries(1):
        read, others = read_together((BY_TYPE, ["door.rang"]), (gone, ["door.rang"]))

    assert [(row.request_id, row.payload) for row in read] == [("one", PAYLOADS[0]), ("", [2])]
    assert others == []


def test_what_the_database_fills_in_is_told_to_the_rows(django_assert_num_queries):
    events = [OutboxEvent(type="door.rang", payload={}) for _ in range(2)]
    deliveries = [EventDelivery(event=event, handler="x") for event in events]

    with django_assert_num_queries(1):
        insert_rows(events, [], deliveries)

    assert [row.pk for row in deliveries] == list(
        EventDelivery.objects.order_by("id").values_list("pk", flat=True)
    )
    assert events[0].created_at == OutboxEvent.objects.get(pk=events[0].pk).created_at
    deliveries[0].save(update_fields=["handler"])  # it is known to be in the database
