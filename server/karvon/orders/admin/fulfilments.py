from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from karvon.accounts.admin_base import MomentFilter, ScopedFilter, badge, get_user
from karvon.accounts.admin_pages import Task, get_row, number_field, show_task, text_field
from karvon.kernel.errors import InvalidTransition
from karvon.merchants.admin_base import MerchantRoomAdmin, duties_of
from karvon.merchants.policies import ALLOWED, Action
from karvon.orders.admin.shared import (
    STATE_COLOURS,
    OrderEventInline,
    OrderLineInline,
    ReasonForm,
    StepForm,
    amount,
    next_states,
    short_number,
)
from karvon.orders.models import Fulfilment, OrderState
from karvon.orders.services import cancel_lines, transition_fulfilment
from karvon.orders.states import MACHINES, MERCHANT, STAFF, TERMINAL

AMOUNTS = ["subtotal", "discount", "delivery_fee", "tax", "total"]


class PartLineInline(OrderLineInline):
    fk_name = "fulfilment"


class PartEventInline(OrderEventInline):
    fk_name = "fulfilment"


class LinesForm(forms.Form):
    """How many units of each line are called off."""

    reason = text_field(gettext_lazy("Reason"), max_length=255)

    def __init__(self, *args: Any, part: Fulfilment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in part.lines.all():
            left = line.quantity - line.cancelled_quantity
            if left:
                label = _("%(title)s (%(left)d ordered)") % {"title": line.title, "left": left}
                self.fields[f"line_{line.pk}"] = number_field(
                    label, min_value=0, max_value=left, initial=0, required=False
                )
        self.order_fields([name for name in self.fields if name != "reason"])

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["quantities"] = {
            int(name.removeprefix("line_")): units
            for name, units in given.items()
            if name.startswith("line_") and units
        }
        if not given["quantities"]:
            raise forms.ValidationError(_("Say how many units are called off."))
        return given


@admin.register(Fulfilment)
class FulfilmentAdmin(MerchantRoomAdmin[Fulfilment]):
    """The parts of orders that merchants hand over: their board."""

    offers = frozenset({"view", "change"})
    duty = Action.ADVANCE_ORDERS
    view_duty = Action.VIEW_ORDERS
    list_display = [
        "shown_number",
        "shown_customer",
        "branch",
        "shown_state",
        "flow",
        "shown_total",
        "placed_at",
    ]
    list_select_related = ["order", "merchant", "branch__merchant"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("flow", ChoicesDropdownFilter),
        ("branch", ScopedFilter),
        ("merchant", ScopedFilter),
        ("placed_at", MomentFilter),
    ]
    search_fields = ["=number", "=order__number", "order__contact_name", "order__contact_phone"]
    search_help_text = gettext_lazy("number, name or phone")
    ordering = ["-placed_at", "-id"]
    fieldsets = [
        (
            None,
            {"fields": ["number", "order_number", "state", "flow", "merchant", "branch", "placed_at"]},
        ),
        (gettext_lazy("Customer"), {"fields": ["contact", "phone", "address", "note"]}),
        (
            gettext_lazy("Amounts"),
            {"fields": [*AMOUNTS, "payment"]},
        ),
    ]
    readonly_preprocess_fields = dict.fromkeys(AMOUNTS, short_number)
    inlines = [PartLineInline, PartEventInline]
    actions = ["take_next_step"]
    actions_detail = ["advance", "cancel_units", "reject"]

    def get_readonly_fields(self, request: HttpRequest, obj: Fulfilment | None = None) -> Any:
        return [name for _title, options in self.fieldsets or () for name in options["fields"]]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # -- columns

    @display(description=gettext_lazy("Order number"), header=True, ordering="number")
    def shown_number(self, part: Fulfilment) -> list[str]:
        return [part.number, part.merchant.name]

    @display(description=gettext_lazy("Customer"))
    def shown_customer(self, part: Fulfilment) -> str:
        return part.order.contact_name or "–"

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, part: Fulfilment) -> tuple[str, str]:
        return part.state, part.get_state_display()

    @display(description=gettext_lazy("Total"), ordering="total")
    def shown_total(self, part: Fulfilment) -> SafeString:
        return amount(part.total, part.order.currency)

    @display(description=gettext_lazy("Order"))
    def order_number(self, part: Fulfilment) -> str:
        return part.order.number

    @display(description=gettext_lazy("Name"))
    def contact(self, part: Fulfilment) -> str:
        return part.order.contact_name or "–"

    @display(description=gettext_lazy("Phone"))
    def phone(self, part: Fulfilment) -> str:
        return part.order.contact_phone or "–"

    @display(description=gettext_lazy("Address"))
    def address(self, part: Fulfilment) -> str:
        return ", ".join(str(value) for value in part.order.delivery_address.values() if value) or "–"

    @display(description=gettext_lazy("Note"))
    def note(self, part: Fulfilment) -> str:
        return part.order.note or "–"

    @display(description=gettext_lazy("Payment"))
    def payment(self, part: Fulfilment) -> str:
        order = part.order
        return f"{order.get_payment_method_display()}: {order.get_payment_state_display()}"

    # -- what can be done

    @action(
        description=gettext_lazy("Next state"),
        url_path="advance",
        permissions=["advance"],
        icon="arrow_forward",
    )
    def advance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        part = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            transition_fulfilment(fulfilment_id=part.pk, actor=get_user(request), **given)
            return _("The order is now: %(state)s.") % {"state": OrderState(given["to"]).label}

        task = Task(
            title=_("Next state"),
            submit=_("Save"),
            run=run,
            form=StepForm,
            form_options={"states": next_states([part], get_user(request))},
            explanation=_("The order is: %(state)s.") % {"state": part.get_state_display()},
            field_names={"status": "to"},
        )
        return show_task(self, request, task, row=part)

    @action(
        description=gettext_lazy("Call off units"),
        url_path="cancel-units",
        permissions=["cancel_units"],
        icon="remove_shopping_cart",
    )
    def cancel_units(self, request: HttpRequest, object_id: str) -> HttpResponse:
        part = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            cancel_lines(
                fulfilment_id=part.pk,
                quantities=given["quantities"],
                reason=given["reason"],
                actor=get_user(request),
            )
            return _("The units are called off and for sale again.")

        task = Task(
            title=_("Call off units"),
            submit=_("Call off"),
            run=run,
            form=LinesForm,
            form_options={"part": part},
            explanation=_("What the customer has paid for them has to be given back."),
            is_dangerous=True,
        )
        return show_task(self, request, task, row=part)

    @action(
        description=gettext_lazy("Refuse"),
        url_path="reject",
        permissions=["reject"],
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        part = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            to = _way_out(part, get_user(request))
            if to is None:
                raise InvalidTransition
            transition_fulfilment(fulfilment_id=part.pk, to=to, actor=get_user(request), **given)
            return _("The order is refused; its goods are for sale again.")

        task = Task(
            title=_("Refuse the order"),
            submit=_("Refuse"),
            run=run,
            form=ReasonForm,
            explanation=_("The customer gets a mail. Money already paid has to be given back."),
            is_dangerous=True,
        )
        return show_task(self, request, task, row=part)

    @admin.action(description=gettext_lazy("Take the next step"), permissions=["step"])
    def take_next_step(self, request: HttpRequest, queryset: QuerySet[Fulfilment]) -> None:
        def step(part: Fulfilment) -> None:
            states = next_states([part], get_user(request))
            if not states:
                raise InvalidTransition
            transition_fulfilment(fulfilment_id=part.pk, to=states[0], actor=get_user(request))

        self.for_each(request, queryset, step, done=_("Orders taken one step on: %(count)d"))

    def has_step_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may_do(request, None, Action.ADVANCE_ORDERS)

    def has_advance_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        part = self._part(request, object_id)
        if part is None or not self._may_do(request, part, Action.ADVANCE_ORDERS):
            return False
        return bool(next_states([part], get_user(request)))

    def has_cancel_units_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        part = self._part(request, object_id)
        if part is None or part.state in TERMINAL or part.state == OrderState.PENDING:
            return False
        return self._may_do(request, part, Action.CANCEL_ORDERS)

    def has_reject_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        part = self._part(request, object_id)
        if part is None or not self._may_do(request, part, Action.CANCEL_ORDERS):
            return False
        return _way_out(part, get_user(request)) is not None

    def _part(self, request: HttpRequest, object_id: Any) -> Fulfilment | None:
        return self.get_object(request, str(object_id)) if object_id else None

    def _may_do(self, request: HttpRequest, part: Fulfilment | None, action: Action) -> bool:
        """Running orders go on while a merchant is suspended, so its state is not asked for."""
        user = get_user(request)
        if user.is_operator:
            return self._may(request, "change")
        duties = duties_of(user)
        asked = duties.values() if part is None else filter(None, [duties.get(part.merchant_id)])
        return any(duty.role is None or duty.role in ALLOWED[action] for duty in asked)


def _way_out(part: Fulfilment, user: Any) -> str | None:
    """Rejected while nothing was begun, cancelled afterwards; None when it is too late."""
    role = STAFF if user.is_operator else MERCHANT
    targets = MACHINES[part.flow].targets(part.state, role)  # type: ignore[index]
    return next((to for to in (OrderState.REJECTED, OrderState.CANCELLED) if to in targets), None)
