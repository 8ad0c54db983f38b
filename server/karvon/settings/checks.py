"""Are the servers that the environment names new enough? Asked when a database is (migrate, `check --database`)."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import Error as DatabaseError
from django.db import connections

OLDEST_POSTGRESQL = 150000
OLDEST_REDIS = (6, 2)


@register(Tags.database)
def check_postgresql_version(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """PostgreSQL 15 or later."""
    problems: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW server_version_num")
                number = int(cursor.fetchone()[0])
        except DatabaseError as error:
            problems.append(Error(f"The database {alias} does not answer: {error}", id="karvon.E001"))
            continue
        if number < OLDEST_POSTGRESQL:
            text = f"PostgreSQL {number // 10000} is too old: Karvon needs 15 or later."
            problems.append(Error(text, id="karvon.E002"))
    return problems


@register(Tags.security)
def check_no_simulators(**kwargs: Any) -> list[CheckMessage]:
    """Where production's settings are, also below others, nobody pretends to be a payment provider."""
    if "karvon.settings.production" not in sys.modules or not apps.is_installed("karvon.simulators"):
        return []
    hint = "Take karvon.simulators out of INSTALLED_APPS."
    return [
        Error(
            "Payment providers are simulated: orders would be paid with no money.",
            hint=hint,
            id="karvon.E005",
        )
    ]


@register(Tags.database)
def check_redis_version(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Redis 6.2 or later, or any Valkey."""
    if not databases:
        return []
    try:
        info = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5).info("server")
    except redis.RedisError as error:
        return [Error(f"Redis does not answer: {error}", id="karvon.E003")]
    found = str(info.get("redis_version", "0"))  # type: ignore[union-attr]  # the client is not asynchronous
    numbers = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
    if numbers < OLDEST_REDIS:
        return [Error(f"Redis {found} is too old: Karvon needs 6.2 or later, or Valkey.", id="karvon.E004")]
    return []
