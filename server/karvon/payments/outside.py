"""Talking to providers: five seconds at most, never inside a transaction, and not at all while a provider is down.

Whoever asks a provider - our own lines and the official libraries alike - asks through `send`, which holds no answer to be
longer under way than `TIMEOUT`, or than what is left of it of the whole conversation that `asking` began.

The breaker is shared by all processes through Redis: after FAILURES in a row within WINDOW seconds nobody asks for OPEN seconds,
then one tries. Without Redis each process counts for itself. (M. Nygard, Release It!, 2nd ed., "Circuit Breaker".)
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, NamedTuple

import httpx
import orjson
import redis
import structlog

from karvon.kernel.redis import get_redis
from karvon.kernel.work import is_at_work
from karvon.payments.deadlines import BoundedNetwork, left, within
from karvon.payments.errors import ProviderRefused, ProviderUnavailable
from karvon.payments.protocol import Provider

log = structlog.get_logger(__name__)

TIMEOUT = 5.0  # seconds for a whole call
LARGEST = 8 * 1024 * 1024  # bytes of an answer: a day's page of 500 charges is below two
STRANGERS = 2  # questions at once, in one process, that messages nobody has vouched for may cause
FAILURES = 5
WINDOW = 60
OPEN = 30
# what comes of reading an answer that is not what it should be
UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

_strangers = threading.BoundedSemaphore(STRANGERS)
_mine: dict[str, tuple[int, float]] = {}
_lock = threading.Lock()


class Answer(NamedTuple):
    """What a provider has answered, read to its end."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@lru_cache(maxsize=1)
def client() -> httpx.Client:
    """The connections to all providers: pooled, bounded, without redirects; cookies of one account are not another's."""
    made = httpx.Client(
        timeout=TIMEOUT,
        follow_redirects=False,
        headers={"User-Agent": "Karvon"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
    for transport in (made._transport, *made._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            # httpx has no parameter for it; a test with a server that trickles holds it to this
            transport._pool._network_backend = BoundedNetwork()
    atexit.register(made.close)
    return made


def send(method: str, url: str, **options: Any) -> Answer:
    """One request (`options` as of `httpx.Client.request`) and its whole answer, whatever its status.

    Raises ProviderUnavailable when it does not come, or not to its end, in the time that is left, or is larger than LARGEST.
    """
    with within(TIMEOUT):
        seconds = left(TIMEOUT)
        if seconds <= 0:
            raise ProviderUnavailable
        try:
            with client().stream(method, url, timeout=seconds, **options) as response:
                return Answer(response.status_code, response.headers, _read(response))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise ProviderUnavailable from error


def _read(response: httpx.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise ProviderUnavailable
    return b"".join(parts)


def ask_json(method: str, url: str, **options: Any) -> tuple[int, dict[str, Any]]:
    """One request; its status - fine, or a no that is explained - and the JSON object that came with it ({} for an empty
    body). Raises ProviderUnavailable for silence, for a server in trouble or too busy, for a redirect, and for an answer that
    is no JSON object.
    """
    status, _headers, content = send(method, url, **options)
    if status in (408, 429) or not (200 <= status < 300 or 400 <= status < 500):
        raise ProviderUnavailable
    try:
        said = orjson.loads(content or b"{}")
    except orjson.JSONDecodeError as error:
        raise ProviderUnavailable from error
    if not isinstance(said, dict):
        raise ProviderUnavailable
    return status, said


@contextlib.contextmanager
def asking(way: Provider, *, part: str = "", seconds: float | None = None) -> Iterator[None]:
    """Around a conversation with a provider, which takes TIMEOUT altogether, or `seconds`. Raises ProviderUnavailable at once
    while its breaker is open (the provider's, or of a `part` that is not to shut the rest), and counts when the conversation
    raises it. What the provider refuses is an answer, and closes the breaker; what it answers and nobody can read is none.
    """
    if is_at_work():
        raise RuntimeError("a provider is asked outside of transactions")
    name = f"{way.slug}:{part}" if part else way.slug
    if not _may_try(name):
        raise ProviderUnavailable
    try:
        with within(TIMEOUT if seconds is None else seconds):
            yield
    except ProviderUnavailable:
        _note_failure(name)
        raise
    except ProviderRefused:
        _note_success(name)
        raise
    except UNREADABLE as error:
        log.exception("provider_answer_unreadable", provider=name)
        _note_failure(name)
        raise ProviderUnavailable from error
    _note_success(name)


@contextlib.contextmanager
def asking_for_stranger(way: Provider, part: str) -> Iterator[None]:
    """The same for what is only asked because somebody unknown has sent something: few at once, so that strangers keep no
    more of this server busy, and with a breaker of its own, so that they do not shut the provider for customers.
    """
    if not _strangers.acquire(blocking=False):
        raise ProviderUnavailable
    try:
        with asking(way, part=part):
            yield
    finally:
        _strangers.release()


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
