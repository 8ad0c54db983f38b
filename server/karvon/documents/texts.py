"""Names that strangers chose, made fit for paper."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 200
# first strong isolate … pop directional isolate: what stands between turns nothing outside, in browsers as in Pango
_OPEN, _CLOSE = "\u2068", "\u2069"
# joiners, which Persian and emoji are spelled with, are no decoration
_KEPT: Final = frozenset("\u200c\u200d")


def isolate(text: str) -> str:
    """The text in a direction of its own; "" stays "". For amounts, numbers and whatever people have typed."""
    return f"{_OPEN}{text}{_CLOSE}" if text else ""


def tidy(text: str) -> str:
    """One line of visible characters, isolated: without controls, marks that turn the direction, zero-width spaces and lone
    surrogates, and no longer than anybody reads.
    """
    visible = "".join(_plain(character) for character in text)
    line = " ".join(visible.split())
    return isolate(line if len(line) <= LONGEST else line[: LONGEST - 1] + "…")


def _plain(character: str) -> str:
    if character in _KEPT:
        return character
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cs", "Co", "Cn") else character
