"""What every request passes through, kept to the least that all of them need."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from karvon.kernel import acting, context
from karvon.kernel.addresses import client_address
from karvon.kernel.errors import TooLarge, ValidationFailed
from karvon.kernel.languages import pick_language

Answer = Callable[[HttpRequest], HttpResponse]

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
DEFAULT_HEADERS = (
    ("Cache-Control", "private, no-cache"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(self), payment=(self)"),
)


class GateMiddleware:
    """Outermost: request id, limits before parsing, the optional trailing slash, and headers for browsers.

    A path that is known only with its trailing slash is answered as if it had one; nothing is ever redirected, because a
    redirected POST loses its body.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.max_body = settings.KARVON_MAX_BODY_BYTES

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if SANE_ID.fullmatch(given) else uuid.uuid4().hex
        token, from_where = context.request_id.set(request_id), context.address.set(client_address(request))
        try:
            with acting.in_name_of(None):  # until whoever lets a person in says otherwise
                response = self._refuse(request) or self.get_response(request)
        finally:
            context.request_id.reset(token)
            context.address.reset(from_where)
        headers = response.headers
        headers["X-Request-ID"] = request_id
        for name, value in DEFAULT_HEADERS:
            if name not in headers:
                headers[name] = value
        return response

    def _refuse(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to what no view should see; None, with the path completed, for everything else."""
        to_http_response: Callable[[Exception, HttpRequest], HttpResponse] = import_string(
            settings.KARVON_ERROR_RESPONSE
        )
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit():
            return to_http_response(ValidationFailed(), request)
        if len(length) > 18 or int(length) > self.max_body:
            return to_http_response(TooLarge(_("The request is too large.")), request)
        if "\x00" in request.path_info or b"\x00" in unquote_to_bytes(request.META.get("QUERY_STRING", "")):
            return to_http_response(ValidationFailed(), request)
        path = request.path_info
        if not path.endswith("/") and "." not in path.rpartition("/")[2]:
            request.path_info = path + "/"
        return None


class BrowserSections:
    """Django's browser stack (sessions, CSRF, messages, policies), only where people use a browser.

    `KARVON_BROWSER_MIDDLEWARE` runs under `KARVON_BROWSER_PREFIXES`; API requests go straight to their view.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.prefixes = tuple(settings.KARVON_BROWSER_PREFIXES)
        chain = get_response
        for dotted in reversed(settings.KARVON_BROWSER_MIDDLEWARE):
            chain = import_string(dotted)(chain)
        self.chain = chain

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.chain if request.path_info.startswith(self.prefixes) else self.get_response
        return answer(request)


class LanguageMiddleware:
    """Activate the language of `Accept-Language` for messages; the admin has Django's own."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        translation.activate(pick_language(request))
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("application/json"):
            patch_vary_headers(response, ("Accept-Language",))
        return response
