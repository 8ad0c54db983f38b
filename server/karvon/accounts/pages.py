"""Pages behind the links of mails, for as long as no web shop answers there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.http import require_safe


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """A page made of "accounts/page.html", in the active language, that no cache keeps and that sends no Referer.

    What a link carries behind "#" stays in the browser: no log sees it, and nothing on the page comes from elsewhere.
    """
    names = {
        "shop": settings.KARVON_SHOP_NAME,
        "language": get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
        **(context or {}),
    }
    response = render(request, template, names)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def reset_password(request: HttpRequest) -> HttpResponse:
    """A form that its script sends to the API."""
    return render_page(request, "accounts/reset_password.html")
