"""How often one caller may ask, counted in Redis, by scope.

`KARVON_THROTTLES` maps scopes to "<number>/<s|min|h|day>" or None. Reads are counted by lease: a process takes permits for several
requests at once, so that a hot list costs no round trip to Redis; logins, registrations and writes are counted one by one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from karvon.kernel.addresses import client_address, network_of
from karvon.kernel.errors import DependencyDown, RateLimited
from karvon.kernel.redis import get_redis

SECONDS_PER = {"s": 1, "min": 60, "h": 3600, "day": 86400}
LEASE = 20
MOST_LEASES = 10_000
# without Redis each process counts by itself, and reads are not counted at all; where that would let somebody
# guess or fill the shop with accounts, people wait. Logins are not among them: their failures are counted in
# SQL (accounts.lockout), so a lost cache neither forgives anybody nor locks everybody out.
FAIL_CLOSED = frozenset({"registration", "password_reset", "coupons"})
# a Redis that has just failed to answer is not asked again at once: it may take its time not to answer
_REST_SECONDS = 5.0

_TAKE = """
local used = redis.call('INCRBY', KEYS[1], ARGV[1])
if used == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return used
"""


@dataclass
class _Lease:
    window: int
    left: int


_rest_until = 0.0
_leases: OrderedDict[str, _Lease] = OrderedDict()
_lock = Lock()


@lru_cache(maxsize=64)
def parse_rate(rate: str | None) -> tuple[int, int] | None:
    """ "100/h" → (100, 3600); None for no limit."""
    if not rate:
        return None
    number, _, unit = rate.partition("/")
    return int(number), SECONDS_PER[unit]


def take_permit(scope: str, caller: str) -> None:
    """Count one request. Raises RateLimited over the limit, DependencyDown when a guarded scope cannot be counted."""
    rate = parse_rate(settings.KARVON_THROTTLES.get(scope))
    if rate is None:
        return
    limit, seconds = rate
    window, passed = divmod(int(time.time()), seconds)
    key = f"throttle:{scope}:{caller}"
    if scope == "read" and _spend_lease(key, window):
        return
    wanted = min(LEASE, max(1, limit // 10)) if scope == "read" else 1
    used = _take(f"{key}:{window}", wanted, seconds)
    if used is not None:
        granted = min(wanted, limit - (used - wanted))  # the last lease of a window may be a smaller one
    elif scope in FAIL_CLOSED:
        raise DependencyDown
    else:
        granted = 1 if scope == "read" or _count_alone(key, window, limit) else 0
    if granted <= 0:
        raise RateLimited(retry_after=seconds - passed)
    if granted > 1:
        _keep_lease(key, window, granted - 1)


def _take(key: str, wanted: int, seconds: int) -> int | None:
    """How many permits of a window are taken, these included; None while Redis does not answer."""
    global _rest_until  # noqa: PLW0603 - one Redis, one moment
    if time.monotonic() < _rest_until:
        return None
    try:
        return int(get_redis().eval(_TAKE, 1, key, wanted, seconds))  # type: ignore[arg-type]
    except redis.RedisError:
        _rest_until = time.monotonic() + _REST_SECONDS
        return None


def _count_alone(key: str, window: int, limit: int) -> bool:
    """Without Redis: whether this process by itself has let fewer through in this window."""
    if _spend_lease(key, window):
        return True
    with _lock:
        known = _leases.get(key)
    if known is not None and known.window == window:
        return False
    _keep_lease(key, window, limit - 1)
    return True


def _spend_lease(key: str, window: int) -> bool:
    with _lock:
        lease = _leases.get(key)
        if lease is None or lease.window != window or lease.left <= 0:
            return False
        lease.left -= 1
        return True


def _keep_lease(key: str, window: int, left: int) -> None:
    with _lock:
        _leases[key] = _Lease(window, left)
        _leases.move_to_end(key)
        while len(_leases) > MOST_LEASES:
            _leases.popitem(last=False)


class ScopedThrottle(BaseThrottle):
    """A view's `throttle_scope`, else "read" or "write" by method."""

    def allow_request(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "throttle_scope", None)
        if scope is None or request.method in ("GET", "HEAD", "OPTIONS"):
            scope = "read" if request.method in ("GET", "HEAD", "OPTIONS") else "write"
        take_permit(scope, caller_of(request))
        return True


def caller_of(request: Request | HttpRequest) -> str:
    """ "user:<id>" for somebody logged in, else the address, or an IPv6 address's network."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return network_of(client_address(request))  # type: ignore[arg-type]
