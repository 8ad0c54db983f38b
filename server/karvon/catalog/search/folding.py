"""One form for all spellings, applied to what is stored and to what is asked.

Uzbek is written in Latin and in Cyrillic, and its o‘ and g‘ with half a dozen apostrophes: Cyrillic is turned into Latin by the
official 1995 alphabet's rules and apostrophes are dropped. Russian words become Latin the same way on both sides, so they meet. Arabic
loses tatweel and vowel marks, and its alef forms become one.
"""

from __future__ import annotations

import re
import unicodedata

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "j", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "x", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ў": "o", "қ": "q", "ғ": "g", "ҳ": "h",
}  # fmt: skip
_APOSTROPHES = "'ʻʼ‘’`´ʹ′＇"
_ARABIC = {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": ""}
_TABLE = str.maketrans({**_CYRILLIC, **_ARABIC, **dict.fromkeys(_APOSTROPHES, "")})
_WORD = re.compile(r"\w+")
# й and ё must not be taken apart before they are looked up
_KEEP = str.maketrans({"й": "\ue000", "ё": "\ue001", "ў": "\ue002"})
_GIVE_BACK = str.maketrans({"\ue000": "й", "\ue001": "ё", "\ue002": "ў"})


def fold(text: str) -> str:
    """Lower-case words in the common form, parted by single blanks."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_KEEP)
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(_WORD.findall(text.translate(_GIVE_BACK).translate(_TABLE)))


def words_of(text: str, limit: int = 12) -> list[str]:
    """The folded words of a query; at most `limit` of at most 40 characters."""
    return [word[:40] for word in fold(text[:300]).split()[:limit]]


def prefix_query(words: list[str]) -> str:
    """A tsquery in which every word must occur, the last one as a beginning."""
    # words are \w only, so none of them can be an operator
    return " & ".join([f"'{word}'" for word in words[:-1]] + [f"'{words[-1]}':*"])
