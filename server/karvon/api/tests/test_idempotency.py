from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings

from karvon.accounts.tests.factories import make_client, make_user
from karvon.kernel import clock
from karvon.kernel.models import StoredAnswer
from karvon.kernel.tasks import purge_idempotency_keys
from karvon.kernel.tests.deeds import deeds

pytestmark = pytest.mark.django_db

_keys = count(1)


@pytest.fixture(autouse=True)
def _small_api():
    with override_settings(ROOT_URLCONF="karvon.kernel.tests.deeds"):
        yield


def new_key() -> str:
    return f"key-{next(_keys)}"


def post(key: str | None, body: Any = None, *, client: Any = None, url: str = "/deeds/", **extra: Any) -> Any:
    if key is not None:
        extra["HTTP_IDEMPOTENCY_KEY"] = key
    return (client or make_client()).post(url, body if body is not None else {}, format="json", **extra)


def test_the_same_request_again_gets_the_same_bytes_and_does_nothing():
    key, client = new_key(), make_client(make_user())

    first, *others = [post(key, {"a": 1, "b": [2]}, client=client) for _ in range(4)]

    assert first.status_code == 201
    assert not first.has_header("Idempotency-Replayed")
    assert deeds() == 1
    for other in others:
        assert (other.status_code, other.content) == (201, first.content)
        assert other["Idempotency-Replayed"] == "true"
        assert other["Content-Type"] == first["Content-Type"]


def test_without_a_key_each_request_counts():
    for _ in range(3):
        assert post(None).status_code == 201

    assert deeds() == 3
    assert StoredAnswer.objects.count() == 0


def test_an_answer_without_a_body_is_repeated_too():
    key = new_key()

    answers = [post(key, {"quiet": True}) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert deeds() == 1


def test_what_is_the_same_does_not_depend_on_how_it_is_written():
    key, client = new_key(), make_client(make_user())
    spellings = [b'{"a": 1, "b": {"c": 2, "d": 3}}', b'{"b":{"d":3,"c":2},"a":1}']

    answers = [
        client.generic("POST", "/deeds/", body, content_type="application/json", HTTP_IDEMPOTENCY_KEY=key)
        for body in spellings
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert deeds() == 1


@pytest.mark.parametrize(
    ("body", "url", "method"),
    [
        ({"a": 2}, "/deeds/", "post"),
        ({"a": "1"}, "/deeds/", "post"),
        ({"a": 1, "b": None}, "/deeds/", "post"),
        ({}, "/deeds/", "post"),
        ({"a": 1}, "/other-deeds/", "post"),
        ({"a": 1}, "/deeds/", "put"),
    ],
)
def test_the_same_key_with_another_request_is_refused_and_nothing_happens(body, url, method):
    key, client = new_key(), make_client(make_user())
    post(key, {"a": 1}, client=client)

    answer = getattr(client, method)(url, body, format="json", HTTP_IDEMPOTENCY_KEY=key)

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_key_reused"
    assert answer.json()["details"] == {}
    assert deeds() == 1


def test_with_or_without_the_trailing_slash_is_the_same_request():
    key = new_key()

    assert [post(key, url=url).status_code for url in ("/deeds/", "/deeds")] == [201, 201]
    assert deeds() == 1


def test_a_file_of_another_content_is_another_request():
    key, client = new_key(), make_client(make_user())

    def send(content: bytes, name: str = "a.txt") -> int:
        upload = SimpleUploadedFile(name, content)
        sent = {"file": upload, "note": ["x", "y"]}
        return client.post("/deeds/", sent, format="multipart", HTTP_IDEMPOTENCY_KEY=key).status_code

    assert [send(b"one"), send(b"one"), send(b"two")] == [201, 201, 409]
    assert deeds() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "tab\there", "null\x00", "é"])
def test_a_key_has_1_to_255_printable_ascii_characters(key):
    answer = post(key)

    assert answer.status_code == 400
    assert list(answer.json()["details"]) == ["Idempotency-Key"]
    assert deeds() == 0


@pytest.mark.parametrize("key", ["x", "y" * 255, "with space & 'quotes' %s {0}"])
def test_any_other_key_will_do(key):
    assert [post(key).status_code for _ in range(2)] == [201, 201]
    assert deeds() == 1


@pytest.mark.parametrize("refusal", ["before", "after"])
def test_a_refusal_is_not_kept_and_takes_its_effects_back(refusal):
    key = new_key()
    for _ in range(2):
        assert post(key, {"refuse": refusal}).status_code in {409, 422}

    assert (deeds(), StoredAnswer.objects.count()) == (0, 0)
    assert post(key, {}).status_code == 201


def test_numbers_too_long_for_json_libraries_are_no_server_error():
    client = Client(raise_request_exception=False)

    answer = client.post(
        "/deeds/",
        b'{"a": ' + b"9" * 400 + b"}",
        content_type="application/json",
        headers={"Idempotency-Key": new_key()},
    )

    assert answer.status_code in {201, 400}


def test_a_key_belongs_to_the_person_who_sent_it():
    key, people = new_key(), [make_client(make_user()) for _ in range(2)]

    for person in people:
        assert [post(key, client=person).has_header("Idempotency-Replayed") for _ in range(2)] == [
            False,
            True,
        ]

    assert deeds() == 2


def test_guests_are_told_apart_by_their_cart_and_else_by_their_address(settings):
    settings.KARVON_TRUSTED_PROXIES = 1
    key = new_key()
    guests = [
        {"HTTP_X_CART_ID": str(uuid4())},
        {"HTTP_X_CART_ID": str(uuid4())},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.1"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.2"},  # behind the same proxy
    ]

    for guest in guests:
        assert [post(key, **guest).has_header("Idempotency-Replayed") for _ in range(2)] == [False, True]

    assert deeds() == len(guests)


def test_a_key_is_forgotten_after_a_day():
    young, old = new_key(), new_key()
    post(young), post(old)
    now = clock.now()
    StoredAnswer.objects.filter(key=old).update(created_at=now - timedelta(hours=24, minutes=1))
    StoredAnswer.objects.filter(key=young).update(created_at=now - timedelta(hours=23, minutes=59))

    assert purge_idempotency_keys() == 1

    assert post(young, {"other": "body"}).status_code == 409
    assert post(old, {"other": "body"}).status_code == 201
    assert deeds() == 3
