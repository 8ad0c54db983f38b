"""Translated columns in hand-written SQL."""

from __future__ import annotations

from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES


def translated_sql(alias: str, column: str, language: str, *, default_sql: str = "NULL") -> str:
    """SQL for a translated column: the asked language, then the shop's (`default_sql`), then English, then
    any.

    `language` is one of LANGUAGES; names come from code, never from a request.
    """
    if language not in LANGUAGES:
        language = DEFAULT_LANGUAGE
    chosen = f"nullif({alias}.{column}_{language}, '')"
    shops = " ".join(f"WHEN '{code}' THEN {alias}.{column}_{code}" for code in LANGUAGES)
    rest = ", ".join(
        f"nullif({alias}.{column}_{code}, '')" for code in (DEFAULT_LANGUAGE, *LANGUAGES) if code != language
    )
    return f"coalesce({chosen}, nullif(CASE {default_sql} {shops} END, ''), {rest}, '')"
