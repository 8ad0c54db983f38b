"""Errors that people meet in a browser are pages; programs get the one error shape."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    "path", ["/nothing/", "/demo/mail/nothing/0/", "/static/nothing.css/", "/media/nothing"]
)
def test_a_browser_gets_a_page(client, path):
    answer = client.get(path, headers=BROWSER)

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
    assert "<h1>Not found.</h1>" in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "<script" not in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/nothing/", {}),
        ("/nothing/", {"Accept": "application/json"}),
        ("/api/v1/nothing/", BROWSER),
        ("/nothing/", {**BROWSER, "X-Requested-With": "XMLHttpRequest"}),
    ],
)
def test_a_program_gets_the_error_shape(client, path, headers):
    answer = client.get(path, headers=headers)

    assert answer.status_code == 404
    assert answer.json() == {"error": "Not found.", "code": "not_found", "details": {}}


@pytest.mark.parametrize(
    ("language", "direction", "text"), [("ru", "ltr", "Не найдено."), ("ar", "rtl", "غير موجود.")]
)
def test_the_page_speaks_the_language_that_was_chosen(client, language, direction, text):
    client.cookies["django_language"] = language

    page = client.get("/nothing/", headers=BROWSER).content.decode()

    assert f'lang="{language}" dir="{direction}"' in page
    assert text in page


def test_a_form_without_its_token_is_explained():
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/admin/login/", {"username": "x", "password": "y"}, headers=BROWSER)

    assert answer.status_code == 403
    assert "This form is out of date." in answer.content.decode()


def test_a_body_that_is_too_large_is_explained(client, settings):
    length = str(settings.KARVON_MAX_BODY_BYTES + 1)

    answer = client.post("/admin/login/", {}, headers={**BROWSER, "Content-Length": length})

    assert answer.status_code == 413
    assert "<h1>The request is too large.</h1>" in answer.content.decode()
