"""Four languages side by side, always in the order uz, ru, en, ar."""

from __future__ import annotations

from typing import NamedTuple

from karvon.kernel.languages import LANGUAGES


class Text(NamedTuple):
    uz: str
    ru: str
    en: str
    ar: str

    def columns(self, field: str) -> dict[str, str]:
        """`{"title_uz": …, "title_ru": …}`, and the bare field with the English text for models built in bulk."""
        return {f"{field}_{language}": getattr(self, language) for language in LANGUAGES}

    def join(self, *others: Text | str, separator: str = " ") -> Text:
        parts = [self, *(other if isinstance(other, Text) else Text(*[other] * 4) for other in others)]
        return Text(*(separator.join(filter(None, column)) for column in zip(*parts, strict=True)))


def fill(pattern: Text, **values: Text | str) -> Text:
    """Put words into a sentence, each language its own."""
    return Text(
        *(
            getattr(pattern, language).format(
                **{
                    key: getattr(value, language) if isinstance(value, Text) else value
                    for key, value in values.items()
                }
            )
            for language in Text._fields
        )
    )
