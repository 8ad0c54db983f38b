"""Translated texts of this room: which columns there are, and which of them a reader gets."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import get_language

from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES

TRANSLATED = {"Merchant": ("description",), "Branch": ("name", "address")}


def text_fields(model: type[Model]) -> list[str]:
    """The translated fields of a model with all their columns: `name`, `name_uz`, `name_ru`, …"""
    names = TRANSLATED[model.__name__]
    return [*names, *(f"{name}_{language}" for name in names for language in LANGUAGES)]


def text_of(row: Model, field: str, *, default_language: str) -> str:
    """The text in the reader's language, else the shop's, else English, else whichever there is."""
    asked = (get_language() or DEFAULT_LANGUAGE).partition("-")[0]
    for language in (asked, default_language, "en", *LANGUAGES):
        text = getattr(row, f"{field}_{language}", None)
        if text:
            return str(text)
    return ""
