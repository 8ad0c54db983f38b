"""The page behind the link of a lost password: what a mail leads to while no web shop answers there."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.http import require_safe


@require_safe
def reset_password(request: HttpRequest) -> HttpResponse:
    """A form that its script sends to the API. The link's key stays behind "#" in the browser: no log and no Referer of
    anybody's sees it, and nothing on this page comes from elsewhere."""
    context = {
        "shop": settings.KARVON_SHOP_NAME,
        "language": get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    response = render(request, "accounts/reset_password.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
