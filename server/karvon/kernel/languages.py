"""The four languages, and which of them a request wants."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest

LANGUAGES = ("uz", "ru", "en", "ar")
DEFAULT_LANGUAGE = "en"
RIGHT_TO_LEFT = frozenset({"ar"})


@lru_cache(maxsize=1024)
def _pick(header: str) -> str:
    best, best_quality = DEFAULT_LANGUAGE, 0.0
    for part in header[:200].split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and quality > best_quality:
            best, best_quality = language, quality
    return best


def pick_language(request: HttpRequest) -> str:
    """The best of our languages by `Accept-Language` (RFC 9110 quality values), else the default."""
    return _pick(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
