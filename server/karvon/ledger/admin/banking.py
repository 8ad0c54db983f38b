"""Where payouts go: shown masked, typed anew to be changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from karvon.accounts.admin_base import MomentFilter, ScopedFilter, get_user
from karvon.accounts.admin_pages import Task, get_row, show_task, text_field
from karvon.ledger.models import BankDetails
from karvon.ledger.services import BankInput, set_bank_details
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.policies import Action


def number_field() -> forms.CharField:
    """Empty whatever stands: the number is shown to nobody."""
    return text_field(
        capfirst(gettext_lazy("account number")),
        max_length=60,  # with the spaces people put into it
        help_text=gettext_lazy("IBAN or the bank's own"),
    )


class BankForm(forms.Form):
    """All of it, the number too, whatever changes."""

    holder = text_field(capfirst(gettext_lazy("account holder")), max_length=200)
    bank = text_field(capfirst(gettext_lazy("bank")), max_length=200)
    code = text_field(
        capfirst(gettext_lazy("bank code")),
        max_length=20,
        required=False,
        help_text=gettext_lazy("BIC, SWIFT or MFO"),
    )
    number = number_field()


class BankDetailsForm(forms.ModelForm[BankDetails]):
    """For a merchant that has none yet."""

    number = number_field()

    class Meta:
        model = BankDetails
        fields = ["merchant", "holder", "bank", "code", "number"]


@admin.register(BankDetails)
class BankDetailsAdmin(MerchantRoomAdmin[BankDetails]):
    offers = frozenset({"view", "add", "change"})
    duty = Action.MANAGE_MERCHANT
    view_duty = Action.VIEW_REPORTS
    form = BankDetailsForm
    list_display = ["merchant", "bank", "shown_number", "changed_at", "changed_by"]
    list_filter = [("merchant", ScopedFilter), ("changed_at", MomentFilter)]
    list_select_related = ["merchant", "changed_by"]
    ordering = ["-changed_at"]
    autocomplete_fields = ["merchant"]
    actions_detail = ["replace"]

    def get_fields(self, request: HttpRequest, obj: BankDetails | None = None) -> Any:
        if obj is None:
            return BankDetailsForm.Meta.fields
        shown = ["merchant", "holder", "bank", "code", "shown_number"]
        return [*shown, "changed_at", "changed_by", "shown_trust"]

    def get_readonly_fields(self, request: HttpRequest, obj: BankDetails | None = None) -> Any:
        return self.get_fields(request, obj) if obj is not None else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # by the button only
        return False

    def has_replace_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, "change", object_id)

    @action(description=gettext_lazy("Change"), url_path="replace", permissions=["replace"], icon="edit")
    def replace(self, request: HttpRequest, object_id: str) -> HttpResponse:
        details = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            changed = set_bank_details(
                merchant_id=details.merchant_id, data=BankInput(**given), actor=get_user(request)
            )
            return _("Payouts go to %(account)s.") % {"account": f"{changed.bank} {changed.masked_number}"}

        stands = {"holder": details.holder, "bank": details.bank, "code": details.code}
        task = Task(
            title=_("Change where payouts go"),
            submit=_("Change"),
            run=run,
            form=BankForm,
            form_options={"initial": stands},
            explanation=_("Payouts wait for some days after a change, and the owner is told by mail."),
        )
        return show_task(self, request, task, row=details)

    def write(
        self, request: HttpRequest, row: BankDetails, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> BankDetails:
        given = dict(form.cleaned_data)
        merchant = given.pop("merchant")
        return set_bank_details(merchant_id=merchant.pk, data=BankInput(**given), actor=get_user(request))

    @display(description=gettext_lazy("account number"))
    def shown_number(self, details: BankDetails) -> str:
        return details.masked_number

    @display(description=gettext_lazy("Payouts are let go from"))
    def shown_trust(self, details: BankDetails) -> str:
        moment = details.changed_at + settings.KARVON_PAYOUT_COOLING_OFF
        return date_format(localtime(moment), "DATETIME_FORMAT")
