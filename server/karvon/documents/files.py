"""The files of documents: made once, kept out of the web's reach, made again where they were lost."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.core.files.base import ContentFile

from karvon.documents.models import Document
from karvon.documents.pdf import render_pdf
from karvon.documents.rendering import render_print
from karvon.documents.services import note_file
from karvon.kernel import clock
from karvon.media.storage import content_name, open_private, put_private, remove_private

FOLDER = "documents"


def read_file(document: Document) -> bytes:
    """The PDF of a document; made now where that has not been done yet. Call it outside of any transaction.

    Raises PdfUnavailable, PdfBusy, StorageFull.
    """
    if document.file:
        try:
            with open_private(document.file) as file:
                return bytes(file.read())
        except FileNotFoundError:
            pass  # lost with the disk: the snapshot is in the database
    return make_file(document)


def make_file(document: Document) -> bytes:
    """Lays the document out and keeps the result. Of several that do so at once, all answer with what the first one kept.

    Raises PdfUnavailable, PdfBusy, StorageFull.
    """
    data = render_pdf([render_print(document)])
    digest = hashlib.sha256(data).hexdigest()
    name = put_private(content_name(FOLDER, digest, ".pdf"), ContentFile(data))
    is_first = note_file(
        document_id=document.pk,
        name=name,
        digest=digest,
        size=len(data),
        instead_of=document.file,
        now=clock.now(),
    )
    if is_first:
        return data
    document.refresh_from_db(fields=["file", "file_sha256", "file_size"])
    if document.file == name:
        return data
    remove_private(name)
    with open_private(document.file) as file:
        return bytes(file.read())


def read_bundle(documents: Sequence[Document]) -> bytes:
    """Several documents as one file, each from a new sheet on; of one, its own file. Raises as `read_file`."""
    if len(documents) == 1:
        return read_file(documents[0])
    return render_pdf([render_print(document) for document in documents])
