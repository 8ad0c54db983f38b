"""Reading translated columns: the asked language, else the merchant's, else English, else whatever there is."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, Model
from django.utils.translation import gettext as _

from karvon.kernel.errors import ValidationFailed
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
    """Set translated columns; True when one of them changed. Raises ValidationFailed for what no text may be."""
    changed = False
    check_texts(row, field, texts)
    for column, value in columns(field, texts).items():
        if (getattr(row, column) or "") != value:
            setattr(row, column, value)
            changed = True
    return changed


def all_texts(row: Model, field: str) -> dict[str, Any]:
    """{"uz": …, "ru": …, "en": …, "ar": …} as stored."""
    return {language: getattr(row, f"{field}_{language}") or "" for language in LANGUAGES}


def first_text(texts: Texts) -> str:
    """Of the first language that has one; slugs are made from it."""
    return next((text for text in (texts.get("en", ""), *texts.values()) if text), "")


def require_text(texts: Texts, field: str) -> None:
    """Raises ValidationFailed when no language has a text."""
    if not first_text(texts).strip():
        raise ValidationFailed(details={field: [_("This field may not be blank.")]})


def check_texts(row: Model, field: str, texts: Texts | None) -> None:
    """Raises ValidationFailed for control characters, and for more than the column holds."""
    column = row._meta.get_field(field)
    longest = column.max_length if isinstance(column, CharField) else None
    for text in (texts or {}).values():
        if has_control_characters(text, allows_lines=longest is None):
            raise ValidationFailed(details={field: [_("Control characters are not allowed.")]})
        if longest is not None and len(text) > longest:
            message = _("At most %(longest)s characters.") % {"longest": longest}
            raise ValidationFailed(details={field: [message]})


def has_control_characters(text: str, *, allows_lines: bool = False) -> bool:
    """NUL and its like, lone surrogates, and line breaks unless they are allowed."""
    if text.isprintable():
        return False
    allowed = "\n\r\t" if allows_lines else ""
    return any(unicodedata.category(char) in ("Cc", "Cs") and char not in allowed for char in text)
