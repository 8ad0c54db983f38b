"""Where a request comes from, as remembered with a login."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from rest_framework.request import Request


@dataclass(frozen=True)
class Device:
    ip: str | None
    user_agent: str


def read_device(request: Request) -> Device:
    """The address is the one our own proxy vouches for; what clients claim in headers is not looked at."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    try:
        ip: str | None = str(ipaddress.ip_address(address))
    except ValueError:
        # a unix socket has no address
        ip = None
    return Device(ip=ip, user_agent=request.headers.get("User-Agent", "").replace("\x00", "")[:256])
