"""Where a request comes from, as remembered with a login."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from rest_framework.request import Request

from karvon.kernel.addresses import client_address


@dataclass(frozen=True)
class Device:
    ip: str | None
    user_agent: str


def read_device(request: Request) -> Device:
    """The address is the one our own proxy vouches for; what clients claim in headers is not looked at."""
    try:
        ip: str | None = str(ipaddress.ip_address(client_address(request._request)))
    except ValueError:
        # a proxy that writes no address into its header
        ip = None
    return Device(ip=ip, user_agent=request.headers.get("User-Agent", "").replace("\x00", "")[:256])
