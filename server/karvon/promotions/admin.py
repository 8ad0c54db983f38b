"""Back-office pages of coupons and automatic promotions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from karvon.accounts.admin_base import (
    MomentFilter,
    ReadOnlyInline,
    ScopedFilter,
    get_user,
    language_fieldsets,
)
from karvon.kernel.formats import plain_number, show_amount
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.policies import Action
from karvon.promotions.models import Promotion, PromotionKind, PromotionUse
from karvon.promotions.services import PromotionInput, create_promotion, delete_promotion, update_promotion

NAMES = {f"name_{language}" for language in LANGUAGES}
PLAIN = {field.name for field in fields(PromotionInput)} - {
    "merchant_id",
    "product_ids",
    "category_ids",
    "name",
}


class PromotionUseInline(ReadOnlyInline):
    model = PromotionUse
    fields = ["order_id", "customer_key", "amount", "created_at", "released_at"]
    readonly_fields = fields
    ordering = ["-id"]
    per_page = 20
    tab = True


class CouponFilter(admin.SimpleListFilter):
    title = gettext_lazy("way")
    parameter_name = "way"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("coupon", _("With a code")), ("automatic", _("By itself"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Promotion]) -> QuerySet[Promotion]:
        if self.value() in ("coupon", "automatic"):
            return queryset.filter(code__isnull=self.value() == "automatic")
        return queryset


@admin.register(Promotion)
class PromotionAdmin(MerchantRoomAdmin[Promotion]):
    duty = Action.MANAGE_PROMOTIONS
    list_display = [
        "shown_name",
        "merchant",
        "kind",
        "shown_value",
        "shown_uses",
        "starts_at",
        "ends_at",
        "is_active",
    ]
    list_select_related = ["merchant"]
    list_filter = [
        CouponFilter,
        ("kind", ChoicesDropdownFilter),
        "is_active",
        ("merchant", ScopedFilter),
        ("ends_at", MomentFilter),
    ]
    search_fields = ["code", "name_uz", "name_ru", "name_en", "name_ar"]
    ordering = ["priority", "id"]
    autocomplete_fields = ["merchant", "products", "categories"]
    readonly_fields = ["used_count"]
    inlines = [PromotionUseInline]
    field_names = {"merchant": "merchant"}
    actions = ["switch_on", "switch_off"]
    fieldsets = [
        (None, {"fields": ["merchant", "code", "kind", "value", "currency", "is_active"]}),
        (
            gettext_lazy("Conditions"),
            {
                "fields": [
                    "minimum_subtotal",
                    "maximum_discount",
                    "starts_at",
                    "ends_at",
                    "products",
                    "categories",
                ]
            },
        ),
        (
            gettext_lazy("Limits"),
            {
                "fields": [
                    "total_limit",
                    "per_customer_limit",
                    "used_count",
                    "priority",
                    "is_stackable",
                    "borne_by",
                ]
            },
        ),
        *language_fieldsets("name"),
    ]

    def get_form(
        self, request: HttpRequest, obj: Promotion | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        if "currency" in form_class.base_fields:
            form_class.base_fields["currency"].required = False
            form_class.base_fields["currency"].help_text = _("empty: the merchant's")
        return form_class

    def get_readonly_fields(self, request: HttpRequest, obj: Promotion | None = None) -> Any:
        names = list(self.readonly_fields)
        if obj is not None:
            names.append("merchant")
        if not get_user(request).is_operator:
            # only operators promise the platform's money
            names.append("borne_by")
        return names

    def get_inlines(self, request: HttpRequest, obj: Promotion | None = None) -> Any:
        return self.inlines if obj is not None else []

    def write(
        self, request: HttpRequest, row: Promotion, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Promotion:
        data = _read(row, form.cleaned_data)
        actor = get_user(request)
        if change:
            saved = update_promotion(promotion_id=row.pk, data=data, actor=actor)
        else:
            saved = create_promotion(data=data, actor=actor)
        names = {name: form.cleaned_data[name] for name in NAMES if name in form.changed_data}
        if names:
            Promotion.objects.filter(pk=saved.pk).update(**names)
        return saved

    def remove(self, request: HttpRequest, row: Promotion) -> None:
        delete_promotion(promotion_id=row.pk, actor=get_user(request))

    @admin.action(description=gettext_lazy("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Promotion]) -> None:
        self._switch(request, queryset, is_active=True)

    @admin.action(description=gettext_lazy("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Promotion]) -> None:
        self._switch(request, queryset, is_active=False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Promotion], *, is_active: bool) -> None:
        from dataclasses import replace

        def switch(promotion: Promotion) -> None:
            data = replace(PromotionInput.of(promotion), is_active=is_active)
            update_promotion(promotion_id=promotion.pk, data=data, actor=get_user(request))

        self.for_each(request, queryset, switch, done=_("Promotions changed: %(count)d"))

    @display(description=gettext_lazy("Promotion"), header=True, ordering="code")
    def shown_name(self, promotion: Promotion) -> list[str]:
        return [promotion.name, promotion.code or _("by itself")]

    @display(description=gettext_lazy("Value"))
    def shown_value(self, promotion: Promotion) -> str:
        if promotion.kind == PromotionKind.PERCENT:
            return f"{plain_number(promotion.value)} %"
        if promotion.kind == PromotionKind.FREE_DELIVERY:
            return "–"
        return show_amount(promotion.value, promotion.currency)

    @display(description=gettext_lazy("Used"), ordering="used_count")
    def shown_uses(self, promotion: Promotion) -> str:
        return f"{promotion.used_count} / {promotion.total_limit or '∞'}"


def _read(row: Promotion, given: dict[str, Any]) -> PromotionInput:
    """The service's input: what the form holds, and of what it does not hold what is there."""
    plain = {name: given[name] if name in given else getattr(row, name) for name in PLAIN}
    merchant = given.get("merchant", row.merchant)
    name = next((given[column] for column in sorted(NAMES) if given.get(column)), row.name or row.code or "")
    return PromotionInput(
        **plain,
        name=name,
        merchant_id=merchant.pk if merchant else None,
        product_ids=tuple(product.pk for product in given["products"]),
        category_ids=tuple(category.pk for category in given["categories"]),
    )
