"""Reading translated columns: the asked language, else the merchant's, else English, else whatever there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from karvon.kernel.languages import LANGUAGES

Texts = Mapping[str, str]


def text_in(row: Model, field: str, language: str, home: str = "en") -> str:
    """A translated field in one language, falling back."""
    for candidate in (language, home, "en", *LANGUAGES):
        value = getattr(row, f"{field}_{candidate}", None)
        if value:
            return str(value)
    return ""


def columns(field: str, texts: Texts | None) -> dict[str, str]:
    """{"title_uz": …} for the languages that are given."""
    return {f"{field}_{language}": texts[language] for language in LANGUAGES if texts and language in texts}


def assign(row: Model, field: str, texts: Texts | None) -> bool:
    """Set translated columns; True when one of them changed."""
    changed = False
    for column, value in columns(field, texts).items():
        if (getattr(row, column) or "") != value:
            setattr(row, column, value)
            changed = True
    return changed


def all_texts(row: Model, field: str) -> dict[str, Any]:
    """{"uz": …, "ru": …, "en": …, "ar": …} as stored."""
    return {language: getattr(row, f"{field}_{language}") or "" for language in LANGUAGES}
