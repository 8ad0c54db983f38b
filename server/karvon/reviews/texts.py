"""What people write, made fit to be kept: plain text without control characters."""

from __future__ import annotations

import unicodedata

# what turns the reading direction over and so makes text say something else than it shows
_DIRECTION_OVERRIDES = frozenset("\u202d\u202e\u202a\u202b\u2066\u2067\u2068")


def clean_text(raw: str, *, is_multiline: bool) -> str:
    """The text in composed form, without control and direction-override characters; lines kept if asked
    for.
    """
    kept = "".join(character for character in unicodedata.normalize("NFC", raw) if _is_kept(character))
    if is_multiline:
        return "\n".join(line.rstrip() for line in kept.splitlines()).strip()
    return " ".join(kept.split())


def _is_kept(character: str) -> bool:
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in {"Cc", "Cs"} and character not in _DIRECTION_OVERRIDES
