from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from karvon.accounts.admin_base import badge, get_user, language_fieldsets
from karvon.accounts.admin_pages import ReasonForm, Task, get_row, show_task
from karvon.accounts.models import User
from karvon.merchants.admin.papers import (
    NoteForm,
    PaperInline,
    RequiredNoteForm,
    RequiredReasonForm,
    StepInline,
)
from karvon.merchants.admin_base import MerchantRoomAdmin, duties_of, merchants_allowing
from karvon.merchants.inputs import MerchantInput
from karvon.merchants.models import KycStatus, Merchant, MerchantState
from karvon.merchants.policies import Action
from karvon.merchants.services import (
    activate_merchant,
    close_merchant,
    decide_kyc,
    delete_merchant,
    register_merchant,
    suspend_merchant,
    update_merchant,
)

STATE_COLOURS = {
    MerchantState.ACTIVE: "success",
    MerchantState.SUSPENDED: "warning",
    MerchantState.CLOSED: "danger",
    MerchantState.DELETED: "danger",
}
KYC_COLOURS = {
    KycStatus.NOT_SUBMITTED: "",
    KycStatus.PENDING: "info",
    KycStatus.APPROVED: "success",
    KycStatus.REJECTED: "danger",
}
PARTICULARS = [
    "name",
    "username",
    "kind",
    "email",
    "phone",
    "logo",
    "default_language",
    "timezone",
    "tax_rate",
    "payment_preference",
    "whatsapp_link",
    "instagram_link",
    "facebook_link",
]
GIVEN_AT_START = (
    "username",
    "name",
    "kind",
    "email",
    "phone",
    "currency",
    "default_language",
    "timezone",
    "tax_rate",
    "payment_preference",
    "whatsapp_link",
    "instagram_link",
    "facebook_link",
)


@admin.register(Merchant)
class MerchantAdmin(MerchantRoomAdmin[Merchant]):
    offers = frozenset({"view", "add", "change"})
    merchant_path = "pk"
    duty = Action.MANAGE_MERCHANT
    list_display = ["shown_name", "kind", "shown_state", "shown_papers", "owner", "currency", "created_at"]
    list_select_related = ["owner", "logo"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("kyc_status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
    ]
    search_fields = ["name", "username", "email", "phone"]
    search_help_text = gettext_lazy("name, username, email or phone")
    ordering = ["id"]
    autocomplete_fields = ["owner", "logo"]
    readonly_fields = ["state", "kyc_status", "created_at"]
    inlines = [PaperInline, StepInline]
    actions_detail = ["approve_papers", "reject_papers", "suspend", "activate", "close", "delete_for_good"]

    def get_fieldsets(self, request: HttpRequest, obj: Merchant | None = None) -> Any:
        languages = language_fieldsets("description")
        if obj is None:
            first = [name for name in PARTICULARS if name != "logo"]
            return [(None, {"fields": ["owner", *first, "currency"]}), *languages]
        return [
            (None, {"fields": [*PARTICULARS, "owner", "currency", "state", "kyc_status", "created_at"]}),
            *languages,
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Merchant | None = None) -> Any:
        # prices and stock of orders are counted in the currency
        return self.readonly_fields if obj is None else [*self.readonly_fields, "owner", "currency"]

    def allows_row(self, request: HttpRequest, verb: str, row: Any) -> bool:
        # shops are opened here by operators; people open their own through the API
        if verb == "add":
            return get_user(request).is_operator
        return super().allows_row(request, verb, row)

    def visible(self, rows: QuerySet[Merchant], user: User) -> QuerySet[Merchant]:
        return rows if user.is_operator else rows.filter(pk__in=duties_of(user))

    def write(
        self, request: HttpRequest, row: Merchant, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> Merchant:
        given = form.cleaned_data
        changes = {name: given[name] for name in form.changed_data}
        if not change:
            particulars = {name: given[name] for name in GIVEN_AT_START}
            row = register_merchant(owner=given["owner"], merchant=MerchantInput(**particulars))
        if "logo" in changes:
            changes["logo"] = changes["logo"].pk if changes["logo"] else None
        return update_merchant(actor=get_user(request), merchant_id=row.pk, changes=changes)

    @display(description=gettext_lazy("Merchant"), header=True, ordering="name")
    def shown_name(self, merchant: Merchant) -> list[Any]:
        from karvon.media.urls import asset_url

        picture: dict[str, Any] | None = None
        if merchant.logo is not None:
            picture = {"path": asset_url(merchant.logo.file), "squared": True, "width": 32, "height": 32}
        return [merchant.name, f"@{merchant.username}", merchant.name[:2], picture]

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, merchant: Merchant) -> tuple[str, str]:
        return merchant.state, merchant.get_state_display()

    @badge(description=gettext_lazy("Papers"), colours=KYC_COLOURS, ordering="kyc_status")
    def shown_papers(self, merchant: Merchant) -> tuple[str, str]:
        return merchant.kyc_status, merchant.get_kyc_status_display()

    def get_inlines(self, request: HttpRequest, obj: Merchant | None) -> Any:
        """Papers and timeline are for the owner, managers and operators."""
        if obj is None or obj.pk not in merchants_allowing(get_user(request), Action.VIEW_PAPERS):
            return self.inlines if obj is not None and get_user(request).is_operator else []
        return self.inlines

    @action(
        description=gettext_lazy("Approve the papers"),
        url_path="approve-papers",
        permissions=["decide"],
        icon="verified",
        variant=ActionVariant.SUCCESS,
    )
    def approve_papers(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = _("The shop is shown as verified; its owner gets a mail.")
        return self._decide(request, object_id, KycStatus.APPROVED, NoteForm, explanation)

    @action(
        description=gettext_lazy("Reject the papers"),
        url_path="reject-papers",
        permissions=["decide"],
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def reject_papers(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = _("The owner gets the note by mail and may hand papers in again.")
        return self._decide(request, object_id, KycStatus.REJECTED, RequiredNoteForm, explanation)

    def _decide(
        self, request: HttpRequest, object_id: str, decision: KycStatus, form: Any, explanation: str
    ) -> HttpResponse:
        merchant = get_row(self, request, object_id, verb="view")
        is_rejection = decision == KycStatus.REJECTED
        title = _("Reject the papers") if is_rejection else _("Approve the papers")

        def run(given: dict[str, Any]) -> str:
            changed = decide_kyc(
                actor=get_user(request), merchant_id=merchant.pk, decision=decision, note=given["note"]
            )
            return _("The papers are now: %(state)s.") % {"state": changed.get_kyc_status_display()}

        task = Task(
            title=title, submit=title, run=run, form=form, explanation=explanation, is_dangerous=is_rejection
        )
        return show_task(self, request, task, row=merchant)

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        merchant = self.get_object(request, str(object_id)) if object_id else None
        return (
            merchant is not None
            and merchant.kyc_status == KycStatus.PENDING
            and get_user(request).is_operator
        )

    @action(
        description=gettext_lazy("Suspend"),
        url_path="suspend",
        permissions=["suspend"],
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = _("Its products leave the shop and its people can only look and finish running orders.")
        return self._change_state(
            request, object_id, _("Suspend"), suspend_merchant, explanation, form=RequiredReasonForm
        )

    @action(description=gettext_lazy("Activate"), url_path="activate", permissions=["activate"], icon="check")
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = _("Its products return to the shop.")
        return self._change_state(request, object_id, _("Activate"), activate_merchant, explanation)

    @action(
        description=gettext_lazy("Close for good"),
        url_path="close",
        permissions=["close"],
        icon="store",
        variant=ActionVariant.DANGER,
    )
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = _("The shop stops selling; its orders and books stay.")
        return self._change_state(request, object_id, _("Close for good"), close_merchant, explanation)

    @action(
        description=gettext_lazy("Delete for good"),
        url_path="delete-for-good",
        permissions=["delete_for_good"],
        icon="delete",
        variant=ActionVariant.DANGER,
    )
    def delete_for_good(self, request: HttpRequest, object_id: str) -> HttpResponse:
        explanation = _(
            "The shop leaves windows and lists and cannot be brought back; orders and books stay."
        )
        return self._change_state(
            request, object_id, _("Delete for good"), delete_merchant, explanation, form=RequiredReasonForm
        )

    def _change_state(
        self,
        request: HttpRequest,
        object_id: str,
        title: str,
        service: Callable[..., Merchant],
        explanation: str,
        *,
        form: Any = ReasonForm,
    ) -> HttpResponse:
        merchant = get_row(self, request, object_id, verb="view")

        def run(given: dict[str, Any]) -> str:
            changed = service(actor=get_user(request), merchant_id=merchant.pk, reason=given["reason"])
            return _("The merchant is now: %(state)s.") % {"state": changed.get_state_display()}

        task = Task(
            title=title,
            submit=title,
            run=run,
            form=form,
            explanation=explanation,
            is_dangerous=service is not activate_merchant,
        )
        return show_task(self, request, task, row=merchant)

    def has_suspend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may_become(request, object_id, {MerchantState.ACTIVE}, by_operators=True)

    def has_activate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may_become(
            request, object_id, {MerchantState.SUSPENDED, MerchantState.CLOSED}, by_operators=True
        )

    def has_delete_for_good_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may_become(
            request, object_id, set(MerchantState) - {MerchantState.DELETED}, by_operators=True
        )

    def has_close_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may_become(
            request, object_id, {MerchantState.ACTIVE, MerchantState.SUSPENDED}, by_operators=False
        )

    def _may_become(
        self, request: HttpRequest, object_id: Any, states: set[MerchantState], *, by_operators: bool
    ) -> bool:
        merchant = self.get_object(request, str(object_id)) if object_id else None
        if merchant is None or merchant.state not in states:
            return False
        if by_operators and not get_user(request).is_operator:
            return False
        return self.has_change_permission(request, merchant)
