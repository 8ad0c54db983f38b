"""Papers that strangers send: pictures written anew, and PDF files that are nothing but that.

What a file is, its content decides, whatever its name and type say. A PDF cannot be written anew without losing what
makes it a document, so it is kept as it came - never shown by us, only handed over as a download - and refused where it
carries more than pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from karvon.media.errors import BrokenDocument, DocumentTooLarge, ImageTooLarge, UnsupportedDocument
from karvon.media.images import clean_image, is_recognised, read_bounded

_HEAD: Final = re.compile(rb"%PDF-[12]\.\d[\r\n ]")
_END: Final = b"%%EOF"
# the last mark, and then nothing but line ends: a second file (an archive reads from its end) would come after it
_TAIL: Final = re.compile(rb"startxref\s+\d+\s+%%EOF[\s\x00]{0,64}\Z")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE: Final = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)\b"
)


@dataclass(frozen=True)
class CleanDocument:
    """What is kept of an upload."""

    data: bytes
    content_type: str
    extension: str


def read_document(source: BinaryIO, *, max_bytes: int) -> bytes:
    """All of an upload. Raises DocumentTooLarge without reading much past the limit."""
    try:
        return read_bounded(source, max_bytes=max_bytes)
    except ImageTooLarge:
        raise DocumentTooLarge(
            _("The file is larger than %(limit)s kB.") % {"limit": max_bytes // 1024}
        ) from None


def clean_document(data: bytes) -> CleanDocument:
    """A picture written anew, or a PDF as it came.

    Raises UnsupportedDocument (neither), BrokenDocument (a PDF that is cut off, has something behind its end, or does
    more than show pages) and what `clean_image` raises.
    """
    if data.startswith(b"%PDF-"):
        _check_pdf(data)
        return CleanDocument(data, "application/pdf", "pdf")
    if not data:
        raise BrokenDocument(_("The file is empty."))
    if not is_recognised(data[:16]):
        raise UnsupportedDocument
    picture = clean_image(data)
    return CleanDocument(picture.data, picture.content_type, picture.extension)


def _check_pdf(data: bytes) -> None:
    if not _HEAD.match(data) or not _TAIL.search(data[-256:]):
        raise BrokenDocument
    # names may be written with escapes: /J#61vaScript
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)
    if _ACTIVE.search(plain):
        raise BrokenDocument(_("A PDF with scripts, forms or files inside is not accepted."))
