"""HTML into PDF by WeasyPrint, which needs Pango from the system and is loaded when the first file is made."""

from __future__ import annotations

import contextlib
import ctypes.util
import io
import logging
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from PIL import ImageFile

from karvon.documents.errors import PdfBusy, PdfUnavailable

logger = logging.getLogger(__name__)

# pages are laid out by the processor alone: more than one at a time in a process only makes all of them late
_LAYING_OUT = threading.BoundedSemaphore(1)
_WAIT_SECONDS: Final = 10.0


def render_pdf(pages: Sequence[str]) -> bytes:
    """One file of whole HTML pages, each beginning on a sheet of its own.

    Nothing is fetched: addresses of files and other servers are refused, pictures come as data in the page. Raises
    PdfUnavailable where Pango is not installed, PdfBusy when others are in front for too long.
    """
    weasyprint = _load()
    if not _LAYING_OUT.acquire(timeout=_WAIT_SECONDS):
        raise PdfBusy
    try:
        return _lay_out(weasyprint, pages)
    finally:
        _LAYING_OUT.release()


def _lay_out(weasyprint: Any, pages: Sequence[str]) -> bytes:
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    fonts = FontConfiguration()
    laid_out = [
        weasyprint.HTML(string=page, base_url=None, url_fetcher=fetcher).render(font_config=fonts)
        for page in pages
    ]
    sheets = [sheet for document in laid_out for sheet in document.pages]
    written: bytes = laid_out[0].copy(sheets).write_pdf()
    return written


@cache
def _load() -> Any:
    """The library, imported once. Raises PdfUnavailable, each time anew."""
    if not is_available():
        raise PdfUnavailable
    try:
        # it prints advice when a library is not there
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint
    except OSError as error:
        logger.warning("no PDF files: %s", str(error).splitlines()[0])
        raise PdfUnavailable from error
    # what it says about styles that it leaves out is nobody's business
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("weasyprint.progress").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    # it tells Pillow, for the whole process, to make do with pictures that are cut short; uploads are to be refused
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint


@cache
def is_available() -> bool:
    """Whether PDF files can be made here, without loading what makes them."""
    names = ("pango-1.0", "pangoft2-1.0", "gobject-2.0", "harfbuzz", "fontconfig")
    return all(ctypes.util.find_library(name) for name in names)
