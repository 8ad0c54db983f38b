"""Providers' messages on their way in: the raw bytes, and the provider's own manner of being answered."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.views import APIView

from karvon.accounts.permissions import AllowAny
from karvon.kernel import clock
from karvon.kernel.addresses import client_address
from karvon.kernel.errors import TooLarge
from karvon.payments.protocol import CallbackRequest
from karvon.payments.services import receive_callback

BIGGEST = 1024 * 1024


class ProviderListener(APIView):
    """Whoever sends something here proves by its signature or password that it is the provider: no token is looked at, and
    nobody is told to slow down, because an event that is refused comes again.
    """

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []


def hear(request: HttpRequest, provider: str, *, action: str = "", key: str = "") -> HttpResponse:
    """Hand a provider's request on as it came and return what the provider is to be answered.

    Raises ProviderUnknown (404), TooLarge (413) for more than a megabyte, SignatureInvalid (400).
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not re.fullmatch("[0-9]{1,7}", length) or int(length) > BIGGEST:
        raise TooLarge
    reply = receive_callback(
        provider=provider,
        key=key,
        request=CallbackRequest(
            method=request.method or "",
            action=action,
            body=request.body,
            headers={name.lower(): value for name, value in request.headers.items()},
            address=client_address(request),
            received_at=clock.now(),
        ),
    )
    return HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)
