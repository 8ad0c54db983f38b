"""Codes and SKUs made from people's words, the same ones every time."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from karvon.catalog.exchange.rows import ParsedValue

_LONGEST_CODE: Final = 64
_LONGEST_CHOICE: Final = 96
_LONGEST_SKU: Final = 100
# letters that Unicode does not take apart into an ASCII letter and a mark
_LETTERS: Final = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziyklmnoprstufxie", strict=True)),
        "ё": "yo", "ж": "j", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ў": "o",
        "қ": "q", "ғ": "g", "ҳ": "h", "ъ": "", "ь": "", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe",
        "đ": "d", "ı": "i", "ʻ": "", "ʼ": "", "‘": "", "’": "", "'": "", "`": "",
    }
)  # fmt: skip


def attribute_code(name: str) -> str:
    """ "Screen size" -> "screen-size", in letters that an address may contain."""
    return _code(name, _LONGEST_CODE)


def choice_code(label: str) -> str:
    """ "13 inch" -> "13-inch"; "1.5 L" and "15 L" stay apart."""
    return _code(label.replace(".", "-"), _LONGEST_CHOICE)


def option_value(name: str, label: str, language: str) -> ParsedValue:
    """A choice of an attribute, both named in the file's language."""
    return ParsedValue(
        code=attribute_code(name),
        names={language: name},
        type="choice",
        value=choice_code(label),
        labels={language: label},
    )


def derived_sku(handle: str, options: Sequence[ParsedValue]) -> str:
    """A SKU for a variant that has none: the same for the same product and options, run after run."""
    sku = "-".join([_code(handle, 255), *(str(option.value) for option in options)])
    return sku if len(sku) <= _LONGEST_SKU else f"{sku[: _LONGEST_SKU - 9]}-{_digest(sku)}"


def _code(text: str, longest: int) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    ascii_only = decomposed.translate(_LETTERS).encode("ascii", "ignore").decode()
    code = re.sub(r"[^a-z0-9_]+", "-", ascii_only).strip("-_")
    kept_letters = sum(map(str.isalnum, code))
    if not code or kept_letters * 2 < sum(map(str.isalnum, text)):
        # another script: what is left would not tell words apart
        code = f"{code}-{_digest(text)}".strip("-")
    return code if len(code) <= longest else f"{code[: longest - 9]}-{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(unicodedata.normalize("NFKC", text).casefold().encode()).hexdigest()[:8]
