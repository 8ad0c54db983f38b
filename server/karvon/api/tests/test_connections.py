"""PostgreSQL closed our connections: the next request makes new ones and nobody sees a server error."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import psycopg
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import override_settings

from karvon.kernel.tests import deeds as api

pytestmark = pytest.mark.django_db(transaction=True)


def request(path: str, method: str = "GET", **extra: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    """(status, body, headers) of a request as a web server makes it, signals and all."""
    started: list[Any] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": BytesIO(b"{}"),
        "CONTENT_LENGTH": "2",
        "CONTENT_TYPE": "application/json",
        "wsgi.url_scheme": "http",
    }
    answer = WSGIHandler()(environ | extra, lambda *given: started.extend(given))
    body = b"".join(answer)
    answer.close()
    return int(started[0].split()[0]), json.loads(body), dict(started[1])


def end_all_other_connections() -> int:
    """What a restart, a failover or an impatient administrator does; how many were ended."""
    known = connection.settings_dict
    with psycopg.connect(
        host=known["HOST"],
        port=known["PORT"],
        user=known["USER"],
        password=known["PASSWORD"],
        dbname=known["NAME"],
    ) as other:
        rows = other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return len(rows.fetchall())


@pytest.mark.parametrize("path", ["/api/v1/products/", "/api/v1/categories/", "/health/ready/"])
def test_a_connection_that_was_ended_between_requests_is_made_anew_unseen(path):
    assert request(path)[0] == 200

    for _ in range(3):
        assert end_all_other_connections() >= 1
        assert [request(path)[0] for _ in range(2)] == [200, 200]


def test_a_connection_that_ends_in_the_middle_costs_that_request_alone_and_leaves_nothing():
    def lose_connection_once() -> None:
        api.before_answer.clear()
        assert end_all_other_connections() >= 1

    api.before_answer.append(lose_connection_once)
    with override_settings(ROOT_URLCONF="karvon.kernel.tests.deeds"):
        status, body, headers = request("/deeds/", "POST", HTTP_IDEMPOTENCY_KEY="k")
        assert (status, body["code"], headers["Retry-After"]) == (503, "dependency_down", "5")
        assert api.deeds() == 0

        status, body, headers = request("/deeds/", "POST", HTTP_IDEMPOTENCY_KEY="k")
    assert status == 201
    assert "Idempotency-Replayed" not in headers
    assert api.deeds() == 1


def test_while_postgresql_is_away_the_answer_is_503_and_then_all_is_well(monkeypatch):
    connection.close()
    with monkeypatch.context() as away:
        away.setitem(connection.settings_dict, "PORT", 1)
        for path in ("/api/v1/products/", "/api/v1/categories/", "/health/ready/"):
            status, body, headers = request(path)
            assert (status, headers["Retry-After"]) == (503, "5")
            assert body.get("code") == "dependency_down" or body["checks"]["database"] == "down"
        assert request("/health/live/")[0] == 200

    assert request("/api/v1/products/")[0] == 200
