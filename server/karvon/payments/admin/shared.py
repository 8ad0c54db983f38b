"""What the pages of payments have in common."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from karvon.payments.models import AttemptState, EventOutcome, PaymentStatus, RefundState
from karvon.payments.registry import list_providers, name_of

STATUS_COLOURS = {
    PaymentStatus.CREATED: "warning",
    PaymentStatus.PENDING: "warning",
    PaymentStatus.AUTHORIZED: "info",
    PaymentStatus.PAID: "success",
    PaymentStatus.PARTIALLY_REFUNDED: "info",
    PaymentStatus.REFUNDED: "info",
    PaymentStatus.FAILED: "danger",
    PaymentStatus.EXPIRED: "danger",
    PaymentStatus.CANCELLED: "danger",
}
ATTEMPT_COLOURS = {
    AttemptState.CREATED: "warning",
    AttemptState.AUTHORIZED: "info",
    AttemptState.PAID: "success",
    AttemptState.FAILED: "danger",
    AttemptState.EXPIRED: "danger",
    AttemptState.CANCELLED: "danger",
    AttemptState.REVERSED: "danger",
}
REFUND_COLOURS = {
    RefundState.PENDING: "warning",
    RefundState.PROCESSING: "info",
    RefundState.MANUAL: "danger",
    RefundState.SUCCEEDED: "success",
    RefundState.FAILED: "danger",
}
OUTCOME_COLOURS = {
    EventOutcome.RECEIVED: "warning",
    EventOutcome.APPLIED: "success",
    EventOutcome.IGNORED: "info",
    EventOutcome.REFUSED: "warning",
    EventOutcome.FORGED: "danger",
    EventOutcome.MISMATCH: "danger",
}


class ShownProvider:
    """The column of rows that have a `provider`."""

    @display(description=gettext_lazy("Provider"), ordering="provider")
    def shown_provider(self, row: Any) -> str:
        return name_of(row.provider)


class ProviderFilter(DropdownFilter):
    title = gettext_lazy("provider")
    parameter_name = "provider"
    path = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(way.slug, str(way.name)) for way in list_providers()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class RefundProviderFilter(ProviderFilter):
    path = "payment__provider"


class FoundByName(ModelAdmin):
    """A page whose rows are found by whole names: a number of an order, what a provider calls something.

    Each of `search_fields` is looked up by itself, along its own index: one question with an OR over several tables would
    read all of them.
    """

    SEARCHED = 1000  # rows of a name; beyond it nobody looks for one among them

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows that are called exactly that; numbers of orders also in small letters. No row comes twice."""
        name = search_term.strip()
        if not name:
            return queryset, False
        rows = self.model._default_manager.order_by()
        found: set[Any] = set()
        for path in self.get_search_fields(request):
            texts = {name, name.upper()} if path.endswith("number") else {name}
            wanted = Q(**{f"{path}__in": texts})
            if path == "event_id":
                wanted &= Q(is_verified=True)  # what was forged has none
            found.update(rows.filter(wanted).values_list("pk", flat=True)[: self.SEARCHED])
        return queryset.filter(pk__in=found), False
