"""Publishing and withdrawing on time."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q

from karvon.catalog.models import Product
from karvon.catalog.window import refresh_products
from karvon.kernel import clock
from karvon.kernel.db import transactional


@transactional
def apply_publication_schedule(*, now: datetime | None = None, limit: int = 500) -> int:
    """Show what is due and take away what is over; returns how many windows were rewritten. Repeating it does nothing."""
    now = now or clock.now()
    begun = (
        Q(publish_at__lte=now)
        & (Q(unpublish_at=None) | Q(unpublish_at__gt=now))
        & Q(window__is_visible=False)
    )
    over = Q(unpublish_at__lte=now, window__is_visible=True)
    due = list(
        Product.objects.filter(begun | over, state="published", deleted_at=None, merchant__state="active")
        .filter(variants__is_active=True)
        .distinct()
        .order_by(F("pk").asc())
        .values_list("pk", flat=True)[:limit]
    )
    refresh_products(due, now=now)
    return len(due)
