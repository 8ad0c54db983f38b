"""What every request passes through."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from karvon.kernel import context
from karvon.kernel.middleware import GateMiddleware

pytestmark = pytest.mark.django_db


def through_gate(path: str = "/", **extra: str) -> tuple[HttpResponse, dict[str, str]]:
    """The answer, and what a view behind the gate saw (nothing when it was refused)."""
    seen: dict[str, str] = {}

    def view(request):
        seen.update(path=request.path_info, request_id=context.request_id.get())
        return HttpResponse("fine")

    request = RequestFactory().generic("POST", path, b"", **extra)
    return GateMiddleware(view)(request), seen


@pytest.mark.parametrize("given", ["0123abcd", "a.b_c-D9" * 8])
def test_a_sane_request_id_is_kept(given):
    answer, seen = through_gate(HTTP_X_REQUEST_ID=given)

    assert answer["X-Request-ID"] == seen["request_id"] == given
    assert context.request_id.get() == ""


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "has space in it", "line\nbreak-12", "<script>12345"]
)
def test_any_other_is_replaced(given):
    answer, seen = through_gate(HTTP_X_REQUEST_ID=given)

    assert answer["X-Request-ID"] == seen["request_id"] != given
    assert len(seen["request_id"]) == 32


@pytest.mark.parametrize("length", ["1001", "9" * 30])
def test_a_body_over_the_limit_is_refused_unread(length, settings):
    settings.KARVON_MAX_BODY_BYTES = 1000

    answer, seen = through_gate(CONTENT_LENGTH=length)

    assert answer.status_code == 413
    assert not seen
    assert through_gate(CONTENT_LENGTH="1000")[0].status_code == 200


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "²", "0x10", " 5"])
def test_a_length_that_is_no_number_is_refused(length):
    answer, seen = through_gate(CONTENT_LENGTH=length)

    assert answer.status_code == 400
    assert not seen


@pytest.mark.parametrize(
    "extra", [{"PATH_INFO": "/a\x00b/"}, {"QUERY_STRING": "q=%00"}, {"QUERY_STRING": "%00=1"}]
)
def test_null_bytes_go_no_further(extra):
    answer, seen = through_gate(**extra)

    assert answer.status_code == 400
    assert not seen


@pytest.mark.parametrize(
    ("asked", "seen_as"),
    [("/a", "/a/"), ("/a/", "/a/"), ("/", "/"), ("/static/x.css", "/static/x.css"), ("/a.b/c", "/a.b/c/")],
)
def test_the_trailing_slash_may_be_left_off(asked, seen_as):
    assert through_gate(asked)[1]["path"] == seen_as


def test_a_view_sets_its_own_headers_and_the_gate_the_rest():
    answer, _seen = through_gate()
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "private, no-cache"

    shared = Client().get("/api/v1/products/")
    assert shared["Cache-Control"].startswith("public")


@pytest.mark.parametrize("path", ["/api/v1/categories/", "/api/v1/products/", "/api/v1/nowhere/"])
def test_answers_that_depend_on_the_language_say_so(path):
    assert "Accept-Language" in Client().get(path)["Vary"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/products/%ff%fe/",
        "/api/v1/products/..%2f..%2fetc%2fpasswd",
        "/api/v1/../../etc/passwd",
        "/%2e%2e/%2e%2e/",
        "/api/v1/products/%E2%80%AE/",
        "//api/v1/products//",
        "/api/v1/orders/99999999999999999999999999/",
        "/api/v1/products/?page=%ff",
        "/api/v1/products/?search=%ed%a0%80",
        "/api/v1/products/" + "a" * 5000,
    ],
)
def test_odd_paths_are_never_a_server_error(path):
    client = Client(raise_request_exception=False)
    route, _, query = path.partition("?")

    answer = client.generic("GET", route, QUERY_STRING=query)

    assert answer.status_code in {200, 400, 401, 404}


def test_sessions_and_their_cookies_are_for_browser_pages_only():
    api = Client().get("/api/v1/categories/")
    page = Client().get("/admin/login/")

    assert not api.cookies
    assert "csrftoken" in page.cookies
    assert "Content-Security-Policy" in page
