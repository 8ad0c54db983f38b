"""Files that go with a mail: looked up, and made where they are not there yet, when it is handed over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from karvon.documents.answers import file_name
from karvon.documents.errors import PdfUnavailable
from karvon.documents.files import read_file
from karvon.documents.models import Document, DocumentKind
from karvon.documents.services import issue_documents
from karvon.notifications.models import MailKind
from karvon.orders.models import Fulfilment

if TYPE_CHECKING:
    from karvon.notifications.models import Mail

logger = logging.getLogger(__name__)


def attachments_of(mail: Mail) -> Iterator[tuple[str, bytes]]:
    """(file name, PDF) of each. A mail that has none, or whose files this server cannot make, goes without.

    Raises DependencyDown when the database or the storage is away, or other files are in front for too long: later, then.
    """
    for document in _documents_of(mail):
        try:
            yield file_name(document.number), read_file(document)
        except PdfUnavailable:
            logger.info("mail %s goes without %s: no PDF files are made here", mail.pk, document.number)


def _documents_of(mail: Mail) -> QuerySet[Document]:
    """With the confirmation what was written about the order so far, with what was handed over the receipt of its seller,
    with a refund its credit note.
    """
    documents = Document.objects.order_by("pk")
    if mail.kind == MailKind.ORDER_CONFIRMATION and mail.about_id is not None:
        issue_documents(order_id=mail.about_id)
        kinds = (DocumentKind.INVOICE, DocumentKind.RECEIPT)
        return documents.filter(order_id=mail.about_id, kind__in=kinds)
    if mail.kind == MailKind.ORDER_DELIVERED and mail.about_id is not None:
        part = Fulfilment.objects.filter(pk=mail.about_id).first()
        if part is not None:
            issue_documents(order_id=part.order_id)
            return documents.filter(
                order_id=part.order_id, merchant_id=part.merchant_id, kind=DocumentKind.RECEIPT
            )
    if mail.kind == MailKind.ORDER_REFUNDED:
        return documents.filter(key=f"refund:{mail.event_id}")
    return documents.none()
