"""Events and their deliveries: what was given up can be replayed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from karvon.kernel import delivery
from karvon.kernel.models import EventDelivery, OutboxEvent


class ReadOnlyAdmin(ModelAdmin):
    """For operators to look at; rows are written by the system alone."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_operator", False))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    list_display = ("type", "created_at", "relayed_at", "request_id")
    list_filter = ("type",)
    search_fields = ("id", "request_id")
    show_full_result_count = False


@admin.register(EventDelivery)
class EventDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("handler", "state", "attempts", "next_attempt_at", "last_error")
    list_filter = ("state", "handler")
    list_select_related = ("event",)
    search_fields = ("event__id",)
    show_full_result_count = False
    actions = ("replay",)

    @admin.action(description=gettext_lazy("Try again what was given up"))
    def replay(self, request: HttpRequest, queryset: QuerySet[EventDelivery]) -> None:
        count = delivery.replay(list(queryset.values_list("pk", flat=True)))
        self.message_user(
            request, _("Deliveries that will be tried again: %(count)s") % {"count": count}, messages.SUCCESS
        )
