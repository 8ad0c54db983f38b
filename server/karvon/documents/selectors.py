"""Reads of documents, scoped by who asks."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from karvon.documents.errors import DocumentNotFound
from karvon.documents.models import Document
from karvon.merchants.selectors import merchant_ids_of

if TYPE_CHECKING:
    from karvon.orders.selectors import Principal


def documents_visible_to(principal: Principal) -> QuerySet[Document]:
    """Of a customer's own orders, a merchant's own, all for operators."""
    documents = Document.objects.order_by("id")
    if not principal.is_authenticated:
        return documents.none()
    if principal.is_operator:
        return documents
    return documents.filter(Q(order__customer=principal) | Q(merchant_id__in=merchant_ids_of(principal)))


def list_documents(
    principal: Principal, *, kind: str = "", order: int | None = None, merchant: int | None = None
) -> QuerySet[Document]:
    """What somebody may see, newest first. One query with its merchants' names."""
    documents = documents_visible_to(principal).select_related("merchant").order_by("-id")
    wanted = {"kind": kind, "order_id": order, "merchant_id": merchant}
    return documents.filter(**{name: value for name, value in wanted.items() if value}).defer("snapshot")


def documents_of_order(order_id: int, *, merchants: frozenset[int] | None) -> QuerySet[Document]:
    """Of one order, oldest first, of these merchants only where given, for who has been let in already. One query."""
    documents = Document.objects.filter(order_id=order_id).select_related("merchant").order_by("id")
    return documents if merchants is None else documents.filter(merchant_id__in=merchants)


def get_document(document_id: int, principal: Principal) -> Document:
    """One document as this person may see it. Raises DocumentNotFound."""
    document = documents_visible_to(principal).filter(pk=document_id).first()
    if document is None:
        raise DocumentNotFound
    return document


def get_document_of_holder(document_id: int, token: str) -> Document:
    """One document for whoever holds its order's token. Raises DocumentNotFound."""
    document = Document.objects.select_related("order").filter(pk=document_id).first()
    if document is None or not hmac.compare_digest(document.order.token.encode(), token.encode()):
        raise DocumentNotFound
    return document


def get_document_by_code(code: str) -> Document:
    """The document on whose paper this code stands. Raises DocumentNotFound."""
    # no code holds a NUL, which the database would not take
    document = Document.objects.filter(code=code).first() if "\x00" not in code else None
    if document is None:
        raise DocumentNotFound
    return document
