"""HTML that merchants write, made harmless before it is stored."""

from __future__ import annotations

import re
from html import unescape

import nh3

TAGS = {"p", "br", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "h2", "h3", "h4", "h5", "h6", "blockquote",
        "a", "table", "thead", "tbody", "tr", "th", "td", "span", "div", "hr", "sub", "sup", "code", "pre"}  # fmt: skip
_SPACE = re.compile(r"\s+")


def clean_html(text: str) -> str:
    """Only text markup and links that leave with `rel="nofollow noopener"`; scripts, styles and handlers are gone."""
    if "<" not in text and "&" not in text:
        return text.strip()
    return nh3.clean(
        text,
        tags=TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener",
    ).strip()


def to_plain(text: str) -> str:
    """The words alone, on one line."""
    if "<" in text:
        text = nh3.clean(text.replace("<", " <"), tags=set())
    return _SPACE.sub(" ", unescape(text)).strip()


def excerpt(plain: str, limit: int) -> str:
    """At most `limit` characters, cut at a word's end."""
    if len(plain) <= limit:
        return plain
    return plain[:limit].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
