"""Keeping the shop window in step when it is not stock that changed."""

from __future__ import annotations

from django.db.models import Q

from karvon.catalog.models import Variant
from karvon.inventory.window import refresh_stock
from karvon.kernel.db import transactional
from karvon.merchants.models import Branch

BATCH = 500


def refresh_branch(*, branch_id: int) -> int:
    """Show what is for sale after a branch opened or closed; how many products. A transaction per 500
    products.
    """
    branch = Branch.objects.filter(pk=branch_id).first()
    if branch is None:
        return 0
    # uncounted variants are for sale at every open branch of their merchant
    concerned = Q(stock_levels__branch_id=branch_id) | Q(merchant_id=branch.merchant_id, tracks_stock=False)
    products = list(
        Variant.objects.filter(concerned)
        .order_by("product_id")
        .values_list("product_id", flat=True)
        .distinct()
    )
    for start in range(0, len(products), BATCH):
        _refresh(products[start : start + BATCH])
    return len(products)


@transactional
def _refresh(product_ids: list[int]) -> None:
    refresh_stock(product_ids)
