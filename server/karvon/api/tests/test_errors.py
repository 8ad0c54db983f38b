"""Whatever goes wrong is answered in the one shape, over real URLs."""

from __future__ import annotations

import json
import re
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection
from django.db.utils import InternalError
from django.http import Http404
from django.test import Client
from django.utils.translation import gettext_lazy as _
from redis.exceptions import ConnectionError as RedisGone
from rest_framework import exceptions as drf

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.errors import STATUSES, describe, status_of
from karvon.kernel import errors

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/jwt/create/"
USERS = "/api/v1/auth/users/"


def shape_of(answer: Any) -> tuple[int, str]:
    """(status, code), after checking that it is the documented shape and carries the request's id."""
    body = json.loads(answer.content)
    assert set(body) == {"error", "code", "details"}
    assert isinstance(body["error"], str)
    assert body["error"]
    assert all(isinstance(message, str) for messages in body["details"].values() for message in messages)
    assert answer["Content-Type"] == "application/json"
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", answer["X-Request-ID"])
    return answer.status_code, body["code"]


def post(path: str, body: bytes | str, content_type: str = "application/json", **headers: str) -> Any:
    return Client(raise_request_exception=False).post(path, body, content_type=content_type, headers=headers)


def every_kind(kind: type[errors.DomainError] = errors.DomainError) -> list[type[errors.DomainError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in every_kind(child))]


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/", "/api/v1/nowhere/7/", "/api/v1/orders/999999999/"])
def test_what_is_not_there_is_404(path):
    status, code = shape_of(make_client(make_user()).get(path))

    assert status == 404
    assert code.endswith("not_found")


@pytest.mark.parametrize(("method", "path"), [("delete", LOGIN), ("get", LOGIN), ("put", "/api/v1/orders/")])
def test_another_method_is_405_with_what_is_allowed(method, path):
    client = make_client(make_user())

    answer = getattr(client, method)(path)

    assert shape_of(answer) == (405, "method_not_allowed")
    assert "POST" in answer["Allow"]


def test_another_media_type_is_415():
    assert shape_of(post(LOGIN, b"<a/>", "text/xml")) == (415, "unsupported_media_type")


@pytest.mark.parametrize("accept", ["text/csv", "text/html", "application/xml;q=0.9", "nonsense"])
def test_who_would_rather_have_another_media_type_gets_json_nevertheless(accept: str):
    answer = Client().get("/api/v1/categories/", headers={"Accept": accept})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b"7",
        b"null",
        b'"text"',
        b'{"username": NaN}',
        b'{"username": "\xff"}',
        b'\xef\xbb\xbf{"username": "a"}',
        b'{"username": "\\ud800", "password": "\\udfff"}',
        b'{"username": "a\\u0000b", "password": "x"}',
        b'{"username": {"$gt": ""}, "password": ["x"]}',
        b"[" * 50_000 + b"]" * 50_000,
        b'{"username": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
        b'{"username": 1e400, "password": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
@pytest.mark.parametrize("path", [LOGIN, USERS])
def test_bodies_that_are_no_good_are_400_or_401(path, body):
    status, code = shape_of(post(path, body))

    assert (status, code) in {(400, "validation_failed"), (401, "invalid_credentials")}


def test_the_place_of_a_slip_in_json_is_named():
    answer = post(LOGIN, b'{"username": "a",\n "password": }')

    assert "line 2" in json.loads(answer.content)["error"]


def test_validation_names_each_field():
    answer = post(USERS, b'{"email": "no address", "password": "x"}')

    assert shape_of(answer) == (400, "validation_failed")
    assert "email" in json.loads(answer.content)["details"]


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_a_body_larger_than_what_is_held_in_memory_is_413(content_type, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    pair = ('{"password": "%s"}', "password=%s")[content_type.endswith("urlencoded")]

    assert shape_of(post(LOGIN, pair % ("x" * 2000), content_type)) == (413, "too_large")
    assert shape_of(post(LOGIN, pair % ("x" * 500), content_type))[0] == 400


def test_a_million_form_fields_are_refused(settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10

    body = "&".join(f"a{number}=1" for number in range(11))
    assert shape_of(post(LOGIN, body, "application/x-www-form-urlencoded")) == (400, "validation_failed")


def test_an_unforeseen_error_is_500_without_its_text_and_logged_with_the_request(monkeypatch, caplog):
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the secret plan")

    monkeypatch.setattr("karvon.catalog.selectors.list_categories", fail)
    monkeypatch.setattr("karvon.api.v1.catalog.reading.parse_request", fail)

    for path in ("/api/v1/categories/", "/api/v1/products/"):
        caplog.clear()
        client = Client(raise_request_exception=False)
        answer = client.get(path, headers={"X-Request-ID": "trace-me-12345"})
        assert shape_of(answer) == (500, "internal_error")
        assert answer["X-Request-ID"] == "trace-me-12345"
        assert b"secret plan" not in answer.content
        written = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        assert {entry.get("request_id") for entry in written if "unforeseen" in entry["event"]} == {
            "trace-me-12345"
        }
        assert "secret plan" in caplog.text


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_domain_error_has_a_code_a_sentence_and_a_client_status(kind):
    assert re.fullmatch(r"[a-z][a-z0-9_]+", kind.code)
    assert str(kind.message)
    assert any(issubclass(kind, known) for known, _status in STATUSES)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.DomainError(), 400),
        (errors.ValidationFailed(), 400),
        (errors.AuthenticationRequired(), 401),
        (errors.PermissionRefused(), 403),
        (errors.NotFound(), 404),
        (errors.Conflict(), 409),
        (errors.InvalidTransition(), 409),
        (errors.InsufficientStock(), 409),
        (errors.IdempotencyClash(), 409),
        (errors.LockTimeout(), 409),
        (errors.TooLarge(), 413),
        (errors.UnsupportedContent(), 415),
        (errors.RateLimited(), 429),
        (errors.ProviderError(), 502),
        (errors.DependencyDown(), 503),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else type(value).__name__,
)
def test_statuses(error, status):
    assert status_of(error) == status


def raised_by(cause: type[Exception], wrapper: type[Exception]) -> Exception:
    error = wrapper("…")
    error.__cause__ = cause("…")
    return error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404("x"), 404, "not_found"),
        (PermissionDenied(), 403, "permission_refused"),
        (SuspiciousOperation(), 400, "validation_failed"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), 400, "validation_failed"),
        (OverflowError(), 400, "validation_failed"),
        (raised_by(psycopg.DataError, DataError), 400, "validation_failed"),
        (ValueError("A string literal cannot contain NUL (0x00) characters."), 400, "validation_failed"),
        (IntegrityError(), 409, "conflict"),
        (RedisGone(), 503, "dependency_down"),
        (raised_by(psycopg.errors.LockNotAvailable, OperationalError), 409, "busy"),
        (raised_by(psycopg.errors.DeadlockDetected, OperationalError), 409, "busy"),
        (raised_by(psycopg.errors.QueryCanceled, OperationalError), 503, "dependency_down"),
        (drf.Throttled(wait=3), 429, "throttled"),
        (drf.NotAuthenticated(), 401, "authentication_required"),
        (drf.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_what_libraries_raise_is_answered_in_our_words(error, status, code):
    answered, body, _headers = describe(error)

    assert (answered, body["code"]) == (status, code)


@pytest.mark.parametrize(
    "error",
    [
        raised_by(psycopg.errors.AdminShutdown, OperationalError),
        raised_by(psycopg.errors.CannotConnectNow, OperationalError),
        raised_by(psycopg.errors.TooManyConnections, OperationalError),
        raised_by(psycopg.OperationalError, OperationalError),
        raised_by(psycopg.errors.IdleInTransactionSessionTimeout, InternalError),
        InterfaceError("connection already closed"),
    ],
    ids=lambda error: type(error.__cause__ or error).__name__,
)
def test_a_lost_database_is_503_with_the_time_to_come_back(error, monkeypatch):
    dropped: list[Any] = []
    monkeypatch.setattr(
        type(connection._connections["default"]), "close", lambda *given: dropped.append(given)
    )

    status, body, headers = describe(error)

    assert (status, body["code"], headers["Retry-After"]) == (503, "dependency_down", "5")
    assert dropped


def test_fields_of_nested_and_repeated_parts_are_named_by_their_path():
    detail = {
        "items": [{}, {"quantity": ["Too many."]}],
        "email": ["Taken.", "Odd."],
        "non_field_errors": ["No."],
    }

    _status, body, _headers = describe(drf.ValidationError(detail))

    assert body["details"] == {
        "items.1.quantity": ["Too many."],
        "email": ["Taken.", "Odd."],
        "non_field_errors": ["No."],
    }


def test_validation_of_models_keeps_its_fields():
    _status, body, _headers = describe(DjangoValidationError({"name": ["Too short."]}))
    assert body["details"] == {"name": ["Too short."]}

    _status, body, _headers = describe(DjangoValidationError("Alone."))
    assert body["details"] == {"non_field_errors": ["Alone."]}


def test_parameters_are_put_into_the_translated_sentence():
    error = errors.Conflict(_("No more than %(limit)s."), code="limit", params={"limit": 3})

    assert error.text == str(error) == "No more than 3."
    assert error.code == "limit"


@pytest.mark.parametrize(("given", "sent"), [(0, "1"), (-5, "1"), (17.9, "17")])
def test_a_wait_is_at_least_a_second(given, sent):
    assert describe(errors.RateLimited(retry_after=given))[2]["Retry-After"] == sent


def test_no_or_a_bad_token_is_401_with_the_scheme():
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        answer = Client().get("/api/v1/auth/users/me/", headers=headers)
        assert shape_of(answer)[0] == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_person_without_the_right_gets_403():
    client = make_client(make_user(role=Role.CUSTOMER))

    assert shape_of(client.post("/api/v1/categories/", {"name": "x"}, format="json"))[0] == 403
