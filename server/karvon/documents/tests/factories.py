"""Documents for tests of this room and those above."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.base import ContentFile

from karvon.documents import pdf
from karvon.documents.models import Document, DocumentKind
from karvon.documents.services import issue_documents
from karvon.media.storage import put_private
from karvon.orders.models import Order
from karvon.orders.tests.factories import make_order

# the smallest that may call itself one: for tests that are about who gets a file, not about what is in it
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n0\n%%EOF\n"

needs_pango = pytest.mark.skipif(
    not pdf.is_available(), reason="PDF files need Pango (Debian, Ubuntu: apt install libpangoft2-1.0-0)"
)


@contextmanager
def without_pango() -> Iterator[None]:
    """As on a system where its libraries are not installed."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ctypes.util.find_library", lambda _name: None)
        _forget()
        yield
    _forget()


def _forget() -> None:
    for cached in (pdf.is_available, pdf._load):
        cached.cache_clear()


def make_invoice(order: Order | None = None, *, file: bytes = b"", **fields: Any) -> Document:
    """The invoice of an order (of one merchant, paid in cash, unless told otherwise); with a file that was made before, where given."""
    order = order or make_order(**fields)
    issue_documents(order_id=order.pk)
    document = Document.objects.get(order=order, kind=DocumentKind.INVOICE)
    if file:
        digest = hashlib.sha256(file).hexdigest()
        document.file = put_private(f"documents/{digest}-{document.pk}.pdf", ContentFile(file))
        document.file_sha256, document.file_size = digest, len(file)
        document.save(update_fields=["file", "file_sha256", "file_size"])
    return document
