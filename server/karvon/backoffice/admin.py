"""The system's own rows: events, and their deliveries, of which those that were given up can be tried again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from karvon.accounts.admin_base import MomentFilter, ReadOnlyInline, RoomAdmin, badge
from karvon.accounts.admin_pages import Task, get_row, show_task
from karvon.backoffice.audit_page import AuditEntryAdmin as AuditEntryAdmin  # registers itself
from karvon.kernel import delivery
from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent

STATE_COLOURS = {
    DeliveryState.PENDING: "info",
    DeliveryState.DONE: "success",
    DeliveryState.DEAD: "danger",
}


class DeliveryInline(ReadOnlyInline):
    model = EventDelivery
    fields = ["handler", "state", "attempts", "next_attempt_at", "done_at", "last_error"]
    readonly_fields = fields
    ordering = ["id"]
    show_change_link = True
    hide_title = False


@admin.register(OutboxEvent)
class OutboxEventAdmin(RoomAdmin[OutboxEvent]):
    offers = frozenset({"view"})
    list_display = ["type", "created_at", "relayed_at", "request_id"]
    list_filter = [("created_at", MomentFilter)]
    search_fields = ["=type", "=request_id"]
    search_help_text = gettext_lazy("type of the event, or id of the request")
    ordering = ["-created_at", "-id"]
    fields = ["type", "id", "request_id", "created_at", "relayed_at", "payload"]
    readonly_fields = fields
    inlines = [DeliveryInline]


@admin.register(EventDelivery)
class EventDeliveryAdmin(RoomAdmin[EventDelivery]):
    offers = frozenset({"view", "change"})
    list_display = [
        "handler",
        "shown_event",
        "shown_state",
        "attempts",
        "next_attempt_at",
        "done_at",
        "last_error",
    ]
    list_select_related = ["event"]
    list_filter = [("state", ChoicesDropdownFilter)]
    search_fields = ["handler", "=event__type"]
    search_help_text = gettext_lazy("handler, or type of the event")
    ordering = ["-id"]
    fields = ["event", "handler", "state", "attempts", "next_attempt_at", "done_at", "last_error"]
    readonly_fields = fields
    actions = ["replay"]
    actions_detail = ["replay_one"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # the form is for reading; trying again is behind the buttons
        return False

    def has_replay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if not self._may(request, "change"):
            return False
        row = self.get_object(request, str(object_id)) if object_id else None
        return row is None or row.state == DeliveryState.DEAD

    @display(description=gettext_lazy("Event"))
    def shown_event(self, row: EventDelivery) -> str:
        return row.event.type

    @badge(description=gettext_lazy("State"), colours=STATE_COLOURS, ordering="state")
    def shown_state(self, row: EventDelivery) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @admin.action(description=gettext_lazy("Try again what was given up"), permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[EventDelivery]) -> None:
        count = delivery.replay(list(queryset.values_list("pk", flat=True)))
        self.message_user(request, _("Deliveries that will be tried again: %(count)s") % {"count": count})

    @action(description=gettext_lazy("Try again"), url_path="replay", permissions=["replay"], icon="replay")
    def replay_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_row(self, request, object_id, verb="view")

        def run(_given: dict[str, Any]) -> str:
            count = delivery.replay([row.pk])
            return _("Deliveries that will be tried again: %(count)s") % {"count": count}

        task = Task(title=_("Try again"), submit=_("Try again"), run=run, explanation=row.last_error)
        return show_task(self, request, task, row=row)
