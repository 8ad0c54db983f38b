"""The audit log, to be read: operators all of it, owners what was done to their shops. There is nothing else to do with it."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from karvon.accounts.admin_base import MomentFilter, RoomAdmin, badge
from karvon.accounts.models import User
from karvon.audit.models import AuditEntry, Change
from karvon.audit.registry import list_watched
from karvon.merchants.models import Merchant

CHANGE_COLOURS = {Change.INSERT: "success", Change.UPDATE: "info", Change.DELETE: "danger"}
# of tables that have no page of their own
NAMES = {"accounts.refreshfamily": gettext_lazy("login"), "catalog.favourite": gettext_lazy("favourite")}
_LONGEST_SUMMARY = 5


class ObjectFilter(DropdownFilter):
    """By the kind of object."""

    title = gettext_lazy("kind of object")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = [(each.model._meta.label_lower, _name_of(each.model)) for each in list_watched()]
        return sorted(kinds, key=lambda kind: kind[1].lower())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(RoomAdmin[AuditEntry]):
    offers = frozenset({"view"})
    list_display = ["created_at", "shown_person", "action", "shown_change", "shown_object", "shown_columns"]
    list_filter = [("change", ChoicesDropdownFilter), ObjectFilter, ("created_at", MomentFilter)]
    search_fields = ["=actor_label", "=action", "=object_id", "=request_id"]
    search_help_text = gettext_lazy("person, action, number of the object, or id of the request")
    empty_text = gettext_lazy("What staff, merchants and operators change is written here by itself.")
    ordering = ["-id"]
    fields = [
        "created_at",
        "shown_person",
        "action",
        "shown_change",
        "shown_object",
        "merchant_id",
        "ip",
        "request_id",
        "shown_difference",
    ]
    readonly_fields = fields

    def visible(self, rows: QuerySet[AuditEntry], user: User) -> QuerySet[AuditEntry]:
        if user.is_operator:
            return rows
        return rows.filter(merchant_id__in=Merchant.objects.filter(owner=user).order_by().values("pk"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # where the platform's own people sit is not for shops
        is_operator = getattr(request.user, "is_operator", False)
        return [name for name in self.fields if name != "ip" or is_operator]

    @display(description=gettext_lazy("Person"), ordering="actor_label")
    def shown_person(self, entry: AuditEntry) -> str:
        return f"{entry.actor_label} ({entry.actor_role})"

    @badge(description=gettext_lazy("Change"), colours=CHANGE_COLOURS, ordering="change")
    def shown_change(self, entry: AuditEntry) -> tuple[str, str]:
        return entry.change, entry.get_change_display()

    @display(description=gettext_lazy("Object"))
    def shown_object(self, entry: AuditEntry) -> str:
        return f"{_kind_of(entry)} {entry.object_id}"

    @display(description=gettext_lazy("What changed"))
    def shown_columns(self, entry: AuditEntry) -> str:
        names = list(entry.after or entry.before or {})
        shown = ", ".join(names[:_LONGEST_SUMMARY])
        return f"{shown} …" if len(names) > _LONGEST_SUMMARY else shown

    @display(description=gettext_lazy("Before and after"))
    def shown_difference(self, entry: AuditEntry) -> SafeString:
        before, after = entry.before or {}, entry.after or {}
        rows = format_html_join(
            "",
            '<tr><td>{}</td><td class="kv-text kv-before">{}</td><td class="kv-text kv-after">{}</td></tr>',
            ((name, _text(before, name), _text(after, name)) for name in sorted({*before, *after})),
        )
        head = format_html("<tr><th></th><th>{}</th><th>{}</th></tr>", _("Before"), _("After"))
        return format_html(
            '<div class="kv-scroll"><table class="kv-table kv-difference">{}{}</table></div>', head, rows
        )


def _kind_of(entry: AuditEntry) -> str:
    try:
        return _name_of(apps.get_model(entry.object_type))
    except LookupError:  # a table that is no more
        return entry.object_type


def _name_of(model: type[Model]) -> str:
    """What a kind of object is called; pairs that Django keeps in tables of their own by what they join."""
    if not model._meta.auto_created:
        return str(NAMES.get(model._meta.label_lower, model._meta.verbose_name))
    joined = [field.related_model for field in model._meta.fields if isinstance(field, ForeignKey)]
    return " – ".join(str(each._meta.verbose_name) for each in joined if isinstance(each, type))


def _text(values: dict[str, Any], name: str) -> str:
    if name not in values:
        return "—"
    value = values[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
