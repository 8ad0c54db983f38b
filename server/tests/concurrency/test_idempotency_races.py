"""One Idempotency-Key from many sides at once, with a control."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test.utils import override_settings

from karvon.accounts.tests.factories import make_client, make_user
from karvon.kernel import idempotency
from karvon.kernel.models import StoredAnswer
from karvon.kernel.rendering import dump_json
from karvon.kernel.tests import deeds as api
from tests.concurrency.crowds import Meeting, run_crowd, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "one-key-for-all"


@pytest.fixture(autouse=True)
def _small_api():
    with override_settings(ROOT_URLCONF="karvon.kernel.tests.deeds"):
        yield
    api.before_answer.clear()


@pytest.fixture
def send():
    """Sends the same request, each time from a client of its own."""
    user = make_user()
    clients = [make_client(user) for _ in range(20)]

    def send_one():
        client = clients.pop()
        client.raise_request_exception = False
        return client.post("/deeds/", {"a": 1}, format="json", HTTP_IDEMPOTENCY_KEY=KEY)

    return send_one


def test_twenty_at_once_are_one_deed_and_one_answer(send):
    answers = run_crowd([send] * 20)

    assert [answer.status_code for answer in answers] == [201] * 20
    assert len({answer.content for answer in answers}) == 1
    assert sum(answer.has_header("Idempotency-Replayed") for answer in answers) == 19
    assert api.deeds() == 1


def test_control_reading_then_doing_then_writing_does_it_twice(send, monkeypatch):
    meeting = Meeting(2)

    def naive_once(scope, key, fingerprint, work):
        known = StoredAnswer.objects.filter(scope=scope, key=key).exists()
        meeting.wait()
        if known:
            return idempotency._stored(scope, key, fingerprint)
        response = work()
        kept = StoredAnswer(scope=scope, key=key, fingerprint=fingerprint, status=response.status_code)
        kept.body = dump_json(response.data)
        StoredAnswer.objects.bulk_create([kept], ignore_conflicts=True)
        return response

    monkeypatch.setattr(idempotency, "_once", naive_once)
    run_crowd([send] * 2)

    assert api.deeds() == 2


class Gate:
    """Holds the first request in the middle of its work."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self) -> None:
        if not self.reached.is_set():
            self.reached.set()
            assert self.opened.wait(30)


@pytest.fixture
def held(send):
    """(gate, thread, answers): a first request that is at work until the gate opens."""
    gate, answers = Gate(), []
    api.before_answer.append(gate)

    def first():
        answers.append(send())
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert gate.reached.wait(30)
    yield gate, thread, answers
    gate.opened.set()
    thread.join(30)


def test_a_second_request_waits_for_the_first_and_gets_its_answer(send, held):
    gate, thread, answers = held
    second = threading.Thread(target=lambda: (answers.append(send()), connection.close()))
    second.start()
    wait_until_blocked()
    gate.opened.set()
    thread.join(30)
    second.join(30)

    first_answer, second_answer = answers
    assert first_answer.content == second_answer.content
    assert sorted(answer.has_header("Idempotency-Replayed") for answer in answers) == [False, True]
    assert api.deeds() == 1


def test_a_second_request_that_waited_too_long_gets_409_and_may_come_again(send, held, settings):
    gate, thread, answers = held
    settings.KARVON_LOCK_TIMEOUT_MS = 100

    refused = send()
    gate.opened.set()
    thread.join(30)
    again = send()

    assert (refused.status_code, refused.json()["code"]) == (409, "busy")
    assert (again.status_code, again.content) == (201, answers[0].content)
    assert api.deeds() == 1


def test_a_first_attempt_that_died_frees_its_key_at_once(send, held):
    gate, thread, answers = held
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND state = 'idle in transaction' AND pid <> pg_backend_pid()"
        )
        assert cursor.rowcount == 1

    second = send()
    gate.opened.set()
    thread.join(30)

    assert (second.status_code, second.has_header("Idempotency-Replayed")) == (201, False)
    assert answers[0].status_code == 503
    assert "Retry-After" in answers[0]
    assert api.deeds() == 1
