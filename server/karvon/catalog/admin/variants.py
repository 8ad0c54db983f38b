from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from karvon.accounts.admin_base import RoomInline, ScopedFilter, get_user, language_fieldsets
from karvon.catalog.admin.reading import find_formset, read_texts, read_values
from karvon.catalog.admin.values import ValueInline
from karvon.catalog.inputs import ProductInput, VariantInput
from karvon.catalog.models import Variant, VariantAttribute
from karvon.catalog.services import update_product
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.admin_base import MerchantRoomAdmin

UNREAD = ["product__description", *(f"product__description_{language}" for language in LANGUAGES)]
NUMBERS = ["sku", "price", "compare_at_price", "barcode", "weight_grams", "tracks_stock", "is_active"]


def read_variant(form: Any, **more: Any) -> VariantInput:
    """What a form says of a variant; a row that exists keeps its SKU, which is what it is known by."""
    given = form.cleaned_data
    return VariantInput(
        sku=form.instance.sku if form.instance.pk else given["sku"],
        price=given["price"],
        compare_at_price=given["compare_at_price"],
        clears_compare_at_price=given["compare_at_price"] is None,
        barcode=given["barcode"],
        weight_grams=given["weight_grams"],
        tracks_stock=given["tracks_stock"],
        is_active=given["is_active"],
        **more,
    )


class VariantForm(forms.ModelForm[Variant]):
    """A variant is known by its SKU, in files and orders: once it is there, it stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "sku" in self.fields:
            self.fields["sku"].disabled = True


class VariantInline(RoomInline):
    model = Variant
    fields = NUMBERS
    ordering = ["position", "id"]
    show_change_link = True
    # orders and stock refer to variants: they are switched off, not removed
    can_delete = False
    tab = True
    form = VariantForm

    def get_min_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1 if obj is None else 0


class VariantAttributeInline(ValueInline):
    model = VariantAttribute


@admin.register(Variant)
class VariantAdmin(MerchantRoomAdmin[Variant]):
    """One variant with its options and names; new ones are made on their product's page."""

    offers = frozenset({"view", "change"})
    list_display = ["sku", "shown_product", "title", "price", "barcode", "is_active"]
    list_select_related = ["product__merchant"]
    list_filter = ["is_active", "tracks_stock", ("merchant", ScopedFilter)]
    search_fields = ["sku", "barcode", "product__title_uz", "product__title_ru", "product__title_en"]
    ordering = ["-id"]
    readonly_fields = ["product", "sku"]
    inlines = [VariantAttributeInline]
    fieldsets = [(None, {"fields": ["product", *NUMBERS]}), *language_fieldsets("title")]

    def visible(self, rows: QuerySet[Variant], user: Any) -> QuerySet[Variant]:
        return super().visible(rows.filter(product__deleted_at__isnull=True).defer(*UNREAD), user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        # reached from products
        return False

    def write(
        self, request: HttpRequest, row: Variant, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Variant:
        values = find_formset(formsets, VariantAttribute)
        variant = read_variant(
            form,
            titles=read_texts(form.cleaned_data, "title"),
            options=None if values is None else read_values(values),
        )
        data = ProductInput(variants=(variant,))
        update_product(product_id=row.product_id, product=data, actor=get_user(request))
        return row

    @display(description=gettext_lazy("Product"))
    def shown_product(self, variant: Variant) -> str:
        return str(variant.product)
