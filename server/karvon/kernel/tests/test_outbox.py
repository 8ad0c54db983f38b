from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.sites import site
from django.core.management import call_command
from django.db import transaction
from redis import Redis

from karvon.kernel import context, delivery
from karvon.kernel.errors import DependencyDown
from karvon.kernel.events import find_subscription, handles, publish, restore, subscriptions_of
from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent
from karvon.kernel.tasks import deliver_event, purge_outbox
from karvon.kernel.testing import drain_outbox
from karvon.kernel.tests.listening import Rang, leave_a_trace, listening, traces

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Failing:
    """A handler that fails, after doing half its work, for as long as it is told to."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error
        self.tries = 0

    def __call__(self, event, *, event_id) -> None:
        self.tries += 1
        leave_a_trace(event, event_id=event_id)
        if self.error:
            raise self.error


def publish_and_relay(*events: Rang) -> list[EventDelivery]:
    with transaction.atomic():
        publish(*(events or (Rang(),)))
    delivery.relay_batch(now=NOW)
    return list(EventDelivery.objects.order_by("id"))


def due_pks(now: datetime) -> list[int]:
    return [pk for pk, _queue in delivery.claim_due(now=now)]


def make_due(at: datetime = NOW) -> None:
    EventDelivery.objects.update(next_attempt_at=at)


@pytest.mark.django_db(transaction=True)
def test_an_event_is_published_only_in_a_transaction_and_lives_or_dies_with_it():
    with pytest.raises(RuntimeError, match="transaction"):
        publish(Rang())

    with transaction.atomic():
        publish(Rang())
        transaction.set_rollback(True)
    assert OutboxEvent.objects.count() == 0

    with transaction.atomic():
        publish(Rang(times=3))
        publish()
    assert OutboxEvent.objects.get().payload == {"times": 3, "by": "a guest"}


def test_each_handler_gets_its_own_delivery_and_a_type_without_one_gets_none():
    OutboxEvent.objects.create(type="nobody.listens", payload={})
    with listening(leave_a_trace, name="test.a"), listening(leave_a_trace, name="test.b"):
        publish_and_relay()

    assert {each.handler for each in EventDelivery.objects.all()} == {"test.a", "test.b"}
    assert not OutboxEvent.objects.filter(relayed_at=None).exists()
    assert delivery.relay_batch() == 0


def test_events_are_relayed_and_handed_over_in_the_order_they_were_published():
    heard = []
    with listening(lambda event, *, event_id: heard.append(event.times)):
        with transaction.atomic():
            publish(*(Rang(times=number) for number in range(20)))
            publish(*(Rang(times=number) for number in range(20, 40)))
        delivery.relay_batch()
        for pk in due_pks(datetime(2100, 1, 1, tzinfo=UTC)):
            delivery.deliver(pk)

    assert heard == list(range(40))


def test_a_delivery_is_done_once_however_often_it_is_handed_over():
    with listening(leave_a_trace):
        (handed,) = publish_and_relay()
        outcomes = [deliver_event(handed.pk) for _ in range(5)]

    assert outcomes == [True, False, False, False, False]
    assert traces() == 1
    handed.refresh_from_db()
    assert (handed.state, handed.attempts) == (DeliveryState.DONE, 1)


def test_a_handler_sees_the_event_its_id_and_the_request_that_caused_it():
    seen = {}

    def remember(event, *, event_id):
        seen.update(event=event, event_id=event_id, request_id=context.request_id.get())

    token = context.request_id.set("cause-of-it-all")
    with listening(remember):
        (handed,) = publish_and_relay(Rang(times=7, by="Ali"))
        context.request_id.reset(token)
        delivery.deliver(handed.pk)

    assert seen == {
        "event": Rang(times=7, by="Ali"),
        "event_id": handed.event_id,
        "request_id": "cause-of-it-all",
    }
    assert context.request_id.get() == ""


def test_a_relay_that_died_after_claiming_loses_nothing():
    with listening(leave_a_trace):
        (handed,) = publish_and_relay()
        make_due()
        assert due_pks(NOW) == [handed.pk]  # and here it died, before Celery heard of it

        assert due_pks(NOW + timedelta(seconds=59)) == []
        assert due_pks(NOW + timedelta(seconds=61)) == [handed.pk]
        delivery.deliver(handed.pk)

        assert due_pks(NOW + timedelta(days=1)) == []
    assert traces() == 1


def test_a_relay_that_died_while_relaying_left_nothing_half_done():
    with listening(leave_a_trace):
        with transaction.atomic():
            publish(Rang())
        with transaction.atomic():
            delivery.relay_batch()
            transaction.set_rollback(True)
        assert EventDelivery.objects.count() == 0

        assert delivery.relay_batch() == 1
        assert EventDelivery.objects.count() == 1


def test_a_failure_takes_its_effects_back_and_comes_again_later_each_time():
    failing = Failing(ValueError("bad\x00 news " + "x" * 600))
    pauses = []
    with listening(failing):
        (handed,) = publish_and_relay()
        for _ in range(delivery.ATTEMPTS - 1):
            assert delivery.deliver(handed.pk, now=NOW) is False
            handed.refresh_from_db()
            pauses.append((handed.next_attempt_at - NOW).total_seconds())

    assert traces() == 0
    assert (handed.state, handed.attempts) == (DeliveryState.PENDING, delivery.ATTEMPTS - 1)
    assert handed.last_error.startswith("ValueError: bad news")
    assert len(handed.last_error) <= 500
    for attempt, pause in enumerate(pauses, start=1):
        assert 0.8 * min(2**attempt, 900) <= pause <= 1.2 * min(2**attempt, 900)


def test_after_ten_failures_it_is_given_up_and_replay_gives_it_ten_more():
    failing = Failing(ValueError("bad news"))
    with listening(failing):
        (handed,) = publish_and_relay()
        for _ in range(delivery.ATTEMPTS + 3):
            delivery.deliver(handed.pk, now=NOW)
        handed.refresh_from_db()
        assert (handed.state, handed.attempts, failing.tries) == (DeliveryState.DEAD, 10, 10)
        assert due_pks(NOW + timedelta(days=365)) == []

        failing.error = None
        assert delivery.replay([handed.pk, handed.pk + 1]) == 1
        assert due_pks(datetime(2100, 1, 1, tzinfo=UTC)) == [handed.pk]
        assert delivery.deliver(handed.pk) is True

    handed.refresh_from_db()
    assert (handed.state, handed.last_error, traces()) == (DeliveryState.DONE, "", 1)
    assert delivery.replay([handed.pk]) == 0


def test_an_outage_is_nobodys_fault_and_never_gives_up():
    failing = Failing(DependencyDown())
    with listening(failing):
        (handed,) = publish_and_relay()
        EventDelivery.objects.update(attempts=5000)
        delivery.deliver(handed.pk, now=NOW)
        handed.refresh_from_db()
        assert handed.state == DeliveryState.PENDING
        assert handed.next_attempt_at - NOW <= timedelta(minutes=18)

        failing.error = None
        assert delivery.deliver(handed.pk) is True
    assert traces() == 1


def test_a_handler_that_is_gone_is_a_failure_that_names_it():
    with listening(leave_a_trace, name="test.renamed"):
        (handed,) = publish_and_relay()

    assert delivery.deliver(handed.pk) is False
    handed.refresh_from_db()
    assert "test.renamed" in handed.last_error


def test_what_the_broker_did_not_take_is_due_again_in_two_seconds():
    with listening(leave_a_trace):
        (handed,) = publish_and_relay()
        make_due()
        due_pks(NOW)
        delivery.put_back([handed.pk], now=NOW)

        assert due_pks(NOW + timedelta(seconds=1)) == []
        assert due_pks(NOW + timedelta(seconds=2)) == [handed.pk]


def test_two_functions_cannot_claim_one_name():
    def another(event, *, event_id):
        """Does nothing."""

    with listening(leave_a_trace):
        handles(Rang, name="test.listener")(leave_a_trace)  # the same one again: a reloaded module
        with pytest.raises(ValueError, match=r"test\.listener"):
            handles(Rang, name="test.listener")(another)
        assert [each.name for each in subscriptions_of("door.rang")] == ["test.listener"]
    assert subscriptions_of("door.rang") == []


def test_events_written_by_another_version_of_the_code_can_be_read():
    with listening(leave_a_trace):
        subscription = find_subscription("test.listener")
        assert restore(subscription, {"times": 2, "colour": "a field of the past"}) == Rang(times=2)


def test_old_events_are_forgotten_unless_somebody_still_waits_for_them():
    old, states = NOW - timedelta(days=31), [None, *DeliveryState]
    for state in states:
        event = OutboxEvent.objects.create(type="door.rang", payload={}, relayed_at=old)
        OutboxEvent.objects.filter(pk=event.pk).update(created_at=old)
        if state:
            EventDelivery.objects.create(event=event, handler="test", state=state)
    OutboxEvent.objects.create(type="door.rang", payload={}, relayed_at=NOW)

    delivery.purge(now=NOW)

    left = OutboxEvent.objects.filter(created_at=old)
    assert {each.deliveries.get().state for each in left} == {DeliveryState.PENDING, DeliveryState.DEAD}
    assert OutboxEvent.objects.count() == 3
    assert purge_outbox() == 0


def test_events_not_relayed_yet_are_never_purged():
    event = OutboxEvent.objects.create(type="door.rang", payload={})
    OutboxEvent.objects.filter(pk=event.pk).update(created_at=NOW - timedelta(days=400))

    assert delivery.purge(now=NOW) == 0


def test_a_failure_in_a_drained_outbox_is_raised():
    with listening(Failing(ValueError("bad news"))):
        publish_and_relay()
        with pytest.raises(AssertionError, match="bad news"):
            drain_outbox()


def queued(settings, queue: str) -> int:
    return Redis.from_url(settings.CELERY_BROKER_URL).llen(queue)


@pytest.mark.django_db(transaction=True)
def test_the_relay_puts_each_delivery_on_its_queue_once(settings, tmp_path):
    Redis.from_url(settings.CELERY_BROKER_URL).flushdb()
    with (
        listening(leave_a_trace, name="test.a", queue="emails"),
        listening(leave_a_trace, name="test.b", queue="media"),
    ):
        with transaction.atomic():
            publish(Rang(), Rang())
        call_command("relay_events", "--once", "--heartbeat", str(tmp_path / "beat"))
        call_command("relay_events", "--once")

    assert (queued(settings, "emails"), queued(settings, "media"), queued(settings, "default")) == (2, 2, 0)
    assert (tmp_path / "beat").exists()


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_relay_waits_and_loses_nothing(settings):
    from karvon.celery import app

    url = settings.CELERY_BROKER_URL.replace("redis://:", "redis://:not-")  # it refuses the password
    before, app.conf.broker_write_url = app.conf.broker_write_url, url
    app.amqp._producer_pool = None
    try:
        with listening(leave_a_trace):
            with transaction.atomic():
                publish(Rang(), Rang())
            call_command("relay_events", "--once")
            soon = EventDelivery.objects.values_list("next_attempt_at", flat=True)
            assert all(at < datetime.now(UTC) + timedelta(seconds=3) for at in soon)
            make_due()
    finally:
        app.conf.broker_write_url = before
        app.amqp._producer_pool = None

    Redis.from_url(settings.CELERY_BROKER_URL).flushdb()
    call_command("relay_events", "--once")
    assert queued(settings, "default") == 2


def test_an_operator_replays_from_the_admin_and_nobody_else_sees_it(admin_of_kernel):
    operator, customer = admin_of_kernel
    with listening(Failing(ValueError("bad news"))):
        (handed,) = publish_and_relay()
        EventDelivery.objects.update(state=DeliveryState.DEAD, attempts=10, last_error="bad news")

    url = "/admin/kernel/eventdelivery/"
    page = operator.get(url + "?state__exact=dead")
    assert "bad news" in page.content.decode()
    answer = operator.post(url, {"action": "replay", "_selected_action": [handed.pk]}, follow=True)
    assert answer.status_code == 200
    handed.refresh_from_db()
    assert (handed.state, handed.attempts) == (DeliveryState.PENDING, 0)

    assert operator.get(f"{url}{handed.pk}/change/").status_code == 200
    assert operator.get("/admin/kernel/outboxevent/").status_code == 200
    assert operator.post(f"{url}{handed.pk}/delete/", {"post": "yes"}).status_code == 403
    assert operator.get(f"{url}add/").status_code == 403
    assert customer.get(url).status_code in {302, 403}
    assert site.is_registered(EventDelivery)


@pytest.fixture
def admin_of_kernel(django_user_model, client):
    """Browsers of an operator and of a customer."""
    from django.test import Client

    operator = django_user_model.objects.create_user(username="op", password="x", role="admin")
    customer = django_user_model.objects.create_user(username="cu", password="x", role="customer")
    browsers = Client(), Client()
    for browser, user in zip(browsers, (operator, customer), strict=True):
        browser.force_login(user)
    return browsers
