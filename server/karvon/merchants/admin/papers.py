"""Papers: under their merchant, and all of them as the queue that operators work through."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from karvon.accounts.admin_base import MomentFilter, ReadOnlyInline, RoomAdmin, ScopedFilter, badge, get_user
from karvon.accounts.admin_pages import long_text_field
from karvon.media.serving import serve_private
from karvon.merchants.errors import DocumentNotFound
from karvon.merchants.models import DocumentState, KycDocument, MerchantStep, StepSubject
from karvon.merchants.selectors import open_document

STATE_COLOURS = {
    DocumentState.PENDING: "info",
    DocumentState.APPROVED: "success",
    DocumentState.REJECTED: "danger",
}


class NoteForm(forms.Form):
    """A word to the owner."""

    note = long_text_field(gettext_lazy("Note"), max_length=1000, required=False)


class RequiredNoteForm(forms.Form):
    """What is wrong."""

    note = long_text_field(gettext_lazy("Note"), max_length=1000)


class RequiredReasonForm(forms.Form):
    """Why, for the merchant and for whoever looks later."""

    reason = long_text_field(gettext_lazy("Reason"), max_length=1000)


def download_link(document: KycDocument) -> SafeString:
    """Opens nothing in the browser: the file is a download."""
    address = reverse("admin:merchants_kycdocument_download", args=[document.pk])
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>', address, document.name
    )


class PaperInline(ReadOnlyInline):
    """What was handed in; the files themselves are for operators."""

    model = KycDocument
    verbose_name_plural = gettext_lazy("Papers")
    ordering = ["-id"]
    fields = ["kind", "shown_file", "shown_state", "created_at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[KycDocument]:
        self._is_operator = get_user(request).is_operator
        return super().get_queryset(request)

    @display(description=gettext_lazy("File"))
    def shown_file(self, document: KycDocument) -> str:
        return download_link(document) if self._is_operator else document.name

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS)
    def shown_state(self, document: KycDocument) -> tuple[str, str]:
        return document.state, document.get_state_display()


class StepInline(ReadOnlyInline):
    """The timeline."""

    model = MerchantStep
    verbose_name_plural = gettext_lazy("Timeline")
    ordering = ["-id"]
    fields = ["at", "subject", "shown_step", "actor_role", "note"]
    readonly_fields = fields

    @display(description=gettext_lazy("Step"))
    def shown_step(self, step: MerchantStep) -> str:
        column = {StepSubject.STATE: "state", StepSubject.KYC: "kyc_status"}[StepSubject(step.subject)]
        labels = dict(step.merchant._meta.get_field(column).flatchoices)  # type: ignore[union-attr]
        return f"{labels.get(step.from_state, step.from_state)} → {labels.get(step.to_state, step.to_state)}"


@admin.register(KycDocument)
class KycDocumentAdmin(RoomAdmin[KycDocument]):
    """Operators only; decisions are taken on the merchant's page, where all of its papers lie together."""

    offers = frozenset({"view"})
    list_display = ["shown_merchant", "kind", "shown_file", "shown_state", "created_at"]
    list_display_links = None
    list_select_related = ["merchant"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("merchant", ScopedFilter),
        ("created_at", MomentFilter),
    ]
    search_fields = ["merchant__name", "merchant__username", "name"]
    search_help_text = gettext_lazy("merchant, or name of the file")
    empty_text = gettext_lazy("Papers that merchants hand in wait here for a decision.")
    ordering = ["id"]
    fields = ["merchant", "kind", "shown_file", "shown_state", "content_type", "size_bytes", "created_at"]
    readonly_fields = fields

    def allows_row(self, request: HttpRequest, verb: str, row: Any) -> bool:
        return get_user(request).is_operator

    def get_urls(self) -> list[Any]:
        download = self.admin_site.admin_view(self.download)
        return [
            path("<int:document_id>/download/", download, name="merchants_kycdocument_download"),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, document_id: int) -> HttpResponseBase | HttpResponse:
        """The file, for who may see the row."""
        document = self.get_object(request, str(document_id))
        if document is None or not self.has_view_permission(request, document):
            raise Http404
        try:
            found, file = open_document(get_user(request), document.merchant_id, document.pk)
        except DocumentNotFound as error:
            raise Http404 from error
        return serve_private(found.name, found.content_type, file)

    @display(description=gettext_lazy("Merchant"), ordering="merchant__name")
    def shown_merchant(self, document: KycDocument) -> str:
        address = reverse("admin:merchants_merchant_change", args=[document.merchant_id])
        return format_html('<a class="font-medium" href="{}">{}</a>', address, document.merchant)

    @display(description=gettext_lazy("File"), ordering="name")
    def shown_file(self, document: KycDocument) -> str:
        return download_link(document)

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, document: KycDocument) -> tuple[str, str]:
        return document.state, document.get_state_display()
