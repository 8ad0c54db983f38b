"""Reads of the audit log. Who may read which part of it is for rooms above."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from karvon.audit.models import AuditEntry


@dataclass(frozen=True)
class AuditFilter:
    """What of the log is asked for; empty means all. `actor` is a person's number or the name they are logged under."""

    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    merchant_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_entries(asked: AuditFilter, *, merchant_ids: Collection[int] | None) -> QuerySet[AuditEntry]:
    """Newest first; with `merchant_ids`, only entries about these merchants. Kinds of objects may be named with their room
    ("catalog.product") or without ("product").
    """
    entries = AuditEntry.objects.order_by("-id")
    if merchant_ids is not None:
        entries = entries.filter(merchant_id__in=merchant_ids)
    if asked.actor:
        entries = entries.filter(_is_actor(asked.actor))
    if asked.action:
        entries = entries.filter(Q(action=asked.action) | Q(change=asked.action))
    if asked.object_type:
        name = asked.object_type.lower()
        same = Q(object_type=name) if "." in name else Q(object_type__endswith=f".{name}")
        entries = entries.filter(same)
    columns = {
        "object_id": asked.object_id,
        "merchant_id": asked.merchant_id,
        "created_at__gte": asked.since,
        "created_at__lt": asked.until,
    }
    return entries.filter(**{name: value for name, value in columns.items() if value})


def _is_actor(named: str) -> Q:
    by_label = Q(actor_label__iexact=named)
    return by_label | Q(actor_id=int(named)) if named.isascii() and named.isdigit() else by_label
