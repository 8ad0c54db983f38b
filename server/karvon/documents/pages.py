"""The page behind the QR code of a document: the document itself, to be read, compared and printed."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from karvon.documents import pdf
from karvon.documents.answers import pdf_answer
from karvon.documents.errors import DocumentNotFound
from karvon.documents.files import read_file
from karvon.documents.models import Document
from karvon.documents.rendering import Paper, render_page
from karvon.documents.selectors import get_document_by_code
from karvon.kernel.errors import DependencyDown


def _get(code: str) -> Document:
    try:
        return get_document_by_code(code)
    except DocumentNotFound:
        raise Http404 from None


@require_safe
def document_page(request: HttpRequest, code: str) -> HttpResponse:
    """`?paper=80mm` for the printer of a till, else A4."""
    document = _get(code)
    paper = Paper.ROLL if request.GET.get("paper") == Paper.ROLL else Paper.A4
    has_pdf = bool(document.file) or pdf.is_available()
    response = HttpResponse(render_page(document, paper=paper, has_pdf=has_pdf))
    response.headers["Content-Language"] = document.language
    return _closed(response)


@require_safe
def document_file(request: HttpRequest, code: str) -> HttpResponse:
    """The same as PDF; 503 `pdf_unavailable` where none can be made."""
    document = _get(code)
    try:
        response = pdf_answer(read_file(document), name=document.number)
    except DependencyDown as error:
        response = import_string(settings.KARVON_ERROR_RESPONSE)(error, request)
    return _closed(response)


def _closed(response: HttpResponse) -> HttpResponse:
    """Nobody else learns the address or keeps what is behind it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
