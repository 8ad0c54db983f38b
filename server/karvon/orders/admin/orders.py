from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from karvon.accounts.admin_base import MomentFilter, ReadOnlyInline, RoomAdmin, badge, get_user
from karvon.accounts.admin_pages import Task, get_row, show_task, text_field
from karvon.kernel.formats import show_amount
from karvon.orders.admin.shared import (
    PAYMENT_COLOURS,
    STATE_COLOURS,
    OrderEventInline,
    OrderLineInline,
    ReasonForm,
    StepForm,
    amount,
    next_states,
    short_number,
)
from karvon.orders.dues import Dues, dues_by_part, sum_dues
from karvon.orders.models import Fulfilment, Order, OrderDiscount, OrderState, PaymentState
from karvon.orders.services import advance_order, cancel_order, confirm_payment
from karvon.orders.states import TERMINAL

AMOUNTS = ["subtotal", "discount", "delivery_fee", "tax", "total"]


class PaidForm(forms.Form):
    reference = text_field(
        gettext_lazy("Reference"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("such as the number of the bank transfer"),
    )


class FulfilmentInline(ReadOnlyInline):
    model = Fulfilment
    fields = ["number", "merchant", "branch", "flow", "state", "total"]
    readonly_fields = fields
    readonly_preprocess_fields = {"total": short_number}
    show_change_link = True
    hide_title = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("merchant", "branch__merchant")


class DiscountInline(ReadOnlyInline):
    model = OrderDiscount
    fields = ["name", "code", "kind", "amount", "borne_by"]
    readonly_fields = fields
    readonly_preprocess_fields = {"amount": short_number}


@admin.register(Order)
class OrderAdmin(RoomAdmin[Order]):
    """Whole orders, for operators; a merchant's people see their parts of them."""

    offers = frozenset({"view", "change"})
    list_display = [
        "number",
        "shown_customer",
        "shown_state",
        "shown_payment",
        "shown_total",
        "delivery_type",
        "placed_at",
    ]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("payment_state", ChoicesDropdownFilter),
        ("payment_method", ChoicesDropdownFilter),
        ("delivery_type", ChoicesDropdownFilter),
        ("placed_at", MomentFilter),
    ]
    search_fields = [
        "=number",
        "=id",
        "contact_name",
        "contact_phone",
        "contact_email",
        "fulfilments__number",
    ]
    search_help_text = gettext_lazy("number, name, phone or email")
    ordering = ["-placed_at", "-id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "number",
                    "state",
                    "payment_state",
                    "payment_method",
                    "payment_deadline",
                    "placed_at",
                ]
            },
        ),
        (
            gettext_lazy("Customer"),
            {
                "fields": [
                    "customer",
                    "contact",
                    "contact_phone",
                    "contact_email",
                    "delivery_type",
                    "address",
                    "scheduled_for",
                    "note",
                    "language",
                    "channel",
                ]
            },
        ),
        (
            gettext_lazy("Amounts"),
            {"fields": [*AMOUNTS, "shown_paid", "shown_due", "shown_refund", "currency", "coupon"]},
        ),
    ]
    readonly_preprocess_fields = dict.fromkeys(AMOUNTS, short_number)
    inlines = [FulfilmentInline, OrderLineInline, DiscountInline, OrderEventInline]
    actions_detail = ["advance", "mark_paid", "cancel"]

    def get_readonly_fields(self, request: HttpRequest, obj: Order | None = None) -> Any:
        return [name for _title, options in self.fieldsets or () for name in options["fields"]]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # an order is what was agreed: what can be done with it is behind the buttons
        return False

    # -- columns

    @display(description=gettext_lazy("Customer"), header=True, ordering="contact_name")
    def shown_customer(self, order: Order) -> list[str]:
        return [order.contact_name or "–", order.contact_phone or order.contact_email]

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, order: Order) -> tuple[str, str]:
        return order.state, order.get_state_display()

    @badge(description=gettext_lazy("Payment"), colours=PAYMENT_COLOURS, ordering="payment_state")
    def shown_payment(self, order: Order) -> tuple[str, str]:
        return order.payment_state, order.get_payment_state_display()

    @display(description=gettext_lazy("Total"), ordering="total")
    def shown_total(self, order: Order) -> SafeString:
        return amount(order.total, order.currency)

    @display(description=gettext_lazy("Name"))
    def contact(self, order: Order) -> str:
        return order.contact_name or "–"

    @display(description=gettext_lazy("Paid"))
    def shown_paid(self, order: Order) -> SafeString:
        return amount(_dues(order).paid, order.currency)

    @display(description=gettext_lazy("Still to be paid"))
    def shown_due(self, order: Order) -> SafeString:
        return amount(_dues(order).due, order.currency)

    @display(description=gettext_lazy("To be refunded"))
    def shown_refund(self, order: Order) -> SafeString:
        return amount(_dues(order).to_refund, order.currency)

    @display(description=gettext_lazy("Address"))
    def address(self, order: Order) -> SafeString | str:
        shown = [(str(value),) for value in order.delivery_address.values() if value]
        return format_html_join(", ", "{}", shown) if shown else "–"

    # -- what can be done

    @action(
        description=gettext_lazy("Next state"),
        url_path="advance",
        permissions=["advance"],
        icon="arrow_forward",
    )
    def advance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            changed = advance_order(order_id=order.pk, actor=get_user(request), **given)
            return _("The order is now: %(state)s.") % {"state": changed.get_state_display()}

        task = Task(
            title=_("Next state"),
            submit=_("Save"),
            run=run,
            form=StepForm,
            form_options={"states": next_states(order.fulfilments.all(), get_user(request))},
            explanation=_("The order is: %(state)s. Parts of several merchants go together.")
            % {"state": order.get_state_display()},
            field_names={"status": "to"},
        )
        return show_task(self, request, task, row=order)

    @action(description=gettext_lazy("Mark as paid"), url_path="paid", permissions=["pay"], icon="payments")
    def mark_paid(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            confirm_payment(order_id=order.pk, actor=get_user(request), **given)
            return _("The order is paid.")

        task = Task(
            title=_("Mark as paid"),
            submit=_("Mark as paid"),
            run=run,
            form=PaidForm,
            explanation=_("Only when the money has really arrived: %(amount)s.")
            % {"amount": show_amount(_dues(order).due, order.currency)},
        )
        return show_task(self, request, task, row=order)

    @action(
        description=gettext_lazy("Cancel"),
        url_path="cancel",
        permissions=["cancel"],
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            cancel_order(order_id=order.pk, actor=get_user(request), **given)
            return _("The order is cancelled; its goods are for sale again.")

        task = Task(
            title=_("Cancel the order"),
            submit=_("Cancel the order"),
            run=run,
            form=ReasonForm,
            explanation=_("The customer gets a mail. Money already paid has to be given back."),
            is_dangerous=True,
        )
        return show_task(self, request, task, row=order)

    def has_advance_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        order = self._order_to_change(request, object_id)
        return order is not None and bool(next_states(order.fulfilments.all(), get_user(request)))

    def has_pay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        order = self._order_to_change(request, object_id)
        is_open = order is not None and order.state not in (OrderState.CANCELLED, OrderState.REJECTED)
        return is_open and order.payment_state == PaymentState.PENDING  # type: ignore[union-attr]

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        order = self._order_to_change(request, object_id)
        return order is not None and order.state not in TERMINAL

    def _order_to_change(self, request: HttpRequest, object_id: Any) -> Order | None:
        if not object_id or not self._may(request, "change"):
            return None
        return self.get_object(request, str(object_id))


def add_order_inline(inline: type[ReadOnlyInline]) -> None:
    """Lets a room above show what it has of an order on the order's page."""
    if inline not in OrderAdmin.inlines:
        # before the timeline, which is long
        OrderAdmin.inlines.insert(-1, inline)


def _dues(order: Order) -> Dues:
    parts, lines = order.fulfilments.all(), order.lines.all()
    return sum_dues(dues_by_part(parts, lines, order.currency).values())
