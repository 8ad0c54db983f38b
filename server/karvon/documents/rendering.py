"""The one template: the printable page, and what PDF files are made of."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation

from karvon.documents.models import Document
from karvon.documents.sheets import read_sheet

STYLES = Path(__file__).parent / "static" / "documents" / "document.css"


class Paper(StrEnum):
    """What a document is printed on."""

    A4 = "a4"
    ROLL = "80mm"


def render_page(document: Document, *, paper: Paper = Paper.A4, has_pdf: bool = False) -> str:
    """The page for a browser: it fetches the style sheet and nothing else. `has_pdf` offers the file."""
    return _render(
        document,
        {
            "paper": paper.value,
            "other": (Paper.ROLL if paper is Paper.A4 else Paper.A4).value,
            "is_page": True,
            "pdf": document.pdf_path if has_pdf else "",
        },
    )


def render_print(document: Document) -> str:
    """The same on A4 with its styles inside: it fetches nothing."""
    return _render(document, {"paper": Paper.A4.value, "is_page": False, "styles": read_styles()})


def _render(document: Document, options: dict[str, object]) -> str:
    with translation.override(document.language):
        return render_to_string("documents/document.html", {"sheet": read_sheet(document), **options})


@cache
def read_styles() -> str:
    return STYLES.read_text()
