"""The one error shape as a page, for people whose browser ran into it. Programs get JSON everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language_bidi

TEMPLATE = "errors/page.html"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def wants_page(request: HttpRequest) -> bool:
    """Whether it is a browser that asks, and not for data."""
    path = request.path_info
    if path.startswith("/api/") and not path.startswith(settings.KARVON_BROWSER_PREFIXES):
        return False
    accepted = request.META.get("HTTP_ACCEPT", "")
    return "text/html" in accepted and request.headers.get("X-Requested-With") != "XMLHttpRequest"


def make_page(
    request: HttpRequest, status: int, body: Mapping[str, Any], headers: Mapping[str, str]
) -> HttpResponse:
    """The page of an error; `body` is the error shape. In the language that the person chose in the back office."""
    context = {
        "status": status,
        "error": body["error"],
        "language": translation.get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
        "home": "/admin/" if request.path_info.startswith("/admin/") else "/",
    }
    response = HttpResponse(render_to_string(TEMPLATE, context), status=status, headers=dict(headers))
    response["Content-Security-Policy"] = POLICY
    return response
