"""Publishing and withdrawing on time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q

from karvon.catalog.models import Collection, CollectionKind, Product, ProductState, Variant, WindowRow
from karvon.catalog.window import refresh_products
from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.merchants.models import MerchantState

BATCH: Final = 500


@transactional
def apply_publication_schedule(*, now: datetime | None = None) -> int:
    """Show what is due, take away what is over, and let products grow out of "new" collections.

    At most 500 windows at a time; returns how many were rewritten. Repeating it does nothing.
    """
    now = now or clock.now()
    due = sorted({*_list_due(now), *_list_outgrown(now)})[:BATCH]
    refresh_products(due, now=now)
    return len(due)


def _list_due(now: datetime) -> list[int]:
    begun = Q(publish_at__lte=now, window__is_visible=False) & (
        Q(unpublish_at=None) | Q(unpublish_at__gt=now)
    )
    over = Q(unpublish_at__lte=now, window__is_visible=True)
    sellable = Exists(Variant.objects.filter(product=OuterRef("pk"), is_active=True))
    due = Product.objects.filter(
        begun | over,
        sellable,
        state=ProductState.PUBLISHED,
        deleted_at=None,
        merchant__state=MerchantState.ACTIVE,
    )
    return list(due.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _list_outgrown(now: datetime) -> list[int]:
    """Products that are still shown in a collection of the last N days, and are older by now."""
    found: list[int] = []
    for pk, rule in Collection.objects.filter(kind=CollectionKind.RULE, is_active=True).values_list(
        "pk", "rule"
    ):
        days = [each["value"] for each in rule.get("all", ()) if each.get("field") == "created_within_days"]
        if days:
            since = now - timedelta(days=min(days))
            old = WindowRow.objects.filter(collection_ids__contains=[pk], created_at__lt=since)
            found += old.order_by("pk").values_list("pk", flat=True)[:BATCH]
    return found
