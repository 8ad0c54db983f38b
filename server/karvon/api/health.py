"""Is the shop open? For load balancers and people.

What customers wait for - the database, Redis - makes the answer 503. Work that is done behind their backs may be late:
then the shop is `degraded`, and still 200, because taking the web servers away would help nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.db import Error, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.kernel import clock
from karvon.kernel.heartbeats import Background, read_background
from karvon.kernel.redis import get_redis
from karvon.kernel.rendering import dump_json

SERVICE = "ecommerce-api"
# four signs of life missed; who starts together with this process has as long for the first
SILENCE = timedelta(seconds=45)
LATE = timedelta(seconds=60)
_started_at = clock.now()


@dataclass(frozen=True)
class Examination:
    """The HTTP status and the body of a health answer."""

    status: int
    body: dict[str, object]

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Cache-Control": "no-store"}
        return headers | {"Retry-After": "5"} if self.status == 503 else headers


def examine(*, now: datetime | None = None) -> Examination:
    """One word per dependency and per process behind the web server."""
    now = now or clock.now()
    has_database, background = _database(now)
    checks = {
        "database": "up" if has_database else "down",
        "redis": "up" if _redis() else "down",
    }
    is_open = "down" not in checks.values()
    status = "healthy" if is_open else "unhealthy"
    body: dict[str, object] = {"status": status, "service": SERVICE, "checks": checks}
    if background is not None:
        checks |= _judge(background, now)
        body["background"] = _describe(background, now)
        if is_open and not {"down", "behind"}.isdisjoint(checks.values()):
            body["status"] = "degraded"
    return Examination(200 if is_open else 503, body)


def _database(now: datetime) -> tuple[bool, Background | None]:
    """Whether it answers, and with what; nothing before the first migration."""
    try:
        return True, read_background(now=now)
    except ProgrammingError:
        return True, None
    except Error:
        connection.close()
        return False, None


def _redis() -> bool:
    try:
        return bool(get_redis().ping())
    except redis.RedisError:
        return False


def _judge(background: Background, now: datetime) -> dict[str, str]:
    return {
        "relay": _word(background.relay_at, now),
        "worker": _word(background.worker_at, now),
        "outbox": "behind" if background.oldest > LATE else "up",
    }


def _word(noted_at: datetime | None, now: datetime) -> str:
    """Who never was is not missed before something waits for it: a shop may be looked at without workers."""
    if noted_at is None:
        return "unknown"
    if now - noted_at <= SILENCE:
        return "up"
    return "starting" if now - _started_at <= SILENCE else "down"


def _describe(background: Background, now: datetime) -> dict[str, int | None]:
    def age(noted_at: datetime | None) -> int | None:
        return None if noted_at is None else max(0, int((now - noted_at).total_seconds()))

    return {
        "relay_seconds": age(background.relay_at),
        "worker_seconds": age(background.worker_at),
        "waiting": background.waiting,
        "waiting_seconds": int(background.oldest.total_seconds()),
        "given_up": background.given_up,
    }


def _answer(found: Examination) -> HttpResponse:
    return HttpResponse(
        dump_json(found.body), status=found.status, content_type="application/json", headers=found.headers
    )


def health(request: HttpRequest) -> HttpResponse:
    return _answer(examine())


def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return _answer(Examination(200, {"status": "healthy", "service": SERVICE, "checks": {}}))


_migrated = False


def ready(request: HttpRequest) -> HttpResponse:
    """May traffic come: dependencies up and the schema as this code expects it."""
    global _migrated  # noqa: PLW0603 - once the schema is there it stays
    found = examine()
    if found.status == 200 and not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not _migrated:
            body = found.body | {"status": "unhealthy", "checks": {"migrations": "pending"}}
            return _answer(Examination(503, body))
    return _answer(found)


class BackgroundReport(serializers.Serializer):
    relay_seconds = serializers.IntegerField(
        allow_null=True, help_text="Since the relay's last sign of life; null before the first."
    )
    worker_seconds = serializers.IntegerField(
        allow_null=True,
        help_text="Since a worker last carried out a task that beat sent; null before the first.",
    )
    waiting = serializers.IntegerField(
        help_text="Events not relayed and deliveries that nobody has tried; a thousand of each at most."
    )
    waiting_seconds = serializers.IntegerField(help_text="Age of the first of them.")
    given_up = serializers.IntegerField(help_text="Deliveries that wait for a person, see the back office.")


class HealthReport(serializers.Serializer):
    status = serializers.ChoiceField(
        choices=("healthy", "degraded", "unhealthy"),
        help_text="`degraded`: customers are served, work behind their backs is late.",
    )
    service = serializers.CharField()
    checks = serializers.DictField(
        child=serializers.CharField(),
        help_text="`up` or `down`; relay and worker also `starting` or `unknown`, the outbox `up` or `behind`.",
    )
    background = BackgroundReport(required=False)


HEALTHY = {
    "status": "healthy",
    "service": SERVICE,
    "checks": {"database": "up", "redis": "up", "relay": "up", "worker": "up", "outbox": "up"},
    "background": {
        "relay_seconds": 3,
        "worker_seconds": 7,
        "waiting": 0,
        "waiting_seconds": 0,
        "given_up": 0,
    },
}


class HealthView(APIView):
    """The documented health endpoint of the canonical API."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(
        tags=["health"],
        operation_id="health",
        responses={
            200: OpenApiResponse(HealthReport, examples=[OpenApiExample("healthy", value=HEALTHY)]),
            503: HealthReport,
        },
    )
    def get(self, request: Request) -> Response:
        found = examine()
        return Response(found.body, status=found.status, headers=found.headers)
