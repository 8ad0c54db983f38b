"""A page for developers that walks through a payment, step by step, with this door's own requests."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def payment_test(request: HttpRequest) -> HttpResponse:
    """The page, while KARVON_DEBUG is on; otherwise there is none. Its script holds no key and no token of the server's."""
    if not settings.DEBUG:
        raise Http404
    response = render(request, "storefront/payment_test.html")
    response.headers["Cache-Control"] = "no-store"
    return response
