"""A small API whose effects can be counted: each deed done is an event in the outbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.kernel.errors import Conflict
from karvon.kernel.idempotency import idempotent
from karvon.kernel.models import OutboxEvent

# what a test wants to happen between a deed and its answer
before_answer: list[Callable[[], None]] = []


def deeds() -> int:
    """How many were done."""
    return OutboxEvent.objects.filter(type="test.deed").count()


class Deeds(APIView):
    """POST does a deed; `{"refuse": true}` does it and then refuses; `{"quiet": true}` answers 204."""

    permission_classes = (AllowAny,)

    @idempotent
    def post(self, request: Request) -> Response:
        if request.data.get("refuse") == "before":
            return Response({"error": "no"}, status=422)
        deed = OutboxEvent.objects.create(type="test.deed", payload={})
        for step in before_answer:
            step()
        if request.data.get("refuse"):
            raise Conflict
        if request.data.get("quiet"):
            return Response(status=204)
        sent: dict[str, Any] = {
            "id": deed.pk,
            "at": deed.created_at,
            "text": "сўм ﷼ \N{GRINNING FACE}",
            "list": [],
        }
        return Response(sent | {"number": 2**53 - 1, "rate": 0.1}, status=201)

    def put(self, request: Request) -> Response:
        return self.post(request)


urlpatterns = [path("deeds/", Deeds.as_view()), path("other-deeds/", Deeds.as_view())]
