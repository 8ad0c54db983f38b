"""What is stored of a product for finding it: a tsvector whose words are folded here, not by PostgreSQL's parser.

Weights: A titles and SKUs, B the brand, C category, tags and attributes, D descriptions. Stems of Russian, English and Arabic words
are added by PostgreSQL's own dictionaries, so that inflected forms meet.
"""

from __future__ import annotations

from collections.abc import Iterable

from karvon.catalog.search.folding import fold, folded_words
from karvon.catalog.window.facts import ProductFacts

DESCRIPTION = 1500  # characters per language
_MOST_POSITIONS = 16_000  # of a tsvector

# one record `r` of the statement that stores rows → its search vector
VECTOR_SQL = """
    r.words::tsvector
    || setweight(to_tsvector('russian', r.title_ru), 'A') || setweight(to_tsvector('english', r.title_en), 'A')
    || setweight(to_tsvector('arabic', r.title_ar), 'A')
    || setweight(to_tsvector('russian', r.description_ru), 'D')
    || setweight(to_tsvector('english', r.description_en), 'D')
    || setweight(to_tsvector('arabic', r.description_ar), 'D')
"""


def search_fields(product: ProductFacts, descriptions: Iterable[str]) -> dict[str, str]:
    """The fields of a window row that searches read; `descriptions` are plain texts in the order of languages."""
    plain = [text[:DESCRIPTION] for text in descriptions]
    return {
        "search_title": fold(" ".join(dict.fromkeys(filter(None, product.title)))),
        "words": _vector(
            ("A", [*product.title, *(variant.sku for variant in product.variants)]),
            ("B", [product.vendor]),
            ("C", _related(product)),
            ("D", plain),
        ),
        "title_ru": product.title[1],
        "title_en": product.title[2],
        "title_ar": product.title[3],
        "description_ru": plain[1],
        "description_en": plain[2],
        "description_ar": plain[3],
    }


def _related(product: ProductFacts) -> list[str]:
    found = [name for category in product.path for name in category.name]
    found += [name for tag in product.tags for name in tag.name]
    for values in (product.values, *(variant.values for variant in product.variants)):
        for value in values:
            if value.choice is not None:
                found += value.choice.label
            elif value.text:
                found.append(value.text)
    for variant in product.variants:
        found += variant.title
    return found


def _vector(*weighted: tuple[str, Iterable[str]]) -> str:
    """The text of a tsvector. Words are letters and digits only, so quoting them is enough."""
    positions: dict[str, list[str]] = {}
    at = 0
    for weight, texts in weighted:
        for text in dict.fromkeys(filter(None, texts)):
            for forms in folded_words(text):
                at += 1
                if at > _MOST_POSITIONS:
                    break
                for form in forms:
                    places = positions.setdefault(form, [])
                    if len(places) < 20:
                        places.append(f"{at}{weight}")
            at += 1  # words of two texts are not neighbours
    return " ".join(f"'{word}':{','.join(places)}" for word, places in positions.items())
