"""A mail's subject and its two bodies, from the templates of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from karvon.kernel.formats import direction_of
from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES

LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class RenderedMail:
    language: str
    subject: str
    text: str
    html: str


def speak(language: str) -> str:
    """The language a mail is written in: the asked one where it is offered."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def render_mail(kind: str, *, language: str, context: Mapping[str, Any]) -> RenderedMail:
    """Templates `<kind>.subject.txt`, `<kind>.txt` and `<kind>.html`, in this language."""
    language = speak(language)
    names = {**context, "language": language, "direction": direction_of(language)}
    folder = "notifications/mail"
    with translation.override(language):
        subject = render_to_string(f"{folder}/{kind}.subject.txt", names)
        text = render_to_string(f"{folder}/{kind}.txt", names)
        html = render_to_string(f"{folder}/{kind}.html", names)
    return RenderedMail(language=language, subject=_one_line(subject), text=_squeeze(text), html=html.strip())


def _one_line(text: str) -> str:
    """A header is one line, whatever was in the names it is made of."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:LONGEST_SUBJECT]


def _squeeze(text: str) -> str:
    """Template tags leave empty lines behind: at most one in a row is meant."""
    lines: list[str] = []
    for line in (raw.rstrip() for raw in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
