from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from karvon.accounts.admin_base import RoomInline, ScopedFilter, get_user, language_fieldsets
from karvon.catalog.admin.reading import find_formset, kept_rows, read_texts
from karvon.catalog.models import Modifier, ModifierGroup
from karvon.catalog.services import create_modifier_group, delete_modifier_group, update_modifier_group
from karvon.catalog.services.modifiers import ModifierInput
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.admin_base import MerchantRoomAdmin


class ModifierInline(RoomInline):
    model = Modifier
    fields = [*(f"name_{language}" for language in LANGUAGES), "price_delta", "is_active", "position"]
    ordering = ["position", "id"]
    ordering_field = "position"
    hide_ordering_field = True
    # carts and orders refer to modifiers: they are switched off
    can_delete = False


@admin.register(ModifierGroup)
class ModifierGroupAdmin(MerchantRoomAdmin[ModifierGroup]):
    list_display = ["name", "merchant", "min_picks", "max_picks", "modifiers_count"]
    list_select_related = ["merchant"]
    list_filter = [("merchant", ScopedFilter)]
    search_fields = ["name_uz", "name_ru", "name_en", "name_ar", "merchant__name"]
    ordering = ["merchant_id", "id"]
    autocomplete_fields = ["merchant"]
    inlines = [ModifierInline]
    fieldsets = [(None, {"fields": ["merchant", "min_picks", "max_picks"]}), *language_fieldsets("name")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModifierGroup]:
        return super().get_queryset(request).annotate(number_of_modifiers=Count("modifiers"))

    def get_readonly_fields(self, request: HttpRequest, obj: ModifierGroup | None = None) -> Any:
        return [] if obj is None else ["merchant"]

    def write(
        self, request: HttpRequest, row: ModifierGroup, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> ModifierGroup:
        given, formset = form.cleaned_data, find_formset(formsets, Modifier)
        shared: dict[str, Any] = {
            "actor": get_user(request),
            "names": read_texts(given, "name"),
            "min_picks": given["min_picks"],
            "max_picks": given["max_picks"],
            "modifiers": [] if formset is None else _read_modifiers(formset),
        }
        if change:
            return update_modifier_group(group_id=row.pk, **shared)
        return create_modifier_group(merchant_id=given["merchant"].pk, **shared)

    def remove(self, request: HttpRequest, row: ModifierGroup) -> None:
        delete_modifier_group(group_id=row.pk, actor=get_user(request))

    @display(description=gettext_lazy("Modifiers"))
    def modifiers_count(self, group: Any) -> int:
        return int(group.number_of_modifiers)


def _read_modifiers(formset: Any) -> list[ModifierInput]:
    rows = sorted(kept_rows(formset), key=lambda form: form.cleaned_data.get("position") or 0)
    return [
        ModifierInput(
            id=form.instance.pk,
            names=read_texts(form.cleaned_data, "name"),
            price_delta=form.cleaned_data["price_delta"],
            is_active=form.cleaned_data["is_active"],
        )
        for form in rows
    ]
