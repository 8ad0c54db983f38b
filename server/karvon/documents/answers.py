"""Documents over HTTP, the same at every door and on every page."""

from __future__ import annotations

import re

from django.http import HttpResponse

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def pdf_answer(data: bytes, *, name: str) -> HttpResponse:
    """A PDF to be looked at or kept; no cache on the way keeps it."""
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{file_name(name)}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def file_name(name: str) -> str:
    """ "INV-2026-000012" → "INV-2026-000012.pdf", whatever the name holds."""
    return f"{_UNSAFE.sub('-', name).strip('-') or 'document'}.pdf"
