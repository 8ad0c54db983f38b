"""Back-office pages of stock: numbers are changed by what was done, never typed over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from karvon.accounts.admin_base import MomentFilter, ScopedFilter, badge, get_user
from karvon.accounts.admin_pages import Task, get_row, number_field, row_field, show_task, text_field
from karvon.catalog.models import Variant
from karvon.inventory.models import StockLevel, StockMovement
from karvon.inventory.selectors import only_low
from karvon.inventory.services import adjust_stock, receive_stock, set_threshold, transfer_stock
from karvon.inventory.services.counting import MOST_UNITS
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.models import Branch
from karvon.merchants.policies import Action

UNREAD = [
    "variant__product__description",
    *(f"variant__product__description_{code}" for code in ("uz", "ru", "en", "ar")),
]


class LowStockFilter(admin.SimpleListFilter):
    title = gettext_lazy("stock")
    parameter_name = "low"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Low")), ("0", _("Sold out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockLevel]) -> QuerySet[StockLevel]:
        if self.value() == "1":
            return only_low(queryset)
        if self.value() == "0":
            return queryset.filter(on_hand=0)
        return queryset


class AdjustForm(forms.Form):
    on_hand = number_field(gettext_lazy("Units counted"), min_value=0, max_value=MOST_UNITS)
    reason = text_field(gettext_lazy("Reason"), max_length=255, required=False)


class ReceiveForm(forms.Form):
    quantity = number_field(gettext_lazy("Units that arrived"), min_value=1, max_value=MOST_UNITS)
    reason = text_field(gettext_lazy("Reason"), max_length=255, required=False)


class TransferForm(forms.Form):
    to_branch = row_field(gettext_lazy("To branch"), Branch.objects.none())
    quantity = number_field(gettext_lazy("Units"), min_value=1, max_value=MOST_UNITS)
    reason = text_field(gettext_lazy("Reason"), max_length=255, required=False)

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_branch"].queryset = branches  # type: ignore[attr-defined]


class FirstStockForm(forms.Form):
    """Stock of a variant at a branch that has had none."""

    sku = text_field(gettext_lazy("SKU"), max_length=100)
    branch = row_field(gettext_lazy("Branch"), Branch.objects.none())
    quantity = number_field(gettext_lazy("Units that arrived"), min_value=1, max_value=MOST_UNITS)
    reason = text_field(gettext_lazy("Reason"), max_length=255, required=False)

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = branches  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "branch" in given and "sku" in given:
            variants = Variant.objects.filter(
                merchant_id=given["branch"].merchant_id,
                sku__iexact=given["sku"],
                product__deleted_at__isnull=True,
            )
            given["variant"] = variants.first()
            if given["variant"] is None:
                self.add_error("sku", _("This merchant has no such SKU."))
        return given


@admin.register(StockLevel)
class StockLevelAdmin(MerchantRoomAdmin[StockLevel]):
    offers = frozenset({"view", "change"})
    merchant_path = "variant__merchant_id"
    duty = Action.ADJUST_STOCK
    view_duty = Action.VIEW_STOCK
    list_display = [
        "shown_variant",
        "branch",
        "on_hand",
        "reserved",
        "shown_available",
        "low_threshold",
        "updated_at",
    ]
    list_filter = [LowStockFilter, ("branch", ScopedFilter), ("variant__merchant", ScopedFilter)]
    list_select_related = ["variant__product", "branch__merchant"]
    search_fields = [
        "variant__sku",
        "variant__barcode",
        "variant__product__title_uz",
        "variant__product__title_ru",
        "variant__product__title_en",
        "variant__product__title_ar",
    ]
    search_help_text = gettext_lazy("SKU, barcode or title")
    ordering = ["id"]
    fields = ["variant", "branch", "on_hand", "reserved", "shown_available", "low_threshold", "updated_at"]
    readonly_fields = ["variant", "branch", "on_hand", "reserved", "shown_available", "updated_at"]
    actions_list = ["receive_first"]
    actions_detail = ["adjust", "receive", "transfer"]
    actions_row = ["adjust", "receive", "transfer"]

    def visible(self, rows: QuerySet[StockLevel], user: Any) -> QuerySet[StockLevel]:
        return super().visible(rows.filter(variant__product__deleted_at__isnull=True).defer(*UNREAD), user)

    def write(
        self, request: HttpRequest, row: StockLevel, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> StockLevel:
        threshold = form.cleaned_data["low_threshold"]
        return set_threshold(level_id=row.pk, low_threshold=threshold, actor=get_user(request))

    @display(description=gettext_lazy("Variant"), header=True, ordering="variant__sku")
    def shown_variant(self, level: StockLevel) -> list[str]:
        name = level.variant.product.title
        if level.variant.title:
            name = f"{name} · {level.variant.title}"
        return [name, level.variant.sku]

    @badge(description=gettext_lazy("For sale"), colours={"ok": "success", "low": "warning", "out": "danger"})
    def shown_available(self, level: StockLevel) -> tuple[str, str]:
        if level.available <= 0:
            return "out", str(level.available)
        is_low = level.low_threshold is not None and level.available <= level.low_threshold
        return "low" if is_low else "ok", str(level.available)

    @action(description=gettext_lazy("Count"), url_path="adjust", permissions=["change"], icon="edit")
    def adjust(self, request: HttpRequest, object_id: str) -> HttpResponse:
        level = get_row(self, request, object_id)

        def run(given: dict[str, Any]) -> str:
            changed = adjust_stock(
                variant_id=level.variant_id, branch_id=level.branch_id, actor=get_user(request), **given
            )
            return self._tell(changed)

        task = Task(
            title=_("Count stock"),
            submit=_("Save the count"),
            run=run,
            form=AdjustForm,
            form_options={"initial": {"on_hand": level.on_hand}},
            explanation=_("On hand now: %(units)d, of which orders hold %(reserved)d.")
            % {"units": level.on_hand, "reserved": level.reserved},
        )
        return show_task(self, request, task, row=level)

    @action(description=gettext_lazy("Receive"), url_path="receive", permissions=["change"], icon="add_box")
    def receive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        level = get_row(self, request, object_id)

        def run(given: dict[str, Any]) -> str:
            changed = receive_stock(
                variant_id=level.variant_id, branch_id=level.branch_id, actor=get_user(request), **given
            )
            return self._tell(changed)

        task = Task(title=_("Receive stock"), submit=_("Receive"), run=run, form=ReceiveForm)
        return show_task(self, request, task, row=level)

    @action(
        description=gettext_lazy("Transfer"), url_path="transfer", permissions=["change"], icon="swap_horiz"
    )
    def transfer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        level = get_row(self, request, object_id)
        others = Branch.objects.filter(merchant_id=level.variant.merchant_id).exclude(pk=level.branch_id)

        def run(given: dict[str, Any]) -> str:
            source, _target = transfer_stock(
                variant_id=level.variant_id,
                from_branch_id=level.branch_id,
                to_branch_id=given["to_branch"].pk,
                quantity=given["quantity"],
                reason=given["reason"],
                actor=get_user(request),
            )
            return self._tell(source)

        task = Task(
            title=_("Transfer stock"),
            submit=_("Transfer"),
            run=run,
            form=TransferForm,
            form_options={"branches": others},
            explanation=_("%(units)d can be moved.") % {"units": level.available},
        )
        return show_task(self, request, task, row=level)

    @action(
        description=gettext_lazy("Receive a new variant"),
        url_path="receive-new",
        permissions=["change"],
        icon="add_box",
    )
    def receive_first(self, request: HttpRequest) -> HttpResponse:
        branches = self.admin_site._registry[Branch].get_queryset(request)

        def run(given: dict[str, Any]) -> str:
            changed = receive_stock(
                variant_id=given["variant"].pk,
                branch_id=given["branch"].pk,
                quantity=given["quantity"],
                reason=given["reason"],
                actor=get_user(request),
            )
            return self._tell(changed)

        task = Task(
            title=_("Receive stock"),
            submit=_("Receive"),
            run=run,
            form=FirstStockForm,
            form_options={"branches": branches},
        )
        return show_task(self, request, task, row=None)

    def _tell(self, level: StockLevel) -> str:
        return _("%(sku)s: %(units)d on hand.") % {"sku": level.variant.sku, "units": level.on_hand}


@admin.register(StockMovement)
class StockMovementAdmin(MerchantRoomAdmin[StockMovement]):
    offers = frozenset({"view"})
    merchant_path = "level__variant__merchant_id"
    view_duty = Action.VIEW_STOCK
    list_display = ["created_at", "sku", "branch", "kind", "shown_quantity", "reason", "actor", "order_id"]
    list_filter = [("kind", ChoicesDropdownFilter), ("created_at", MomentFilter)]
    list_select_related = ["level__variant", "level__branch__merchant", "actor"]
    search_fields = ["level__variant__sku", "=order_id"]
    ordering = ["-id"]
    fields = ["created_at", "sku", "branch", "kind", "quantity", "reason", "actor", "order_id"]
    readonly_fields = fields

    @display(description=gettext_lazy("SKU"), ordering="level__variant__sku")
    def sku(self, movement: StockMovement) -> str:
        return movement.level.variant.sku

    @display(description=gettext_lazy("Branch"))
    def branch(self, movement: StockMovement) -> str:
        return str(movement.level.branch)

    @badge(
        description=gettext_lazy("Units"), colours={"in": "success", "out": "warning"}, ordering="quantity"
    )
    def shown_quantity(self, movement: StockMovement) -> tuple[str, str]:
        return ("in" if movement.quantity > 0 else "out"), f"{movement.quantity:+d}"
