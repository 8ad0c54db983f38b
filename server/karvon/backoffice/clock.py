"""The back office tells the time of the shop, in its lists and in its forms."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from karvon.accounts.models import User
from karvon.backoffice.selectors import zone_of

PREFIX = "/admin/"


class ShopClock:
    """Runs the pages of whoever is logged in on the clock of their shop; everything else stays on the server's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX) or not isinstance(request.user, User):
            return self.get_response(request)
        with timezone.override(zone_of(request.user)):
            return self.get_response(request)
