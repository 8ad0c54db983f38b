"""Words that look like what was typed, by their trigrams."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.db import transaction

from karvon.catalog.search.queries import SearchWords
from karvon.catalog.window.statements import Params, fetch_all, run

ALIKE = 0.3  # of a word's trigrams, how many a title must have
NEAREST = 20
SHORT = 4  # in words of so many letters one mistake is forgiven, in longer ones two

# For each word that no product has: words of titles that share trigrams with it. The titles are found by their index.
_NEAREST = """
SELECT asked.place, near.word
FROM unnest(%s::text[]) WITH ORDINALITY AS asked(word, place)
CROSS JOIN LATERAL (
    SELECT known.word
    FROM (SELECT DISTINCT unnest(string_to_array(titles.search_title, ' ')) AS word
          FROM (SELECT w.search_title FROM catalog_windowrow AS w
                WHERE w.is_visible AND w.search_title %%> asked.word LIMIT 500) AS titles) AS known
    ORDER BY similarity(known.word, asked.word) DESC, known.word LIMIT %s::integer
) AS near
WHERE NOT EXISTS (SELECT FROM catalog_windowrow AS w
                  WHERE w.is_visible AND w.search @@ (quote_literal(asked.word) || ':*')::tsquery)
ORDER BY asked.place
"""


def correct(words: SearchWords) -> SearchWords | None:
    """The words with the nearest known ones in place of those that no product has; None when there are none."""
    asked = [forms[0] for forms in words.forms]
    near: dict[int, list[str]] = defaultdict(list)
    for place, known in fetch_similar(_NEAREST, [asked, NEAREST]):
        typed = asked[place - 1]
        if count_mistakes(typed, known) <= (1 if len(typed) <= SHORT else 2):
            near[place - 1].append(known)
    if not near:
        return None
    forms = tuple(tuple(near.get(place, given)) for place, given in enumerate(words.forms))
    return replace(words, forms=forms, raw="")


def count_mistakes(typed: str, meant: str) -> int:
    """Letters left out, added, mistaken or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for down, have in enumerate(typed, 1):
        older, before, row = before, row, [down]
        for along, want in enumerate(meant, 1):
            least = min(before[along] + 1, row[-1] + 1, before[along - 1] + (have != want))
            is_swapped = down > 1 and along > 1 and have == meant[along - 2] and typed[down - 2] == want
            row.append(min(least, older[along - 2] + 1) if is_swapped else least)
    return row[-1]


def fetch_similar(statement: str, values: Params) -> list[tuple[Any, ...]]:
    """Rows of a statement with `%>`, which means at least ALIKE here, and in this transaction only."""
    with transaction.atomic():
        run("SELECT set_config('pg_trgm.word_similarity_threshold', %s::text, true)", [str(ALIKE)])
        return fetch_all(statement, values)
