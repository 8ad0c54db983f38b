"""One event is one mail, and one mail is sent once, however many workers are at it; with controls."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from karvon.notifications import handlers, services
from karvon.notifications.delivery import hand_to_server
from karvon.notifications.models import Mail, MailState
from karvon.notifications.tests.factories import make_mail, make_order
from karvon.notifications.tests.mailserver import mail_server
from karvon.orders.events import OrderConfirmed
from tests.concurrency.crowds import Meeting, run_crowd

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Nothing is handed over: the tests send themselves."""
    monkeypatch.setattr("karvon.notifications.services.queueing.hand_over", lambda _mail_id: True)


def test_an_event_that_arrives_twenty_times_at_once_is_one_mail():
    order, event_id = make_order(), uuid4()
    event = OrderConfirmed(order_id=order.pk)

    results = run_crowd([partial(handlers.mail_order_confirmation, event, event_id=event_id)] * 20)

    assert results == [None] * 20
    assert Mail.objects.count() == 1


def test_a_mail_handed_to_twenty_workers_at_once_is_sent_once(settings):
    mails = [make_mail(recipient=f"person{number}@example.com") for number in range(5)]

    with mail_server(settings) as server:
        results = run_crowd(
            [partial(services.send_mail, mail_id=mail.pk) for mail in mails for _ in range(20)]
        )

    assert (results.count(MailState.SENT), results.count(None)) == (5, 95)
    assert sorted(message["to"] for message in server.taken) == [mail.recipient for mail in mails]


def test_control_claiming_by_reading_first_sends_twice(settings):
    mail = make_mail()
    meeting = Meeting(2)

    def naive_send() -> None:
        seen = Mail.objects.get(pk=mail.pk)
        meeting.wait()
        if seen.state == MailState.QUEUED:
            Mail.objects.filter(pk=mail.pk).update(state=MailState.SENDING)
            hand_to_server(seen)
            Mail.objects.filter(pk=mail.pk).update(state=MailState.SENT)

    with mail_server(settings) as server:
        run_crowd([naive_send] * 2)

    assert len(server.taken) == 2


def test_sweeps_at_the_same_time_take_different_mails():
    mails = {make_mail(recipient=f"person{number}@example.com").pk for number in range(40)}
    due = Mail.objects.latest("next_attempt_at").next_attempt_at

    taken = run_crowd([partial(services.take_due_mails, now=due)] * 8)

    found = [mail_id for ids in taken for mail_id in ids]
    assert len(found) == len(set(found))
    assert set(found) == mails
