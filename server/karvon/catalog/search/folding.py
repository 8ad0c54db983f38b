"""One form for all spellings, applied to what is stored and to what is asked.

Uzbek is written in Latin and in Cyrillic, and its o‘ and g‘ with half a dozen apostrophes: Cyrillic is turned into Latin by the
rules of the 1995 alphabet, and apostrophes are dropped. Russian words become Latin the same way on both sides, so they meet. Where
the two languages read a letter differently (ё, е at the beginning), a word has two forms: both are stored, and either is found.
Arabic loses tatweel and vowel marks, and its alef, ya and ta forms become one. Accents go.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "j", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "x", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ў": "o", "қ": "q", "ғ": "g", "ҳ": "h",
}  # fmt: skip
_APOSTROPHES = "'ʻʼ‘’‛`´ʹʽʾʿ′＇"
_ARABIC = {
    "أ": "ا",
    "إ": "ا",
    "آ": "ا",
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ئ": "ي",
    "ؤ": "و",
    "ة": "ه",
    "ک": "ك",
    "ـ": "",
}
_LATIN = {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
_DIGITS = {chr(start + digit): str(digit) for start in (0x660, 0x6F0) for digit in range(10)}
# before accents are taken off: й and ў would lose theirs
_LETTERS = str.maketrans({**_ARABIC, **_LATIN, **_DIGITS})
# what is inside words and no letter: apostrophes, accents that are characters of their own, Arabic vowel marks
_MARKS = str.maketrans(
    dict.fromkeys(
        [
            *_APOSTROPHES,
            *(
                chr(code)
                for first, last in (
                    (0x300, 0x36F),
                    (0x610, 0x61A),
                    (0x64B, 0x65F),
                    (0x670, 0x670),
                    (0x6D6, 0x6ED),
                )
                for code in range(first, last + 1)
            ),
        ],
        "",
    )
)
_TO_LATIN = str.maketrans(_CYRILLIC)
_TO_LATIN_RUSSIAN = str.maketrans({**_CYRILLIC, "ё": "e"})
_WORD = re.compile(r"[^\W_]+")
LONGEST_WORD = 40
LONGEST_QUERY = 200
MOST_WORDS = 8


def fold(text: str) -> str:
    """Lower-case words in their first form, parted by single blanks."""
    return " ".join(forms[0] for forms in folded_words(text))


def folded_words(text: str) -> Iterator[tuple[str, ...]]:
    """Each word's forms, the usual one first."""
    # accents join their letters first: й and ў have one; an apostrophe must not become a blank and an accent
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFC", text).translate(_MARKS))
    for word in _WORD.findall(composed.casefold().translate(_LETTERS).translate(_MARKS)):
        forms = _forms(word)
        if forms:
            yield forms


@lru_cache(maxsize=1 << 16)
def _forms(word: str) -> tuple[str, ...]:
    forms = [word.translate(_TO_LATIN)]
    if "ё" in word:
        forms.append(word.translate(_TO_LATIN_RUSSIAN))
    if word.startswith("е"):
        forms.append("y" + word.translate(_TO_LATIN))
    bare = (_without_marks(form)[:LONGEST_WORD] for form in forms)
    return tuple(dict.fromkeys(filter(None, bare)))


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    parted = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parted if char.isalnum())
