"""Back-office page of notifications: to send one, and to see how far it has come."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from karvon.accounts.admin_base import MomentFilter, RoomAdmin, badge, get_user
from karvon.notifications.models import ChannelName, Notification, NotificationState
from karvon.notifications.services import announce


@admin.register(Notification)
class NotificationAdmin(RoomAdmin[Notification]):
    offers = frozenset({"view", "add"})
    list_display = ["title", "topic", "target_type", "target_id", "shown_state", "recipients", "created_at"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("topic", ChoicesDropdownFilter),
        ("target_type", ChoicesDropdownFilter),
        ("created_at", MomentFilter),
    ]
    search_fields = ["title"]
    search_help_text = gettext_lazy("title")
    empty_text = gettext_lazy(
        "What is sent to everybody, to a group or to one person, and how far it has come."
    )
    ordering = ["-id"]
    shown = ["shown_state", "recipients", "shown_channels", "created_by", "created_at", "sent_at"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ["title", "body", "target_type", "target_id"]
        return asked if obj is None else [*asked, *self.shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [] if obj is None else self.get_fields(request, obj)

    @badge(
        description=gettext_lazy("State"),
        colours={NotificationState.SENDING: "info", NotificationState.SENT: "success"},
        ordering="state",
    )
    def shown_state(self, notification: Notification) -> tuple[str, str]:
        return notification.state, notification.get_state_display()

    @display(description=gettext_lazy("Deliveries"))
    def shown_channels(self, notification: Notification) -> str:
        counts = notification.deliveries.order_by().values_list("channel").annotate(Count("pk"))
        return ", ".join(f"{ChannelName(channel).label}: {count}" for channel, count in counts) or "0"

    def write(
        self, request: HttpRequest, row: Notification, form: Any, formsets: Any, *, change: bool
    ) -> Notification:
        asked = form.cleaned_data
        return announce(
            actor=get_user(request),
            title=asked["title"],
            body=asked["body"],
            target_type=asked["target_type"],
            target_id=asked["target_id"],
        )
