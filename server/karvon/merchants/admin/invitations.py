from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.enums import ActionVariant

from karvon.accounts.admin_base import ScopedFilter, badge, get_user
from karvon.accounts.admin_pages import Task, choice_field, get_row, show_task, text_field
from karvon.kernel import clock
from karvon.kernel.languages import LANGUAGES
from karvon.merchants.admin_base import MerchantRoomAdmin
from karvon.merchants.models import InvitationState, StaffInvitation
from karvon.merchants.policies import Action
from karvon.merchants.services import invite_staff, resend_invitation, revoke_invitation

EXPIRED = "expired"
STATE_COLOURS = {
    InvitationState.PENDING: "info",
    EXPIRED: "warning",
    InvitationState.ACCEPTED: "success",
    InvitationState.REVOKED: "danger",
}


class InvitationForm(forms.ModelForm[StaffInvitation]):
    """The address may be anybody's: whether it has an account is not told here."""

    email = text_field(gettext_lazy("email"), max_length=254)
    language = choice_field(
        gettext_lazy("language"), [("", "-"), *((each, each) for each in LANGUAGES)], required=False
    )

    class Meta:
        model = StaffInvitation
        fields = ["merchant", "email", "role", "language"]


@admin.register(StaffInvitation)
class StaffInvitationAdmin(MerchantRoomAdmin[StaffInvitation]):
    offers = frozenset({"view", "add"})
    duty = Action.MANAGE_STAFF
    view_duty = Action.VIEW_STAFF
    list_display = ["email", "merchant", "role", "shown_state", "invited_by", "created_at", "expires_at"]
    list_select_related = ["merchant", "invited_by"]
    list_filter = [
        ("merchant", ScopedFilter),
        ("state", ChoicesDropdownFilter),
        ("role", ChoicesDropdownFilter),
    ]
    search_fields = ["email", "merchant__name"]
    search_help_text = gettext_lazy("address or merchant")
    empty_text = gettext_lazy("Who is invited by mail becomes staff by following the link in it.")
    ordering = ["-id"]
    autocomplete_fields = ["merchant"]
    actions_detail = ["resend", "revoke"]
    fields = ["merchant", "email", "role", "language"]
    readonly_fields = ["shown_state", "invited_by", "accepted_by", "created_at", "expires_at"]

    def get_fields(self, request: HttpRequest, obj: StaffInvitation | None = None) -> Any:
        return self.fields if obj is None else [*self.fields, *self.readonly_fields]

    def get_form(
        self, request: HttpRequest, obj: StaffInvitation | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = InvitationForm
        return super().get_form(request, obj, change=change, **kwargs)

    def write(
        self, request: HttpRequest, row: StaffInvitation, form: Any, formsets: Sequence[Any], *, change: bool
    ) -> StaffInvitation:
        given = form.cleaned_data
        return invite_staff(
            actor=get_user(request),
            merchant_id=given["merchant"].pk,
            email=given["email"],
            role=given["role"],
            language=given["language"],
        )

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, invitation: StaffInvitation) -> tuple[str, str]:
        if invitation.state == InvitationState.PENDING and invitation.expires_at <= clock.now():
            return EXPIRED, _("Expired")
        return invitation.state, invitation.get_state_display()

    @action(description=gettext_lazy("Send again"), url_path="resend", permissions=["renew"], icon="send")
    def resend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invitation = get_row(self, request, object_id, verb="view")

        def run(_given: dict[str, Any]) -> str:
            resend_invitation(
                actor=get_user(request), merchant_id=invitation.merchant_id, invitation_id=invitation.pk
            )
            return _("A new mail is on its way; the link before it no longer works.")

        title = _("Send again")
        explanation = _("With a new link and its full time. The link of the mail before stops working.")
        return show_task(
            self, request, Task(title=title, submit=title, run=run, explanation=explanation), row=invitation
        )

    @action(
        description=gettext_lazy("Withdraw"),
        url_path="revoke",
        permissions=["renew"],
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invitation = get_row(self, request, object_id, verb="view")

        def run(_given: dict[str, Any]) -> str:
            revoke_invitation(
                actor=get_user(request), merchant_id=invitation.merchant_id, invitation_id=invitation.pk
            )
            return _("The invitation is withdrawn.")

        title = _("Withdraw")
        task = Task(
            title=title,
            submit=title,
            run=run,
            explanation=_("Its link stops working at once."),
            is_dangerous=True,
        )
        return show_task(self, request, task, row=invitation)

    def has_renew_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        invitation = self.get_object(request, str(object_id)) if object_id else None
        if invitation is None or invitation.state != InvitationState.PENDING:
            return False
        user = get_user(request)
        return user.is_operator or invitation.merchant_id in self._merchants(user, Action.MANAGE_STAFF)
