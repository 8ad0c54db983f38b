"""What somebody typed, as SQL conditions. Only letters and digits reach a tsquery, so nothing typed is an operator."""

from __future__ import annotations

import re
from dataclasses import dataclass

from karvon.catalog.search.folding import LONGEST_QUERY, MOST_WORDS, folded_words

_CYRILLIC = re.compile(r"[а-яёўқғҳ]")
_ARABIC = re.compile(r"[\u0621-\u064a]")


@dataclass(frozen=True)
class SearchWords:
    """The words of a query, each in all its folded forms; the last one may be only a beginning."""

    forms: tuple[tuple[str, ...], ...]
    raw: str

    @property
    def text(self) -> str:
        return " ".join(forms[0] for forms in self.forms)

    def to_tsquery(self, weight: str = "") -> str:
        """Every word must occur, in any of its forms."""
        parts = []
        for place, forms in enumerate(self.forms):
            is_last = place == len(self.forms) - 1
            suffix = f":{weight}{'*' if is_last else ''}" if weight or is_last else ""
            parts.append("(" + " | ".join(f"'{form}'{suffix}" for form in forms) + ")")
        return " & ".join(parts)

    @property
    def dictionary(self) -> str:
        """The PostgreSQL configuration that knows the words' stems."""
        lowered = self.raw.lower()
        if _CYRILLIC.search(lowered):
            return "russian"
        return "arabic" if _ARABIC.search(lowered) else "english"


NOTHING = SearchWords((), "")  # what no product has: a search without a letter or digit


def parse_search(text: str) -> SearchWords | None:
    """None when there is no letter or digit in it."""
    raw = text[:LONGEST_QUERY]
    forms = [word for _, word in zip(range(MOST_WORDS), folded_words(raw), strict=False)]
    return SearchWords(tuple(forms), raw.replace("\x00", " ")) if forms else None
