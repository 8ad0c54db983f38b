"""Addresses as clients on other hosts need them."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.request import Request


def site_of(request: HttpRequest | Request) -> str:
    """Scheme and host of this request."""
    return f"{request.scheme}://{request.get_host()}"


def absolute(site: str, address: str | None) -> str | None:
    """A path of ours with the host in front; whole addresses (files on another host) and None stay."""
    if address is None or "://" in address:
        return address
    return site + address
