"""The audit log as every door asks for it and shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from karvon.accounts.models import OPERATOR_ROLES, User
from karvon.audit.models import AuditEntry, Change
from karvon.audit.selectors import AuditFilter


@extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}", "example": "2026-03-01T09:00:00Z"})
class MomentField(serializers.Field[datetime, str, str, Any]):
    """A time, or a day in UTC: its beginning, or with `is_end` its end."""

    default_error_messages = {"invalid": _("A day (2026-03-01) or a time (2026-03-01T09:00:00Z) is needed.")}

    def __init__(self, *, is_end: bool = False, **kwargs: Any) -> None:
        self.is_end = is_end
        super().__init__(**kwargs)

    def to_internal_value(self, data: str) -> datetime:
        try:
            moment = parse_datetime(data) if len(data) > 10 else None
            day = parse_date(data) if moment is None else None
            if day is not None:
                moment = _beginning(day + timedelta(days=1) if self.is_end else day)
            if moment is None:
                raise ValueError(data)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


class AuditQuery(serializers.Serializer[Any]):
    """All of them may be combined."""

    actor = serializers.CharField(
        required=False, max_length=200, help_text="A person's number, or the name they are logged under."
    )
    action = serializers.CharField(
        required=False,
        max_length=100,
        help_text="Such as `suspend_merchant`; or `insert`, `update`, `delete`.",
    )
    object_type = serializers.CharField(
        required=False, max_length=100, help_text="Such as `catalog.product`, or `product`."
    )
    object_id = serializers.CharField(required=False, max_length=64)
    to = MomentField(required=False, is_end=True, help_text="Before this time, or to the end of this day.")

    def get_fields(self) -> dict[str, Any]:
        # a keyword of Python
        begin = MomentField(required=False, help_text="From this time, or from the beginning of this day.")
        return {**super().get_fields(), "from": begin}

    def to_filter(self) -> AuditFilter:
        """What the selector takes."""
        asked = self.validated_data
        return AuditFilter(
            actor=asked.get("actor", ""),
            action=asked.get("action", ""),
            object_type=asked.get("object_type", ""),
            object_id=asked.get("object_id", ""),
            merchant_id=asked.get("merchant"),
            since=asked.get("from"),
            until=asked.get("to"),
        )


class AuditActor(serializers.Serializer[Any]):
    id = serializers.IntegerField(allow_null=True, help_text="null for a command run on the server")
    label = serializers.CharField()
    role = serializers.CharField()


class AuditEntryDetail(serializers.Serializer[Any]):
    """One row of one table as a person left it."""

    id = serializers.IntegerField()
    actor = AuditActor()
    action = serializers.CharField(help_text="The service that did it, else the kind of change.")
    change = serializers.ChoiceField(choices=Change.choices)
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    merchant = serializers.IntegerField(allow_null=True)
    before = serializers.DictField(allow_null=True, help_text="The changed fields; secrets are `***`.")
    after = serializers.DictField(allow_null=True)
    ip = serializers.CharField(allow_null=True, help_text="Of operators, for operators only.")
    request_id = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


def show_entries(entries: Sequence[AuditEntry], *, reader: User) -> list[dict[str, Any]]:
    """What AuditEntryDetail documents."""
    return [
        _show(entry, may_see_ip=reader.is_operator or entry.actor_role not in OPERATOR_ROLES)
        for entry in entries
    ]


def _show(entry: AuditEntry, *, may_see_ip: bool) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "actor": {"id": entry.actor_id, "label": entry.actor_label, "role": entry.actor_role},
        "action": entry.action,
        "change": entry.change,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "merchant": entry.merchant_id,
        "before": entry.before,
        "after": entry.after,
        "ip": entry.ip if may_see_ip else None,
        "request_id": entry.request_id,
        "created_at": entry.created_at,
    }


AUDIT_ANSWER = OpenApiExample(
    "a shop was suspended",
    value={
        "id": 90210,
        "actor": {"id": 4, "label": "operator", "role": "staff"},
        "action": "suspend_merchant",
        "change": "update",
        "object_type": "merchants.merchant",
        "object_id": "12",
        "merchant": 12,
        "before": {"state": "active"},
        "after": {"state": "suspended"},
        "ip": "192.0.2.17",
        "request_id": "5f0c8e7ab1d24c3f9a6b7c8d9e0f1a2b",
        "created_at": "2026-03-01T09:00:00Z",
    },
    response_only=True,
)
