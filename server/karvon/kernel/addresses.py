"""Whose request it is, by network address."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The caller's IP: behind N trusted proxies, the Nth `X-Forwarded-For` entry from the right; else the peer.

    Entries further left were written by the caller and prove nothing.
    """
    hops: int = settings.KARVON_TRUSTED_PROXIES
    if hops:
        chain = [
            part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()
        ]
        if len(chain) >= hops:
            return str(chain[-hops])
    return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - a name for "nobody knows"
