"""Whose request it is, by network address."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

NOBODY_KNOWS = "0.0.0.0"  # noqa: S104 - a name, nothing listens there


def client_address(request: HttpRequest) -> str:
    """The caller's IP: behind N trusted proxies, the Nth `X-Forwarded-For` entry from the right; else the peer.

    Entries further left were written by the caller and prove nothing. Always an address, whatever a proxy wrote.
    """
    hops: int = settings.KARVON_TRUSTED_PROXIES
    if hops:
        chain = [
            part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()
        ]
        if len(chain) >= hops and (named := _plain(chain[-hops])):
            return named
    return _plain(request.META.get("REMOTE_ADDR") or "") or NOBODY_KNOWS


@lru_cache(maxsize=4096)
def network_of(ip: str) -> str:
    """What limits are counted by. One IPv6 household owns a whole /64 and could come from a fresh address each time."""
    address = ipaddress.ip_address(ip)
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


@lru_cache(maxsize=4096)
def _plain(written: str) -> str | None:
    """The address in "192.0.2.1", "192.0.2.1:5678", "2001:db8::1" or "[2001:db8::1]:5678"; None in anything else."""
    host = written
    if written.startswith("["):
        host = written[1:].partition("]")[0]
    elif written.count(":") == 1:
        host = written.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or ipaddress.IPv6Address(int(address))  # without a zone
    return str(address)
