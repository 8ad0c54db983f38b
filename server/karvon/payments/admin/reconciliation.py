"""What providers' books and ours tell differently, and the days that were compared."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from karvon.accounts.admin_base import RoomAdmin, badge, get_user
from karvon.accounts.admin_pages import Task, get_row, show_task, text_field
from karvon.kernel.formats import show_amount
from karvon.payments.admin.shared import ProviderFilter, ShownProvider
from karvon.payments.models import Difference, DifferenceKind, ReconciliationRun
from karvon.payments.services import settle_difference

KIND_COLOURS = {
    DifferenceKind.MISSING_HERE: "danger",
    DifferenceKind.MISSING_THERE: "danger",
    DifferenceKind.AMOUNT: "danger",
    DifferenceKind.STATE: "warning",
    DifferenceKind.DISPUTE: "warning",
    DifferenceKind.UNBOOKED: "info",
    DifferenceKind.NOT_COMPARED: "warning",
}


class NoteForm(forms.Form):
    note = text_field(gettext_lazy("What came of it"), max_length=255)


class OpenFilter(admin.SimpleListFilter):
    """Those that nobody has settled come first: they are what the page is for."""

    title = gettext_lazy("settled")
    parameter_name = "settled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", _("Open")), ("yes", _("Settled"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        return queryset.filter(Q(resolved_at__isnull=self.value() == "no"))


@admin.register(Difference)
class DifferenceAdmin(ShownProvider, RoomAdmin[Difference]):
    """Found by comparing and by events that do not fit; a person settles each with a note."""

    offers = frozenset({"view"})
    list_display = ["reference", "shown_kind", "shown_provider", "ours", "theirs", "found_at", "resolved_at"]
    list_filter = [OpenFilter, ("kind", ChoicesDropdownFilter), ProviderFilter]
    search_fields = ["reference", "payment__order__number"]
    search_help_text = gettext_lazy("Reference at the provider, or number of the order")
    ordering = ["-found_at", "-id"]
    actions_detail = ["settle"]

    @badge(description=gettext_lazy("Kind"), colours=KIND_COLOURS, ordering="kind")
    def shown_kind(self, row: Difference) -> tuple[str, str]:
        return row.kind, row.get_kind_display()

    @action(description=gettext_lazy("Settle…"), permissions=["settle"])
    def settle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        found = get_row(self, request, object_id, verb="view")

        def run(data: dict[str, Any]) -> str:
            settle_difference(difference_id=found.pk, actor=get_user(request), note=data["note"])
            return _("The difference is settled.")

        task = Task(
            title=_("Settle a difference"),
            submit=_("Settle"),
            run=run,
            form=NoteForm,
            explanation=_(
                "Nothing is booked by this: it says that a person has looked, and what came of it."
            ),
        )
        return show_task(self, request, task, row=found)

    def has_settle_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return get_user(request).is_operator


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ShownProvider, RoomAdmin[ReconciliationRun]):
    """Each day of each account, ours beside theirs."""

    offers = frozenset({"view"})
    list_display = [
        "day",
        "shown_provider",
        "our_count",
        "shown_ours",
        "their_count",
        "shown_theirs",
        "shown_verdict",
    ]
    list_filter = [ProviderFilter]
    date_hierarchy = "day"
    ordering = ["-day", "provider"]

    @display(description=gettext_lazy("Sum here"))
    def shown_ours(self, row: ReconciliationRun) -> str:
        return show_amount(row.our_total, row.currency)

    @display(description=gettext_lazy("Sum there"))
    def shown_theirs(self, row: ReconciliationRun) -> str:
        return show_amount(row.their_total, row.currency)

    @badge(description=gettext_lazy("Agrees"), colours={"yes": "success", "no": "danger"})
    def shown_verdict(self, row: ReconciliationRun) -> tuple[str, str]:
        agrees = (row.our_count, row.our_total) == (row.their_count, row.their_total)
        return ("yes", _("Yes")) if agrees else ("no", _("No"))
