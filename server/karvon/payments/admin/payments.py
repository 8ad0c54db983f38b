"""Payments: what happened to each, and the two things that a person does by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from karvon.accounts.admin_base import AmountInput, MomentFilter, RoomAdmin, badge, get_user
from karvon.accounts.admin_pages import Task, get_row, show_task, text_field
from karvon.kernel.formats import show_amount
from karvon.orders.admin.shared import amount
from karvon.orders.models.order import PAID_ON_DELIVERY
from karvon.payments.admin.shared import STATUS_COLOURS, FoundByName, ProviderFilter, ShownProvider
from karvon.payments.admin.timeline import list_moments
from karvon.payments.errors import ProviderUnknown
from karvon.payments.models import Payment, PaymentStatus
from karvon.payments.models.payment import RECEIVED
from karvon.payments.registry import find_provider
from karvon.payments.selectors import refundable_now
from karvon.payments.services import confirm_by_hand, refund_payment


class RefundForm(forms.Form):
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), max_digits=15, decimal_places=3, min_value=0, widget=AmountInput
    )
    note = text_field(gettext_lazy("Note"), max_length=255, required=False)


class MoneyCameForm(forms.Form):
    reference = text_field(
        gettext_lazy("Reference"),
        max_length=100,
        help_text=gettext_lazy("of the line on the bank’s statement; each line is booked once"),
    )


@admin.register(Payment)
class PaymentAdmin(ShownProvider, FoundByName, RoomAdmin[Payment]):
    """For operators; nothing is typed into a payment, its timeline tells how it came to be what it is."""

    offers = frozenset({"view"})
    list_display = [
        "order",
        "shown_provider",
        "shown_state",
        "shown_amount",
        "shown_refunded",
        "shown_surplus",
        "created_at",
    ]
    list_filter = [
        ProviderFilter,
        ("state", ChoicesDropdownFilter),
        ("created_at", MomentFilter),
        ("paid_at", MomentFilter),
    ]
    list_select_related = ["order"]
    search_fields = ["order__number", "reference", "charge_reference", "attempts__reference"]
    search_help_text = gettext_lazy("number of the order, or reference at the provider")
    empty_text = gettext_lazy("A payment begins when a customer chooses a way to pay for an order.")
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": ["order", "shown_provider", "account", "shown_state", "failure"]}),
        (
            gettext_lazy("Amounts"),
            {"fields": ["shown_amount", "shown_refunded", "shown_surplus", "shown_refundable"]},
        ),
        (
            gettext_lazy("At the provider"),
            {"fields": ["reference", "charge_reference", "expires_at", "asked_at", "paid_at", "created_at"]},
        ),
    ]
    change_form_after_template = "payments/timeline.html"
    actions_detail = ["refund", "money_came"]

    def get_readonly_fields(self, request: HttpRequest, obj: Payment | None = None) -> Any:
        return [name for _title, options in self.fieldsets or () for name in options["fields"]]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["moments"] = list_moments(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    # -- columns

    @badge(description=gettext_lazy("State"), colours=STATUS_COLOURS, ordering="state")
    def shown_state(self, payment: Payment) -> tuple[str, str]:
        return payment.state, payment.get_state_display()

    @display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, payment: Payment) -> SafeString:
        return amount(payment.amount, payment.currency)

    @display(description=gettext_lazy("Refunded"), ordering="refunded_amount")
    def shown_refunded(self, payment: Payment) -> SafeString | str:
        return amount(payment.refunded_amount, payment.currency) if payment.refunded_amount else "–"

    @display(description=gettext_lazy("Not needed"), ordering="surplus_amount")
    def shown_surplus(self, payment: Payment) -> SafeString | str:
        return amount(payment.surplus_amount, payment.currency) if payment.surplus_amount else "–"

    @display(description=gettext_lazy("To be refunded"))
    def shown_refundable(self, payment: Payment) -> SafeString | str:
        most = refundable_now(payment)
        return amount(most, payment.currency) if most else "–"

    # -- what can be done

    def has_refund_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        payment = self._payment(request, object_id)
        return payment is not None and payment.state in (
            PaymentStatus.PAID,
            PaymentStatus.PARTIALLY_REFUNDED,
        )

    def has_money_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        payment = self._payment(request, object_id)
        if payment is None or payment.state in RECEIVED or payment.provider in PAID_ON_DELIVERY:
            return False
        try:
            return not find_provider(payment.provider).capabilities.is_online
        except ProviderUnknown:
            return False

    def _payment(self, request: HttpRequest, object_id: Any) -> Payment | None:
        if not object_id or not get_user(request).is_operator or not self._may(request, "view"):
            return None
        return self.get_object(request, str(object_id))

    @action(
        description=gettext_lazy("Refund"),
        url_path="refund",
        permissions=["refund"],
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payment = get_row(self, request, object_id, verb="view")
        most = refundable_now(payment)

        def run(given: dict[str, Any]) -> str:
            refund = refund_payment(payment_id=payment.pk, actor=get_user(request), **given)
            return _("The refund is: %(state)s.") % {"state": refund.get_state_display()}

        task = Task(
            title=_("Refund"),
            submit=_("Refund"),
            run=run,
            form=RefundForm,
            form_options={"initial": {"amount": most}},
            explanation=_(
                "The money goes back to the customer, %(amount)s at most: what was called off and is not on its way yet. "
                "Cancel the order or units of it first. This cannot be undone."
            )
            % {"amount": show_amount(most, payment.currency)},
            is_dangerous=True,
        )
        return show_task(self, request, task, row=payment)

    @action(
        description=gettext_lazy("Money has come"), url_path="came", permissions=["money"], icon="payments"
    )
    def money_came(self, request: HttpRequest, object_id: str) -> HttpResponse:
        payment = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            confirm_by_hand(payment_id=payment.pk, actor=get_user(request), **given)
            return _("The payment is booked.")

        task = Task(
            title=_("Money has come"),
            submit=_("Money has come"),
            run=run,
            form=MoneyCameForm,
            explanation=_("Only when the money has really arrived: %(amount)s.")
            % {"amount": show_amount(payment.amount, payment.currency)},
        )
        return show_task(self, request, task, row=payment)
