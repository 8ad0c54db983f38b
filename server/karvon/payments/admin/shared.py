"""What the pages of payments have in common."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from karvon.payments.errors import ProviderUnknown
from karvon.payments.models import AttemptState, EventOutcome, PaymentStatus, RefundState
from karvon.payments.registry import find_provider, list_providers

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


def name_of(slug: str) -> str:
    """A provider's name; one that is not there any more is called what it was called in the books."""
    try:
        return str(find_provider(slug).name)
    except ProviderUnknown:
        return slug


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
