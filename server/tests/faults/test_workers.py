"""Workers and relays that die in the midst of mails and events."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import psycopg
import pytest
from django.test import Client

from karvon.accounts.models import Role, User
from karvon.accounts.tests.factories import PASSWORD, make_user
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent
from karvon.notifications.models import MailState, Notification, NotificationState
from karvon.notifications.services.announcing import BATCH
from karvon.notifications.tests.mailserver import Behaviour
from karvon.runtime.programs import QUEUES
from tests.faults.buyers import Crowd, make_buyers
from tests.faults.events import assert_counted_once, wait_until_all_are_handled
from tests.faults.locks import held, wait_until_blocked
from tests.faults.mails import are_settled, hold_mails, states_of, taken_by_server
from tests.faults.shop import SERVER, Shop, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def test_a_worker_killed_while_it_sends_mails(shop: Shop, mail: Behaviour) -> None:
    """Guarded by the claim that is committed before the mail server is spoken to (`sending`), which nobody takes
    over; what was not claimed is found again by relay and sweep. Nobody can know whether the mails in hand
    arrived: they end as `unknown`, before the operator's eyes.
    """
    variant = make_variant(units=50)
    buyers = make_buyers(shop, variant, 6)
    hold_mails(mail)
    try:
        orders = Crowd(buyers).orders()
        wait_for(lambda: len(taken_by_server(mail, buyers)) == 2, "both processes hand a mail over")
        # as the kernel does when memory is short: one process, and its parent starts another
        os.kill(shop.pids_of("worker")[-1], signal.SIGKILL)
        wait_for(lambda: len(taken_by_server(mail, buyers)) == 3, "a third mail is handed over")
        shop.kill("worker")
        shop.let_minutes_pass(6)
        in_hand = taken_by_server(mail, buyers)
    finally:
        mail.may_answer.set()

    wait_for(lambda: are_settled(buyers), "every mail has an end")

    assert states_of(buyers) == {MailState.SENT: 3, MailState.UNKNOWN: 3}
    assert taken_by_server(mail, buyers) == {buyer.email: 1 for buyer in buyers}
    wait_until_all_are_handled(orders)
    assert_counted_once(variant, 6)
    page = unknown_mails_as_the_operator_sees_them()
    assert [buyer.email in page for buyer in buyers] == [buyer.email in in_hand for buyer in buyers]


def unknown_mails_as_the_operator_sees_them() -> str:
    browser = Client()
    browser.force_login(make_user(role=Role.ADMIN))
    answer = browser.get("/admin/notifications/mail/", {"state__exact": MailState.UNKNOWN})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_worker_killed_while_it_handles_an_event(shop: Shop) -> None:
    """Guarded by a handler's effects and its `done` in one transaction, and by the relay, which hands over again
    what nobody has done for a minute: the count of sold units is neither short nor doubled.
    """
    variant = make_variant(units=50)
    frozen = shop.freeze("worker")
    orders = Crowd(make_buyers(shop, variant, 3)).orders()
    with held(shop, "catalog_product", variant.product_id):
        shop.thaw(frozen)
        wait_until_blocked(1)
        shop.kill("worker")
    shop.let_minutes_pass()

    wait_until_all_are_handled(orders)

    assert_counted_once(variant, 3)


def test_a_worker_that_is_asked_to_end_finishes_its_mail(shop: Shop, mail: Behaviour) -> None:
    """Guarded by Celery's warm shutdown and the supervisor's patience."""
    (buyer,) = make_buyers(shop, make_variant(units=5), 1)
    hold_mails(mail)
    try:
        buyer.order()
        wait_for(lambda: taken_by_server(mail, [buyer]), "the mail is handed over")
        parent = shop.pids_of("worker")[0]
        os.kill(parent, signal.SIGTERM)
        wait_for(lambda: "Warm shutdown" in shop.said(), "it has heard")
    finally:
        mail.may_answer.set()

    wait_for(lambda: are_settled([buyer]), "the mail has an end", seconds=20)

    assert states_of([buyer]) == {MailState.SENT: 1}
    wait_for(lambda: parent not in shop.pids_of("worker") and shop.pids_of("worker"), "another worker is up")


def test_a_worker_killed_while_it_hands_out_an_announcement(shop: Shop) -> None:
    """Guarded by one transaction for the deliveries of a batch and the cursor behind it, and by the sweep, which takes up again
    what nobody has gone on with: everybody has one delivery, whether the batch was done before the worker died or after.
    """
    last = User.objects.order_by("pk").last()
    User.objects.bulk_create(
        User(username=f"reader-{last.pk if last else 0}-{number}", password="!")
        for number in range(BATCH + BATCH // 2)
    )
    readers = list(User.objects.filter(is_active=True, role=Role.CUSTOMER).order_by("pk"))
    # somebody of the second batch
    with held(shop, "accounts_user", readers[BATCH + 100].pk):
        announcement = Notification.objects.get(pk=announce(shop))
        wait_until_blocked(1)
        shop.kill("worker")
        announcement.refresh_from_db()
        assert announcement.cursor == readers[BATCH - 1].pk
        # those who have an address get a mail beside it
        assert announcement.deliveries.filter(channel="inbox").count() == BATCH
    Notification.objects.filter(pk=announcement.pk).update(next_attempt_at=clock.now())

    sent = Notification.objects.filter(pk=announcement.pk, state=NotificationState.SENT)
    wait_for(sent.exists, "another worker has gone on to the end", seconds=90)

    reached = announcement.deliveries.filter(channel="inbox").values_list("user_id", flat=True)
    assert sorted(reached) == [each.pk for each in readers]
    assert sent.get().recipients == len(readers)


def announce(shop: Shop) -> int:
    """Tell all customers something, as an operator; the announcement's id."""
    name = f"operator-{User.objects.count()}"
    person = {"username": name, "password": PASSWORD}
    assert shop.ask("POST", "/api/v1/auth/users/", person)[0] == 201
    User.objects.filter(username=name).update(role=Role.STAFF)
    _, tokens, _ = shop.ask("POST", "/api/v1/auth/jwt/create/", person)
    body = {"title": "Closed", "body": "On 21 March.", "target_type": "customers"}
    headers = {"Authorization": f"Bearer {tokens['access']}"}
    status, answer, _ = shop.ask("POST", "/api/v1/notifications/", body, **headers)
    assert status == 202, answer
    return int(answer["id"])


def test_a_probe_through_every_queue_comes_back(shop: Shop) -> None:
    """The workers of a shop serve all queues, and the command that asks them says so."""
    asked = subprocess.run(
        [sys.executable, "manage.py", "test_celery_tasks", "--json"],
        cwd=SERVER, env=shop.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert asked.returncode == 0, asked.stderr
    answers = json.loads(asked.stdout)
    assert [each["queue"] for each in answers] == QUEUES.split(",")
    assert all(each["worker"] for each in answers)


def test_a_relay_killed_in_the_midst_of_its_work(shop: Shop) -> None:
    """Guarded by one transaction for the deliveries and the mark on their event, and by a due time for what was
    claimed and perhaps not handed over: no event is lost, and what arrives twice is handled once.
    """
    variant = make_variant(units=50)
    frozen = shop.freeze("relay")
    orders = Crowd(make_buyers(shop, variant, 8)).orders()
    events = OutboxEvent.objects.filter(payload__order_id__in=[order["id"] for order in orders])

    with psycopg.connect(shop.environ["DATABASE_URL"]) as connection:
        connection.execute("LOCK TABLE kernel_eventdelivery IN SHARE MODE")
        shop.thaw(frozen)
        wait_until_blocked(1)
        shop.kill("relay")
    # the next one gets as far as the broker, which does not answer
    os.kill(shop.valkey.process.pid, signal.SIGSTOP)
    try:
        claimed = EventDelivery.objects.filter(
            event__in=events, state=DeliveryState.PENDING, next_attempt_at__gt=clock.now()
        )
        wait_for(claimed.exists, "another relay has claimed deliveries")
        shop.kill("relay")
    finally:
        os.kill(shop.valkey.process.pid, signal.SIGCONT)
    shop.let_minutes_pass()

    wait_until_all_are_handled(orders)

    assert_counted_once(variant, 8)
    assert not events.filter(relayed_at=None).exists()
