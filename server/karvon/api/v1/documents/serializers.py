"""Invoices, receipts and credit notes as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from karvon.api.fields import RowIdField
from karvon.documents.models import Document, DocumentKind
from karvon.kernel.money import money_json
from karvon.kernel.rendering import time_json


class DocumentQuery(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=DocumentKind.choices, required=False)
    order = RowIdField(required=False)
    merchant = RowIdField(required=False)


class DocumentDetail(serializers.Serializer[Any]):
    """`total` is what an invoice asks for, a receipt acknowledges and a credit note gives back. `page` is the printable document,
    open to whoever has the address; `pdf` the file of it (`/documents/{id}/pdf/` for who is logged in). `sha256` and `size` are
    those of the file, empty and 0 until it is made.
    """

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=DocumentKind.choices)
    number = serializers.CharField()
    order = serializers.IntegerField()
    merchant = serializers.IntegerField()
    merchant_name = serializers.CharField()
    language = serializers.CharField()
    total = serializers.CharField()
    currency = serializers.CharField()
    issued_at = serializers.DateTimeField()
    page = serializers.URLField()
    pdf = serializers.URLField()
    sha256 = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField()


def document_json(document: Document) -> dict[str, Any]:
    """Reads `document.merchant`."""
    return {
        "id": document.pk,
        "kind": document.kind,
        "number": document.number,
        "order": document.order_id,
        "merchant": document.merchant_id,
        "merchant_name": document.merchant.name,
        "language": document.language,
        "total": money_json(document.total),
        "currency": document.currency,
        "issued_at": time_json(document.issued_at),
        "page": document.url,
        "pdf": document.pdf_url,
        "sha256": document.file_sha256,
        "size": document.file_size,
    }
