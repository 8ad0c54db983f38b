"""Talking to providers: five seconds at most, never inside a transaction, and not at all while a provider is down.

The breaker is shared by all processes through Redis: after FAILURES in a row within WINDOW seconds nobody asks for OPEN seconds,
then one tries. Without Redis each process counts for itself. (M. Nygard, Release It!, 2nd ed., "Circuit Breaker".)
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import httpx
import orjson
import redis
import structlog

from karvon.kernel.db import is_in_service
from karvon.kernel.redis import get_redis
from karvon.payments.errors import ProviderRefused, ProviderUnavailable
from karvon.payments.protocol import Provider

log = structlog.get_logger(__name__)

TIMEOUT = 5.0  # seconds for a whole call
FAILURES = 5
WINDOW = 60
OPEN = 30

_mine: dict[str, tuple[int, float]] = {}
_lock = threading.Lock()


@lru_cache(maxsize=1)
def client() -> httpx.Client:
    """The HTTP client for all providers that have no library of their own: pooled, bounded, follows no redirect."""
    return httpx.Client(
        timeout=httpx.Timeout(TIMEOUT, connect=3.0), follow_redirects=False, headers={"User-Agent": "Karvon"}
    )


def ask_json(method: str, url: str, **options: Any) -> tuple[int, dict[str, Any]]:
    """One request; the status below 500 and the JSON object that came with it. Raises ProviderUnavailable for silence, for a
    server in trouble or too busy, and for an answer that is no JSON object.
    """
    try:
        answer = client().request(method, url, **options)
        said = orjson.loads(answer.content)
    except (httpx.HTTPError, orjson.JSONDecodeError) as error:
        raise ProviderUnavailable from error
    if answer.status_code >= 500 or answer.status_code in (408, 429) or not isinstance(said, dict):
        raise ProviderUnavailable
    return answer.status_code, said


@contextlib.contextmanager
def asking(way: Provider) -> Iterator[None]:
    """Around a call to a provider. Raises ProviderUnavailable at once while its breaker is open, and counts when the call
    raises it. What the provider refuses is an answer, and closes the breaker.
    """
    if is_in_service():
        raise RuntimeError("a provider is asked outside of transactions")
    if not _may_try(way.slug):
        raise ProviderUnavailable
    try:
        yield
    except ProviderUnavailable:
        _note_failure(way.slug)
        raise
    except ProviderRefused:
        _note_success(way.slug)
        raise
    _note_success(way.slug)


def _may_try(slug: str) -> bool:
    try:
        store = get_redis()
        if store.exists(f"breaker:{slug}:open"):
            return False
        if int(store.get(f"breaker:{slug}:failures") or 0) < FAILURES:
            return True
        # half open: one of us tries, the others wait for what comes of it
        return bool(store.set(f"breaker:{slug}:trial", 1, nx=True, ex=int(TIMEOUT) + 1))
    except redis.RedisError:
        with _lock:
            count, since = _mine.get(slug, (0, 0.0))
        return count < FAILURES or time.monotonic() - since > OPEN


def _note_failure(slug: str) -> None:
    try:
        with get_redis().pipeline() as pipe:
            pipe.incr(f"breaker:{slug}:failures")
            pipe.expire(f"breaker:{slug}:failures", WINDOW + OPEN)
            count = pipe.execute()[0]
            if count >= FAILURES:
                get_redis().set(f"breaker:{slug}:open", 1, ex=OPEN)
                log.error("provider_breaker_open", provider=slug, failures=count)
    except redis.RedisError:
        with _lock:
            count, _since = _mine.get(slug, (0, 0.0))
            _mine[slug] = (count + 1, time.monotonic())


def _note_success(slug: str) -> None:
    with contextlib.suppress(redis.RedisError):
        get_redis().delete(f"breaker:{slug}:failures", f"breaker:{slug}:open", f"breaker:{slug}:trial")
    with _lock:
        _mine.pop(slug, None)
