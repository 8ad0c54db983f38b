"""From the queue to the mail server: once, or not at all and in sight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from kombu.exceptions import OperationalError

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.kernel.errors import PermissionRefused
from karvon.notifications import services, tasks
from karvon.notifications.errors import MailNotFound, MailNotStuck
from karvon.notifications.models import Mail, MailState
from karvon.notifications.services.queueing import HANDED_OVER, hand_over
from karvon.notifications.services.sending import MOST_ATTEMPTS
from karvon.notifications.services.sweeping import LOST_AFTER
from karvon.notifications.tests.factories import make_mail
from karvon.notifications.tests.mailserver import HANG_UP, mail_server

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def state_of(mail: Mail) -> str:
    return Mail.objects.values_list("state", flat=True).get(pk=mail.pk)


def test_a_mail_arrives_whole(settings):
    mail = make_mail(subject="Buyurtma № 7 – tasdiqlandi")

    with mail_server(settings) as server:
        assert services.send_mail(mail_id=mail.pk, now=NOON) == MailState.SENT

    (message,) = server.taken
    assert (message["to"], message["subject"]) == ("aziza@example.com", "Buyurtma № 7 – tasdiqlandi")
    assert message["message-id"].startswith(f"<mail.{mail.pk}.1@")
    assert message["auto-submitted"] == "auto-generated"
    bodies = {part.get_content_type(): part.get_content().strip() for part in message.iter_parts()}
    assert bodies == {"text/plain": "Thank you", "text/html": "<p>Thank you</p>"}
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.sent_at, mail.error) == (MailState.SENT, 1, NOON, "")


def test_what_is_sent_is_not_sent_again(settings):
    mail = make_mail()

    with mail_server(settings) as server:
        states = [services.send_mail(mail_id=mail.pk) for _ in range(3)]

    assert states == [MailState.SENT, None, None]
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    "refusals",
    [
        {"recipients": ["451 greylisted", "450 still", "250 ok"]},
        {"data": ["452 out of storage", "421 later", "250 taken"]},
    ],
)
def test_a_server_that_is_busy_is_asked_again_later(settings, refusals):
    mail = make_mail()

    with mail_server(settings, **refusals) as server:
        states = [services.send_mail(mail_id=mail.pk, now=NOON) for _ in range(3)]

    assert states == [MailState.QUEUED, MailState.QUEUED, MailState.SENT]
    assert len(server.taken) == 1
    assert Mail.objects.get().attempts == 3


def test_waits_grow(settings):
    mail = make_mail()
    waits = []

    with mail_server(settings, data=["451 later"]):
        for _ in range(MOST_ATTEMPTS):
            services.send_mail(mail_id=mail.pk, now=NOON)
            mail.refresh_from_db()
            waits.append((mail.next_attempt_at - NOON).total_seconds() if mail.next_attempt_at else None)

    assert waits[-1] is None
    assert mail.state == MailState.FAILED
    for number, wait in enumerate(waits[:-1]):
        middle = min(30 * 2**number, 3600)
        assert middle * 0.8 <= wait <= middle * 1.2
    assert "451" in mail.error


def test_no_server_at_all_is_tried_again(settings):
    mail = make_mail()
    with mail_server(settings):
        port_that_closes = settings.EMAIL_PORT
    settings.EMAIL_PORT = port_that_closes

    assert services.send_mail(mail_id=mail.pk) == MailState.QUEUED
    assert "ConnectionRefusedError" in Mail.objects.get().error


@pytest.mark.parametrize("answers", [{"recipients": ["550 nobody"]}, {"data": ["554 spam"]}])
def test_a_refusal_is_final(settings, answers):
    mail = make_mail()

    with mail_server(settings, **answers):
        assert services.send_mail(mail_id=mail.pk) == MailState.FAILED
        assert services.send_mail(mail_id=mail.pk) is None

    assert Mail.objects.get().error[:4] == "SMTP"


def test_a_line_lost_in_the_middle_is_not_tried_again(settings):
    mail = make_mail()

    with mail_server(settings, data=[HANG_UP, "250 taken"]) as server:
        assert services.send_mail(mail_id=mail.pk) == MailState.UNKNOWN
        assert services.send_mail(mail_id=mail.pk) is None
        services.take_due_mails(now=NOON + timedelta(days=9999))

    assert len(server.taken) == 1
    assert state_of(mail) == MailState.UNKNOWN


def test_a_header_in_an_address_is_refused_before_the_server_is_asked(settings):
    mail = make_mail(subject="Hello\nBcc: everyone@example.com")

    with mail_server(settings) as server:
        assert services.send_mail(mail_id=mail.pk) == MailState.FAILED

    assert server.deliveries == 0
    assert "BadHeaderError" in Mail.objects.get().error


def test_a_lost_worker_leaves_the_mail_in_sight():
    lost = make_mail(state=MailState.SENDING, sending_since=NOON, attempts=1)
    busy = make_mail(state=MailState.SENDING, sending_since=NOON + timedelta(minutes=4), attempts=1)

    assert services.give_up_lost_mails(now=NOON + LOST_AFTER + timedelta(seconds=1)) == 1

    assert (state_of(lost), state_of(busy)) == (MailState.UNKNOWN, MailState.SENDING)
    assert services.take_due_mails(now=NOON + timedelta(days=1)) == []


def test_a_worker_thought_lost_may_still_bring_news(settings, monkeypatch):
    mail = make_mail()

    with mail_server(settings) as server:
        from karvon.notifications.services import sending

        send = sending.hand_to_server

        def slow(claimed):
            Mail.objects.filter(pk=claimed.pk).update(state=MailState.UNKNOWN)
            return send(claimed)

        monkeypatch.setattr(sending, "hand_to_server", slow)
        services.send_mail(mail_id=mail.pk)

    assert len(server.taken) == 1
    assert state_of(mail) == MailState.SENT


def test_sending_again_by_hand(settings, django_capture_on_commit_callbacks):
    staff = make_user(role=Role.STAFF)
    mail = make_mail(state=MailState.UNKNOWN, attempts=1, error="lost")

    with pytest.raises(PermissionRefused):
        services.send_again(mail_id=mail.pk, actor=make_user(role=Role.MERCHANT))
    services.send_again(mail_id=mail.pk, actor=staff)
    with pytest.raises(MailNotStuck):
        services.send_again(mail_id=mail.pk, actor=staff)
    with pytest.raises(MailNotFound):
        services.send_again(mail_id=mail.pk + 1, actor=staff)

    with mail_server(settings) as server:
        services.send_mail(mail_id=mail.pk)
    assert server.taken[0]["message-id"].startswith(f"<mail.{mail.pk}.2@")
    with pytest.raises(MailNotStuck):
        services.send_again(mail_id=mail.pk, actor=staff)


def test_mails_are_handed_over_after_the_commit(monkeypatch, django_capture_on_commit_callbacks):
    handed = []
    monkeypatch.setattr(tasks.send_mail_task, "apply_async", lambda **options: handed.append(options))
    event_id = uuid4()

    with django_capture_on_commit_callbacks(execute=True):
        mail = make_mail(event_id=event_id)
        make_mail(event_id=event_id)
        assert handed == []

    assert [options["kwargs"] for options in handed] == [{"mail_id": mail.pk}]


def test_a_broker_that_is_down_loses_no_mail(monkeypatch, django_capture_on_commit_callbacks):
    def refuse(**_options):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.send_mail_task, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        mail = make_mail()
    later = mail.next_attempt_at + timedelta(seconds=1)

    assert services.take_due_mails(now=later - timedelta(minutes=1)) == []
    assert services.take_due_mails(now=later) == [mail.pk]
    # handed over: not taken again until its worker has had a minute
    assert services.take_due_mails(now=later) == []
    assert services.take_due_mails(now=later + HANDED_OVER) == [mail.pk]
    assert hand_over(mail.pk) is False
    assert state_of(mail) == MailState.QUEUED


def test_old_mails_are_forgotten():
    make_mail(state=MailState.SENT)
    waiting = make_mail()

    assert services.purge_old_mails(now=datetime.now(UTC) + timedelta(days=91)) == 1

    assert list(Mail.objects.all()) == [waiting]
