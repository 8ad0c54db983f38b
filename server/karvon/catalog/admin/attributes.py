from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget

from karvon.accounts.admin_base import RoomAdmin, RoomInline, get_user, language_fieldsets
from karvon.accounts.models import User
from karvon.catalog.admin.reading import find_formset, kept_rows, read_texts
from karvon.catalog.inputs import ValueInput
from karvon.catalog.models import Attribute, AttributeChoice, AttributeType
from karvon.catalog.services import create_attribute, delete_attribute, set_choices, update_attribute
from karvon.kernel.languages import LANGUAGES

SETTINGS = ("unit", "is_filterable", "is_option", "position")


class ChoiceInline(RoomInline):
    model = AttributeChoice
    fields = ["code", *(f"label_{language}" for language in LANGUAGES), "colour", "position"]
    ordering = ["position", "id"]
    ordering_field = "position"
    hide_ordering_field = True
    # products refer to choices
    can_delete = False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "colour":
            kwargs["widget"] = UnfoldAdminColorInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Attribute)
class AttributeAdmin(RoomAdmin[Attribute]):
    list_display = ["name", "code", "type", "unit", "choices_count", "is_filterable", "is_option", "position"]
    list_filter = [("type", ChoicesDropdownFilter), "is_filterable", "is_option"]
    search_fields = ["code", "name_uz", "name_ru", "name_en", "name_ar"]
    ordering = ["position", "id"]
    inlines = [ChoiceInline]
    fieldsets = [(None, {"fields": ["code", "type", *SETTINGS]}), *language_fieldsets("name")]

    def visible(self, rows: QuerySet[Attribute], user: User) -> QuerySet[Attribute]:
        # shared by all merchants
        return rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attribute]:
        return super().get_queryset(request).annotate(number_of_choices=Count("choices"))

    def get_readonly_fields(self, request: HttpRequest, obj: Attribute | None = None) -> Any:
        # filters and files use the code, values have the type
        return [] if obj is None else ["code", "type"]

    def get_inlines(self, request: HttpRequest, obj: Attribute | None = None) -> Any:
        has_choices = obj is None or obj.type in (AttributeType.CHOICE, AttributeType.COLOUR)
        return self.inlines if has_choices else []

    def write(
        self, request: HttpRequest, row: Attribute, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Attribute:
        actor, given = get_user(request), form.cleaned_data
        particulars = {name: given[name] for name in SETTINGS}
        formset = find_formset(formsets, AttributeChoice)
        choices = [] if formset is None else _read_choices(formset)
        if not change:
            return create_attribute(
                actor=actor,
                code=given["code"],
                type=given["type"],
                names=read_texts(given, "name"),
                choices=choices,
                **particulars,
            )
        saved = update_attribute(
            attribute_id=row.pk, actor=actor, names=read_texts(given, "name"), **particulars
        )
        if choices:
            set_choices(attribute_id=row.pk, actor=actor, choices=choices)
        return saved

    def remove(self, request: HttpRequest, row: Attribute) -> None:
        delete_attribute(attribute_id=row.pk, actor=get_user(request))

    @display(description=gettext_lazy("Choices"))
    def choices_count(self, attribute: Any) -> str:
        return str(attribute.number_of_choices or "")


def _read_choices(formset: Any) -> list[ValueInput]:
    """In the order of their places; a choice that exists keeps its code, which products and filters use."""
    rows = sorted(kept_rows(formset), key=lambda form: form.cleaned_data.get("position") or 0)
    return [
        ValueInput(
            code="",
            value=form.instance.code if form.instance.pk else form.cleaned_data["code"],
            labels=read_texts(form.cleaned_data, "label"),
            colour=form.cleaned_data["colour"],
        )
        for form in rows
    ]


@admin.register(AttributeChoice)
class AttributeChoiceAdmin(RoomAdmin[AttributeChoice]):
    """Only to be found by typing, where a value is chosen."""

    offers = frozenset({"view"})
    list_select_related = ["attribute"]
    search_fields = ["code", "label_uz", "label_ru", "label_en", "label_ar", "attribute__code"]
    ordering = ["attribute__position", "position", "id"]

    def visible(self, rows: QuerySet[AttributeChoice], user: User) -> QuerySet[AttributeChoice]:
        return rows.select_related("attribute")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False
