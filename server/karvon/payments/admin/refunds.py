"""Refunds: those that a person has to make or to send again."""

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

from karvon.accounts.admin_base import MomentFilter, RoomAdmin, badge, get_user
from karvon.accounts.admin_pages import Task, get_row, show_task, text_field
from karvon.kernel.formats import show_amount
from karvon.orders.admin.shared import amount
from karvon.payments.admin.shared import REFUND_COLOURS, FoundByName, RefundProviderFilter
from karvon.payments.booking.returning import can_send
from karvon.payments.errors import ProviderUnknown
from karvon.payments.models import Refund, RefundState
from karvon.payments.protocol import CallingProvider
from karvon.payments.registry import find_provider, name_of
from karvon.payments.services import close_refund

IN_HANDS = (RefundState.MANUAL, RefundState.FAILED)


class DoneForm(forms.Form):
    reference = text_field(
        gettext_lazy("Reference"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("such as the number of the bank transfer"),
    )


def _is_told(refund: Refund) -> bool:
    """Whether the provider tells by itself what is given back in its cabinet, and asks before."""
    try:
        way = find_provider(refund.payment.provider)
    except ProviderUnknown:
        return False
    is_whole = refund.amount == refund.payment.amount
    return isinstance(way, CallingProvider) and way.asks_before_returning and is_whole


@admin.register(Refund)
class RefundAdmin(FoundByName, RoomAdmin[Refund]):
    offers = frozenset({"view"})
    list_display = [
        "shown_order",
        "shown_provider",
        "shown_state",
        "shown_amount",
        "reason",
        "failure",
        "created_at",
    ]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        RefundProviderFilter,
        ("reason", ChoicesDropdownFilter),
        ("created_at", MomentFilter),
    ]
    list_select_related = ["payment__order", "payment__account__merchant"]
    search_fields = ["payment__order__number", "reference", "payment__reference", "payment__charge_reference"]
    search_help_text = gettext_lazy("number of the order, or reference at the provider")
    empty_text = gettext_lazy("Refunds are made when something that was paid is called off.")
    ordering = ["-created_at", "id"]
    fields = [
        "payment", "shown_order", "shown_provider", "shown_state", "shown_amount", "shown_giver", "reason", "note", "reference", "failure",
        "attempts", "due_at", "actor", "created_at", "finished_at",
    ]  # fmt: skip
    readonly_fields = fields
    actions_detail = ["done", "again"]

    @display(description=gettext_lazy("Order"), ordering="payment__order__number")
    def shown_order(self, refund: Refund) -> str:
        return refund.payment.order.number

    @display(description=gettext_lazy("Provider"), ordering="payment__provider")
    def shown_provider(self, refund: Refund) -> str:
        return name_of(refund.payment.provider)

    @badge(description=gettext_lazy("State"), colours=REFUND_COLOURS, ordering="state")
    def shown_state(self, refund: Refund) -> tuple[str, str]:
        return refund.state, refund.get_state_display()

    @display(description=gettext_lazy("Amount"), ordering="amount")
    def shown_amount(self, refund: Refund) -> SafeString:
        return amount(refund.amount, refund.currency)

    @display(description=gettext_lazy("Who gives it back"))
    def shown_giver(self, refund: Refund) -> str:
        """Whose account has the money, and who moves it."""
        account = refund.payment.account
        whose = str(account.merchant) if account and account.merchant else _("platform")
        if refund.state == RefundState.SUCCEEDED:
            return whose
        if can_send(refund.payment, refund.amount):
            how = _("the provider, when it is asked")
        elif _is_told(refund):
            how = _("by hand, in the cabinet of %(provider)s") % {
                "provider": name_of(refund.payment.provider)
            }
        else:
            how = _("by hand, by bank or in cash")
        return f"{whose} · {how}"

    def has_done_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        refund = self._refund(request, object_id)
        return refund is not None and refund.state in IN_HANDS

    def has_again_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        refund = self._refund(request, object_id)
        return refund is not None and refund.state in IN_HANDS and can_send(refund.payment, refund.amount)

    def _refund(self, request: HttpRequest, object_id: Any) -> Refund | None:
        if not object_id or not get_user(request).is_operator or not self._may(request, "view"):
            return None
        return self.get_object(request, str(object_id))

    @action(description=gettext_lazy("Done by hand"), url_path="done", permissions=["done"], icon="task_alt")
    def done(self, request: HttpRequest, object_id: str) -> HttpResponse:
        refund = get_row(self, request, object_id, verb="view")
        explanation = _(
            "Only when the money has really gone back, by bank or in cash. The order and the books are told."
        )
        if _is_told(refund):
            explanation += "\n" + _(
                "What is given back in the cabinet of %(provider)s is booked here by itself. What is booked here first, "
                "%(provider)s can no longer give back."
            ) % {"provider": name_of(refund.payment.provider)}
        return self._close(request, object_id, _("Done by hand"), explanation, form=DoneForm)

    @action(description=gettext_lazy("Send again"), url_path="again", permissions=["again"], icon="replay")
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = _(
            "The provider is asked once more. It gives the money back once, however often it is asked."
        )
        return self._close(request, object_id, _("Send again"), explanation, is_done=False)

    def _close(
        self,
        request: HttpRequest,
        object_id: str,
        name: str,
        explanation: str,
        *,
        is_done: bool = True,
        **options: Any,
    ) -> HttpResponse:
        refund = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            closed = close_refund(refund_id=str(refund.pk), actor=get_user(request), is_done=is_done, **given)
            return _("The refund is: %(state)s.") % {"state": closed.get_state_display()}

        task = Task(
            title=name,
            submit=name,
            run=run,
            explanation=f"{show_amount(refund.amount, refund.currency)}\n{explanation}",
            **options,
        )
        return show_task(self, request, task, row=refund)
