"""The Redis connection, pooled per process, with short timeouts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import lru_cache

import redis
from django.conf import settings

from karvon.kernel.errors import DependencyDown


@lru_cache(maxsize=1)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=settings.KARVON_REDIS_TIMEOUT,
        socket_connect_timeout=settings.KARVON_REDIS_TIMEOUT,
        health_check_interval=30,
        max_connections=200,
    )


def get_redis() -> redis.Redis:
    """The shared client; answers are bytes."""
    return _client(settings.REDIS_URL)


@contextlib.contextmanager
def redis_errors() -> Iterator[None]:
    """Turn a Redis that does not answer into DependencyDown (503)."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, redis.ReadOnlyError) as error:
        raise DependencyDown from error
