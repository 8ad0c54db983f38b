"""The query string of the product list, parsed by hand against an allow-list. Unknown names are ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from karvon.api.products.cursors import decode_cursor
from karvon.catalog.search.queries import NOTHING, SearchWords, parse_search
from karvon.catalog.selectors import find_filter_ids
from karvon.catalog.window.query import ORDERINGS, WindowQuery
from karvon.kernel.errors import ValidationFailed

PAGE_SIZE: Final = 20
LARGEST_PAGE: Final = 100
DEEPEST: Final = 10_000  # rows skipped by page numbers
MOST_ATTRIBUTES: Final = 20
MOST_VALUES: Final = 30
MOST_ORDERINGS: Final = 4
_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,3})?", re.ASCII)
_ATTRIBUTE = re.compile(r"attr_([A-Za-z0-9_-]{1,64})", re.ASCII)
_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True)
class Vocabulary:
    """What a door calls the filters and orders that doors call differently."""

    price_min: str = "price_min"
    price_max: str = "price_max"
    price_above: str = ""  # without the bound itself; "" where a door has no such filter
    price_below: str = ""
    category: str = "category"
    size: int = PAGE_SIZE
    orderings: Mapping[str, str] = field(default_factory=lambda: {name: name for name in ORDERINGS})


CANONICAL: Final = Vocabulary()


@dataclass(frozen=True)
class Asked:
    """A list request. `query` is None when nothing can match: it names what is not there, or
    searches for no letter at all."""

    query: WindowQuery | None
    page: int
    size: int
    by_cursor: bool
    wants_facets: bool


def parse_request(given: QueryDict, language: str, words: Vocabulary = CANONICAL) -> Asked:
    """Raises ValidationFailed for values of the wrong kind, under the door's own names."""
    if not given:
        query = WindowQuery(language=language, limit=words.size)
        return Asked(query, 1, words.size, by_cursor=False, wants_facets=False)
    page, size = _whole(given, "page", 1), min(_whole(given, "page_size", words.size), LARGEST_PAGE)
    by_cursor = "cursor" in given
    query = WindowQuery(
        language=language,
        branch_id=_whole(given, "branch", 0) or None,
        attributes=_attributes(given),
        search=_search(given),
        ordering=_ordering(given.get("ordering", ""), words.orderings),
        offset=0 if by_cursor else min((page - 1) * size, DEEPEST),
        limit=size,
        **_plain_filters(given, words),
    )
    if by_cursor and given["cursor"]:
        query = _placed(query, given["cursor"])
    found = None if query.search is NOTHING else _resolve(given, query, words)
    return Asked(found, 1 if by_cursor else page, size, by_cursor, _flag(given, "facets") or False)


def refuse_depth() -> ValidationFailed:
    """For a page that is there, but too far down to be counted off."""
    message = _("Pages this deep are not counted off: follow `next` from `?cursor=` instead.")
    return ValidationFailed(code="page_too_deep", details={"page": [message]})


def _plain_filters(given: QueryDict, words: Vocabulary) -> dict[str, Any]:
    return {
        "price_min": _amount(given, words.price_min),
        "price_max": _amount(given, words.price_max),
        "price_above": _amount(given, words.price_above),
        "price_below": _amount(given, words.price_below),
        "rating_min": _amount(given, "rating_min"),
        "in_stock": _flag(given, "in_stock"),
        "tag": given.get("tag", "")[:80] or None,
    }


def _resolve(given: QueryDict, query: WindowQuery, words: Vocabulary) -> WindowQuery | None:
    """Names of categories, collections and merchants as ids: one query for all of them, none for numbers."""
    asked = {name: given.get(name, "")[:200] for name in ("collection", "merchant")}
    asked["category"] = given.get(words.category, "")[:200]
    if not any(asked.values()):
        return query
    found = find_filter_ids(**asked)
    if found is None:
        return None
    category_id, collection_id, merchant_id = found
    return replace(query, category_id=category_id, collection_id=collection_id, merchant_id=merchant_id)


def _placed(query: WindowQuery, cursor: str) -> WindowQuery:
    values = decode_cursor(cursor, query)
    if not query.by_relevance:
        return replace(query, after=values)
    if int(values[0]) >= DEEPEST:
        raise _bad("cursor", _("So many results are not ranked; narrow the search, or give an ordering."))
    return replace(query, offset=int(values[0]))


def _search(given: QueryDict) -> SearchWords | None:
    text = given.get("search", "").strip()
    if not text:
        return None
    return parse_search(text) or NOTHING


def _attributes(given: QueryDict) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for name in sorted(given):
        if (match := _ATTRIBUTE.fullmatch(name)) and len(found) < MOST_ATTRIBUTES:
            values = tuple(dict.fromkeys(value[:160] for value in given.getlist(name)[:MOST_VALUES] if value))
            if values:
                found.append((match[1], values))
    return tuple(found)


def _ordering(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(names) > MOST_ORDERINGS or any(name.removeprefix("-") not in known for name in names):
        raise _bad("ordering", _("Up to four of: %(names)s.") % {"names": ", ".join(known)})
    return tuple(("-" if name[0] == "-" else "") + known[name.removeprefix("-")] for name in names)


def _parsed(given: QueryDict, name: str, parse: Callable[[str], Any], message: str) -> Any:
    value = given.get(name, "").strip()
    if not value:
        return None
    found = parse(value)
    if found is None:
        raise _bad(name, message)
    return found


def _whole(given: QueryDict, name: str, default: int) -> int:
    """From 1; an empty value is a bad number for pages."""
    if name not in given:
        return default
    value = given.get(name, "").strip()
    if not _WHOLE.fullmatch(value) or int(value) < 1:
        raise _bad(name, _("A whole number from 1 is needed."))
    return int(value)


def _amount(given: QueryDict, name: str) -> Decimal | None:
    found = _parsed(
        given, name, lambda text: Decimal(text) if _AMOUNT.fullmatch(text) else None, _("A number is needed.")
    )
    return found if isinstance(found, Decimal) else None


def _flag(given: QueryDict, name: str) -> bool | None:
    found = _parsed(given, name, lambda text: _FLAGS.get(text.lower()), _("true or false is needed."))
    return found if isinstance(found, bool) else None


def _bad(name: str, message: str) -> ValidationFailed:
    return ValidationFailed(details={name: [message]})
