"""The four languages, and which of them a request wants."""

from __future__ import annotations

import re
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

LANGUAGES = ("uz", "ru", "en", "ar")
DEFAULT_LANGUAGE = "en"  # of texts that were written in no other; a request without a wish gets LANGUAGE_CODE
RIGHT_TO_LEFT = frozenset({"ar"})


_QUALITY = re.compile(r"\s*[qQ]\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*")


@lru_cache(maxsize=1024)
def _pick(header: str, default: str) -> str:
    best, best_quality = default, 0.0
    for part in header[:200].split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _QUALITY.fullmatch(parameters) if parameters else None
        if parameters and weight is None:
            continue
        quality = float(weight[1]) if weight else 1.0
        if language in LANGUAGES and quality > best_quality:
            best, best_quality = language, quality
    return best


def pick_language(request: HttpRequest) -> str:
    """The best of our languages by `Accept-Language` (RFC 9110 quality values), else the shop's.

    A part with a malformed weight counts for nothing.
    """
    return _pick(request.META.get("HTTP_ACCEPT_LANGUAGE", ""), settings.LANGUAGE_CODE)
