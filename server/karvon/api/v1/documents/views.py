"""Invoices, receipts and credit notes."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from karvon.accounts.authentication import get_caller
from karvon.accounts.permissions import AllowAny, IsAuthenticated
from karvon.api.holders import find_asked
from karvon.api.pages import PagedView
from karvon.api.schema import errors
from karvon.api.v1.documents import examples
from karvon.api.v1.documents import serializers as s
from karvon.api.v1.orders.asking import read_asked_order, read_token
from karvon.api.v1.orders.serializers import OrderTokenQuery
from karvon.documents import selectors, services
from karvon.documents.answers import pdf_answer
from karvon.documents.errors import NotInvoicedYet
from karvon.documents.files import read_bundle, read_file
from karvon.documents.models import DocumentKind

TAGS = ["documents"]
PDF: Any = {(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)}


class OrderInvoiceView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="orders_invoice",
        tags=TAGS,
        summary="The invoice of an order, as PDF",
        parameters=[OrderTokenQuery],
        responses={**PDF, **errors(400, 401, 404, 409, 429, 503)},
    )
    def get(self, request: Request, order_id: int) -> HttpResponse:
        """One invoice for each merchant of the order, each from a new sheet on; a merchant gets its own. Guests send the order's
        `token`. 409 `not_invoiced_yet` until the order is confirmed; 503 `pdf_unavailable` where the server cannot make PDF
        files: `/orders/{id}/documents/` has the printable pages then.
        """
        order, scope = read_asked_order(request, order_id)
        services.issue_documents(order_id=order.pk)
        documents = selectors.documents_of_order(order.pk, merchants=scope)
        invoices = list(documents.filter(kind=DocumentKind.INVOICE))
        if not invoices:
            raise NotInvoicedYet
        name = invoices[0].number if len(invoices) == 1 else f"invoices-{order.number}"
        return pdf_answer(read_bundle(invoices), name=name)


class OrderDocumentListView(PagedView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="orders_documents",
        tags=TAGS,
        summary="Invoices, receipts and credit notes of an order",
        parameters=[OrderTokenQuery],
        responses={200: s.DocumentDetail(many=True), **errors(400, 401, 404, 429)},
        examples=[examples.DOCUMENT_ANSWER],
    )
    def get(self, request: Request, order_id: int) -> Response:
        """Oldest first; a merchant sees its own. Guests send the order's `token`."""
        order, scope = read_asked_order(request, order_id)
        services.issue_documents(order_id=order.pk)
        rows = selectors.documents_of_order(order.pk, merchants=scope)
        return self.answer_page(rows, lambda page: [s.document_json(each) for each in page])


class DocumentListView(PagedView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="documents_list",
        tags=TAGS,
        summary="Invoices, receipts and credit notes, newest first",
        parameters=[s.DocumentQuery],
        responses={200: s.DocumentDetail(many=True), **errors(400, 401, 429)},
        examples=[examples.DOCUMENT_ANSWER],
    )
    def get(self, request: Request) -> Response:
        """Of a customer's own orders, a merchant's own, all for operators."""
        query = s.DocumentQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = selectors.list_documents(get_caller(request), **query.validated_data)
        return self.answer_page(rows, lambda page: [s.document_json(each) for each in page])


class DocumentFileView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="documents_pdf",
        tags=TAGS,
        summary="A document, as PDF",
        parameters=[OrderTokenQuery],
        responses={**PDF, **errors(400, 401, 404, 429, 503)},
    )
    def get(self, request: Request, document_id: int) -> HttpResponse:
        """404 for strangers. Guests send the order's `token`. 503 `pdf_unavailable` where the server cannot make PDF files; the
        document's `page` can be printed instead.
        """
        document = find_asked(
            request,
            read_token(request),
            held=lambda token: selectors.get_document_of_holder(document_id, token),
            own=lambda caller: selectors.get_document(document_id, caller),
        )
        return pdf_answer(read_file(document), name=document.number)
