"""Back-office page of mails: to look at, and to send again what is stuck."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from karvon.accounts.admin_base import MomentFilter, RoomAdmin, badge, get_user
from karvon.accounts.admin_pages import Task, get_row, show_task
from karvon.notifications.models import Mail, MailState
from karvon.notifications.notices_admin import NotificationAdmin as NotificationAdmin  # registers itself
from karvon.notifications.services import send_again

STATE_COLOURS = {
    MailState.QUEUED: "info",
    MailState.SENDING: "info",
    MailState.SENT: "success",
    MailState.FAILED: "danger",
    MailState.UNKNOWN: "warning",
}


@admin.register(Mail)
class MailAdmin(RoomAdmin[Mail]):
    offers = frozenset({"view", "change"})
    list_display = [
        "subject",
        "recipient",
        "kind",
        "language",
        "shown_state",
        "attempts",
        "created_at",
        "sent_at",
    ]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("created_at", MomentFilter),
    ]
    search_fields = ["subject", "recipient"]
    search_help_text = gettext_lazy("subject or address")
    empty_text = gettext_lazy(
        "Mails are written here by themselves, when something happens that people are told."
    )
    ordering = ["-id"]
    fields = [
        "subject",
        "recipient",
        "kind",
        "language",
        "shown_state",
        "error",
        "attempts",
        "rounds",
        "created_at",
        "next_attempt_at",
        "sent_at",
        "text_body",
    ]
    readonly_fields = fields
    actions = ["send_chosen_again"]
    actions_detail = ["send_once_more"]

    def visible(self, rows: QuerySet[Mail], user: Any) -> QuerySet[Mail]:
        return super().visible(rows.defer("html_body"), user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not self._may(request, "change", object_id):
            return False
        mail = self.get_object(request, str(object_id)) if object_id else None
        return mail is None or mail.state in {MailState.FAILED, MailState.UNKNOWN}

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, mail: Mail) -> tuple[str, str]:
        return mail.state, mail.get_state_display()

    @action(description=gettext_lazy("Send again"), url_path="send-again", permissions=["send"], icon="send")
    def send_once_more(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mail = get_row(self, request, object_id, verb="view")

        def run(_given: dict[str, Any]) -> str:
            send_again(mail_id=mail.pk, actor=get_user(request))
            return _("The mail is in the queue again.")

        task = Task(
            title=_("Send again"),
            submit=_("Send again"),
            run=run,
            explanation=_("Nobody knows whether it arrived: the person may get it twice.")
            if mail.state == MailState.UNKNOWN
            else "",
        )
        return show_task(self, request, task, row=mail)

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def send_chosen_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        def again(mail: Mail) -> None:
            send_again(mail_id=mail.pk, actor=get_user(request))

        self.for_each(request, queryset, again, done=_("Mails queued again: %(count)d"))
