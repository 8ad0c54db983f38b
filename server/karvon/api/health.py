"""Is the shop open? For load balancers and people."""

from __future__ import annotations

from collections.abc import Callable

import redis
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.api.schema import errors
from karvon.kernel.redis import get_redis
from karvon.kernel.rendering import dump_json

SERVICE = "ecommerce-api"


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return False
    return True


def _redis() -> bool:
    try:
        return bool(get_redis().ping())
    except redis.RedisError:
        return False


CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "redis": _redis}


def examine() -> tuple[int, dict[str, object]]:
    """(status, body) with one word per dependency."""
    checks = {name: "up" if check() else "down" for name, check in CHECKS.items()}
    well = "down" not in checks.values()
    return (200 if well else 503), {
        "status": "healthy" if well else "unhealthy",
        "service": SERVICE,
        "checks": checks,
    }


def _answer(status: int, body: dict[str, object]) -> HttpResponse:
    headers = {"Retry-After": "5"} if status == 503 else {}
    headers["Cache-Control"] = "no-store"
    return HttpResponse(dump_json(body), status=status, content_type="application/json", headers=headers)


def health(request: HttpRequest) -> HttpResponse:
    return _answer(*examine())


def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return _answer(200, {"status": "healthy", "service": SERVICE, "checks": {}})


_migrated = False


def ready(request: HttpRequest) -> HttpResponse:
    """May traffic come: dependencies up and the schema as this code expects it."""
    global _migrated  # noqa: PLW0603 - once the schema is there it stays
    status, body = examine()
    if status == 200 and not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not _migrated:
            return _answer(503, body | {"status": "unhealthy", "checks": {"migrations": "pending"}})
    return _answer(status, body)


class HealthReport(serializers.Serializer):
    status = serializers.CharField()
    service = serializers.CharField()
    checks = serializers.DictField(child=serializers.CharField())


class HealthView(APIView):
    """The documented health endpoint of the canonical API."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(
        tags=["health"],
        operation_id="health",
        responses={
            200: OpenApiResponse(
                HealthReport,
                examples=[
                    OpenApiExample(
                        "healthy",
                        value={
                            "status": "healthy",
                            "service": SERVICE,
                            "checks": {"database": "up", "redis": "up"},
                        },
                    )
                ],
            ),
            503: HealthReport,
            **{status: answer for status, answer in errors().items() if status == 400},
        },
    )
    def get(self, request: Request) -> Response:
        status, body = examine()
        return Response(body, status=status)
