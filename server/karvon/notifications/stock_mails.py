"""What the low-stock mail shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from karvon.accounts.models import User
    from karvon.inventory.events import StockLow
    from karvon.inventory.models import StockLevel


def build_stock_context(level: StockLevel, event: StockLow, person: User) -> dict[str, Any]:
    """The numbers as they were when the threshold was crossed; texts in the active language."""
    variant = level.variant
    return {
        "shop": settings.KARVON_SHOP_NAME,
        "name": person.first_name,
        "product": variant.product.title,
        "variant": variant.title,
        "sku": variant.sku,
        "branch": level.branch.name,
        "merchant": level.branch.merchant.name,
        "available": event.available,
        "threshold": event.threshold,
        "url": f"{settings.KARVON_PUBLIC_URL}/admin/inventory/stocklevel/{level.pk}/change/",
    }
