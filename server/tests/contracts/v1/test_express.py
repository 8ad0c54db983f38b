"""The short way to lists and pages of products answers just as the long way does."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.express import Express
from karvon.catalog.models import Product
from karvon.catalog.tests.factories import make_category, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
_LONG_WAY = WSGIHandler()


class Asked(Exception):
    """Raised by what stands behind the short way."""


def _never(environ: Any, start_response: Any) -> Any:
    raise Asked


def ask(
    application: Any, path: str, query: str = "", method: str = "GET", **headers: str
) -> tuple[str, dict[str, str], bytes]:
    answers: list[tuple[str, list[tuple[str, str]]]] = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "testserver", "SERVER_PORT": "80",
        "REMOTE_ADDR": "192.0.2.1", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr, "HTTP_HOST": "testserver", "HTTP_X_REQUEST_ID": "0123456789abcdef", **headers,
    }  # fmt: skip
    body = b"".join(application(environ, lambda status, given, _=None: answers.append((status, given))))
    status, given = answers[0]
    return status, dict(given), body


@pytest.fixture
def product() -> Product:
    shelf = make_category("Tea", slug="tea")
    for number in range(3):
        make_product(f"Green tea {number}", category=shelf)
    return make_product("Black tea", category=shelf)


PLAIN = [
    ("/api/v1/products/", ""),
    ("/api/v1/products", ""),
    ("/api/v1/products/", "page_size=2&page=2&ordering=-price"),
    ("/api/v1/products/", "search=green&facets=1"),
    ("/api/v1/products/", "category=tea&cursor=&page_size=1"),
    ("/api/v1/products/", "category=no-such"),
    ("/api/v1/products/{id}/", ""),
    ("/api/v1/products/{id}", ""),
    ("/api/v1/products/{slug}/", "utm_source=x"),
]
HEADERS: list[dict[str, str]] = [
    {},
    {"HTTP_ACCEPT_LANGUAGE": "uz,ru;q=0.5"},
    {"HTTP_X_REQUEST_ID": "no good"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
@pytest.mark.parametrize(("path", "query"), PLAIN)
def test_plain_reads_are_answered_alike(
    product: Product, path: str, query: str, headers: dict[str, str]
) -> None:
    path = path.format(id=product.pk, slug=product.slug)

    short = ask(Express(_never), path, query, **headers)
    long = ask(_LONG_WAY, path, query, **headers)

    if "HTTP_X_REQUEST_ID" in headers:
        assert len({answer[1].pop("X-Request-ID") for answer in (short, long)}) == 2
    assert short == long
    assert short[0] == "200 OK"


def test_a_page_that_is_known_already(product: Product) -> None:
    path = f"/api/v1/products/{product.pk}/"
    tag = ask(Express(_never), path)[1]["ETag"]

    short = ask(Express(_never), path, HTTP_IF_NONE_MATCH=tag)

    assert short == ask(_LONG_WAY, path, HTTP_IF_NONE_MATCH=tag)
    assert (short[0], short[2]) == ("304 Not Modified", b"")


def test_who_shows_a_good_token_is_served_alike(product: Product) -> None:
    token = make_client(make_user())._credentials["HTTP_AUTHORIZATION"]

    assert ask(Express(_never), "/api/v1/products/", HTTP_AUTHORIZATION=token)[0] == "200 OK"


@pytest.mark.parametrize(
    ("path", "query", "more"),
    [
        ("/api/v1/products/", "page=0", {}),
        ("/api/v1/products/", "page=99", {}),
        ("/api/v1/products/", "ordering=user__password", {}),
        ("/api/v1/products/", "search=%00", {}),
        ("/api/v1/products/", "", {"HTTP_AUTHORIZATION": "Bearer x"}),
        ("/api/v1/products/", "", {"HTTP_ORIGIN": "https://shop.example"}),
        ("/api/v1/products/", "", {"CONTENT_LENGTH": "9"}),
        ("/api/v1/products/", "", {"SCRIPT_NAME": "/shop"}),
        ("/api/v1/products/", "", {"method": "POST"}),
        ("/api/v1/products/", "", {"method": "HEAD"}),
        ("/api/v1/products//", "", {}),
        ("/api/v1/products/0/", "", {}),
        ("/api/v1/products/no-such/", "", {}),
        ("/api/v1/products/a.b", "", {}),
        ("/api/v1/products/1/images/", "", {}),
        ("/api/v1/productsx", "", {}),
        ("/api/v1/products/\x00", "", {}),
        ("/api/v1/tags/", "", {}),
    ],
)
def test_everything_else_goes_the_long_way(
    product: Product, path: str, query: str, more: dict[str, str]
) -> None:
    with pytest.raises(Asked):
        ask(Express(_never), path, query, **more)
