"""The short way for the two reads that shops live on: product lists and product pages.

Whatever is plain about them - a GET without a body, from no other origin, that succeeds - is answered before Django's
handler, by the very functions that the views call. Everything else, every refusal and error included, goes the long way
as if it had just come; a test holds both ways to the same status, headers and bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from karvon.api.v1.catalog.reading import product_detail, product_list
from karvon.kernel.middleware import DEFAULT_HEADERS, SANE_ID

PRODUCTS: Final = "/api/v1/products"
_VARY: Final = "Accept-Language, origin"  # as the middleware for languages and other origins leave it
_STATUS: Final = {200: "200 OK", 304: "304 Not Modified"}
_UNUSUAL: Final = ("HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING")
Environ = dict[str, Any]


class Express:
    """WSGI middleware around Django's application."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        read = _reader_of(environ)
        response = None if read is None else _try(read, environ)
        if response is None:
            return self.application(environ, start_response)
        start_response(_STATUS[response.status_code], _headers_of(response, environ))
        return [response.content]


def _reader_of(environ: Environ) -> Callable[[WSGIRequest], HttpResponse] | None:
    """What answers this request; None for all that is not plain."""
    path: str = environ["PATH_INFO"]
    if not path.startswith(PRODUCTS) or environ["REQUEST_METHOD"] != "GET" or environ.get("SCRIPT_NAME"):
        return None
    if environ.get("CONTENT_LENGTH", "0") not in ("", "0") or any(name in environ for name in _UNUSUAL):
        return None
    key = path[len(PRODUCTS) :].removeprefix("/").removesuffix("/")
    if not key:
        return product_list if path in (PRODUCTS, f"{PRODUCTS}/") else None
    if path[len(PRODUCTS)] != "/" or "/" in key or "." in key or not key.isascii() or "\x00" in key:
        return None
    return lambda request: product_detail(request, key)


def _try(read: Callable[[WSGIRequest], HttpResponse], environ: Environ) -> HttpResponse | None:
    query: str = environ.get("QUERY_STRING", "")
    if "\x00" in query or "%00" in query:
        return None
    try:
        return read(WSGIRequest(environ))
    except Exception:  # noqa: BLE001 - the long way finds it again, and tells it well
        return None


def _headers_of(response: HttpResponse, environ: Environ) -> list[tuple[str, str]]:
    given = environ.get("HTTP_X_REQUEST_ID", "")
    headers = dict(response.items())
    headers["Vary"] = _VARY
    headers["X-Request-ID"] = given if SANE_ID.fullmatch(given) else uuid.uuid4().hex
    for name, value in DEFAULT_HEADERS:
        headers.setdefault(name, value)
    return list(headers.items())
