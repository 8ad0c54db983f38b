"""Celery entry points of this room."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from karvon.documents.errors import PdfUnavailable
from karvon.documents.files import read_file
from karvon.documents.models import Document

logger = logging.getLogger(__name__)
QUEUE = "reports"


@shared_task(
    name="documents.make_file", acks_late=True, ignore_result=True, soft_time_limit=60, time_limit=90
)
def make_file_task(*, document_id: int, **_: Any) -> None:
    """The file of a document, so that nobody has to wait for it; twice is once."""
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        return
    try:
        read_file(document)
    except PdfUnavailable:
        logger.info("document %s has its page only: no PDF files are made here", document_id)


def hand_over(document_id: int) -> None:
    """Gives a document to a worker; without a broker its file is made when it is asked for."""
    try:
        make_file_task.apply_async(kwargs={"document_id": document_id}, queue=QUEUE, retry=False)
    except (OperationalError, RedisError, OSError):
        logger.warning("the broker took no file to make: document %s", document_id)
