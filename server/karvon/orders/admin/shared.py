"""What the pages of orders and of their parts have in common."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from karvon.accounts.admin_base import ReadOnlyInline
from karvon.accounts.admin_pages import choice_field, text_field
from karvon.accounts.models import User
from karvon.kernel.formats import show_amount, show_number
from karvon.orders.models import Fulfilment, OrderEvent, OrderLine, OrderState, PaymentState
from karvon.orders.states import CALLED_OFF, MACHINES, MERCHANT, STAFF

STATE_COLOURS = {
    OrderState.PENDING: "warning",
    OrderState.CONFIRMED: "info",
    OrderState.PREPARING: "info",
    OrderState.READY: "primary",
    OrderState.PACKED: "primary",
    OrderState.SHIPPED: "primary",
    OrderState.OUT_FOR_DELIVERY: "primary",
    OrderState.DELIVERED: "success",
    OrderState.CANCELLED: "danger",
    OrderState.REJECTED: "danger",
    OrderState.RETURNED: "danger",
}
PAYMENT_COLOURS = {
    PaymentState.PENDING: "warning",
    PaymentState.PAID: "success",
    PaymentState.FAILED: "danger",
    PaymentState.EXPIRED: "danger",
    PaymentState.REFUND_DUE: "danger",
    PaymentState.PARTIALLY_REFUNDED: "info",
    PaymentState.REFUNDED: "info",
}

EVENT_NAMES = {
    "placed": gettext_lazy("Placed"),
    "state": gettext_lazy("New state"),
    "payment": gettext_lazy("Payment"),
    "partial_cancel": gettext_lazy("Units called off"),
    "refund": gettext_lazy("Refund"),
    "note": gettext_lazy("Note"),
}
ACTOR_NAMES = {
    "customer": gettext_lazy("Customer"),
    "merchant": gettext_lazy("Merchant"),
    "staff": gettext_lazy("Staff"),
    "system": gettext_lazy("System"),
}


class StepForm(forms.Form):
    to = choice_field(gettext_lazy("Next state"), [])
    reason = text_field(gettext_lazy("Note"), max_length=255, required=False)

    def __init__(self, *args: Any, states: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(state, OrderState(state).label) for state in states]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = text_field(gettext_lazy("Reason"), max_length=255)


def next_states(parts: Iterable[Fulfilment], user: User) -> list[str]:
    """The steps that all these parts can take together, without calling anything off."""
    role = STAFF if user.is_operator else MERCHANT
    going = [part for part in parts if part.state not in CALLED_OFF]
    if not going:
        return []
    steps = [MACHINES[part.flow].targets(part.state, role) for part in going]  # type: ignore[index]
    return [
        state
        for state in steps[0]
        if state not in CALLED_OFF and all(state in others for others in steps[1:])
    ]


def amount(value: Decimal, currency: str) -> SafeString:
    return format_html("<bdi>{}</bdi>", show_amount(value, currency))


def short_number(shown: str) -> str:
    """A stored amount as Django shows it, in groups and without the places that say nothing."""
    try:
        return show_number(Decimal(str(shown).replace(",", ".")))
    except InvalidOperation:
        return shown


class OrderLineInline(ReadOnlyInline):
    model = OrderLine
    fields = [
        "shown_title",
        "shown_sku",
        "shown_quantity",
        "shown_unit_price",
        "shown_discount",
        "shown_total",
    ]
    readonly_fields = fields
    ordering = ["position", "id"]

    @display(description=gettext_lazy("Title"))
    def shown_title(self, line: OrderLine) -> SafeString:
        details = [str(label) for label in line.options.values()]
        details += [str(modifier.get("name", "")) for modifier in line.modifiers]
        if not details:
            return format_html("{}", line.title)
        return format_html('{}<br><span class="kv-note">{}</span>', line.title, ", ".join(details))

    @display(description=gettext_lazy("SKU"))
    def shown_sku(self, line: OrderLine) -> SafeString:
        return format_html("<bdi>{}</bdi>", line.sku)

    @display(description=gettext_lazy("Units"))
    def shown_quantity(self, line: OrderLine) -> str:
        if line.cancelled_quantity:
            return f"{line.quantity} − {line.cancelled_quantity}"
        return str(line.quantity)

    @display(description=gettext_lazy("Price"))
    def shown_unit_price(self, line: OrderLine) -> str:
        return show_number(line.unit_price)

    @display(description=gettext_lazy("Discount"))
    def shown_discount(self, line: OrderLine) -> str:
        return show_number(line.discount)

    @display(description=gettext_lazy("Total"))
    def shown_total(self, line: OrderLine) -> str:
        return show_number(line.total)


class OrderEventInline(ReadOnlyInline):
    model = OrderEvent
    fields = ["at", "shown_kind", "shown_step", "shown_actor", "reason"]
    readonly_fields = fields
    ordering = ["id"]
    verbose_name_plural = gettext_lazy("timeline")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("actor")

    @display(description=gettext_lazy("What happened"))
    def shown_kind(self, event: OrderEvent) -> str:
        return str(EVENT_NAMES.get(event.kind, event.kind))

    @display(description=gettext_lazy("Step"))
    def shown_step(self, event: OrderEvent) -> str:
        names = dict((PaymentState if event.kind == "payment" else OrderState).choices)
        steps = [str(names.get(state, state)) for state in (event.from_state, event.to_state) if state]
        # this sign turns with the direction of the line
        return " › ".join(steps)

    @display(description=gettext_lazy("By"))
    def shown_actor(self, event: OrderEvent) -> str:
        # a shop's people see who of them did it; a customer is only "the customer"
        role = str(ACTOR_NAMES.get(event.actor_role, event.actor_role))
        if event.actor is None or event.actor_role == "customer":
            return role
        return f"{event.actor} ({role})"
