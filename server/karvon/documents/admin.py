"""Invoices, receipts and credit notes in the back office: to look at, to print, and nothing else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from karvon.accounts.admin_base import MomentFilter, ReadOnlyInline, ScopedFilter, badge
from karvon.documents.models import Document, DocumentKind
from karvon.kernel.formats import show_amount
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.policies import Action
from karvon.orders.admin import add_order_inline

KIND_COLOURS = {
    DocumentKind.INVOICE: "info",
    DocumentKind.RECEIPT: "success",
    DocumentKind.CREDIT_NOTE: "warning",
}


class ShownDocument:
    """What lists of documents show."""

    @badge(description=gettext_lazy("kind"), colours=KIND_COLOURS, ordering="kind")
    def shown_kind(self, document: Document) -> tuple[str, str]:
        return document.kind, document.get_kind_display()

    @display(description=gettext_lazy("Amount"), ordering="total")
    def shown_total(self, document: Document) -> SafeString:
        return format_html("<bdi>{}</bdi>", show_amount(document.total, document.currency))

    @display(description=gettext_lazy("Download"))
    def shown_links(self, document: Document) -> SafeString:
        return format_html(
            '<a class="kv-link" href="{}">{}</a> · <a class="kv-link" href="{}">PDF</a>',
            document.path,
            _("Page"),
            document.pdf_path,
        )


@admin.register(Document)
class DocumentAdmin(ShownDocument, MerchantRoomAdmin[Document]):
    offers = frozenset({"view"})
    duty = None
    view_duty = Action.VIEW_REPORTS
    list_display = ["number", "shown_kind", "merchant", "order", "shown_total", "issued_at", "shown_links"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("merchant", ScopedFilter),
        ("issued_at", MomentFilter),
    ]
    list_select_related = ["merchant", "order"]
    search_fields = ["=number", "=order__number", "merchant__name"]
    search_help_text = gettext_lazy("number of the document or of the order")
    ordering = ["-id"]
    fields = [
        "number",
        "shown_kind",
        "merchant",
        "order",
        "shown_total",
        "language",
        "issued_at",
        "shown_links",
        "shown_sha256",
        "file_size",
    ]
    readonly_fields = fields

    @display(description="SHA-256")
    def shown_sha256(self, document: Document) -> SafeString | str:
        if not document.file_sha256:
            return "–"
        return format_html('<code class="kv-copy" dir="ltr">{}</code>', document.file_sha256)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("snapshot")


class DocumentInline(ShownDocument, ReadOnlyInline):
    """On the page of an order."""

    model = Document
    fields = ["number", "shown_kind", "merchant", "shown_total", "issued_at", "shown_links"]
    readonly_fields = fields
    ordering = ["id"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("merchant").defer("snapshot")


add_order_inline(DocumentInline)
