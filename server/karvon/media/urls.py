"""Addresses of stored files, cheap enough to be worked out thousands of times while window bodies are
written.
"""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings


def asset_url(file: str) -> str:
    """The public address of a stored file: KARVON_MEDIA_URL (a path here, or another host) and the storage
    name.
    """
    return f"{settings.KARVON_MEDIA_URL}{quote(file)}"
