# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Units for sale in the shop window: three columns of `WindowRow` that follow the stock levels."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

# Two statements in one round trip. The rows are locked first, by a statement of its own: only what follows it
# sees the sales that others committed while we waited. One statement would read the sum before the wait.
_LOCK_ROWS = """
SELECT product_id FROM catalog_windowrow WHERE product_id = ANY(%(products)s) ORDER BY product_id FOR UPDATE;
"""

# Units at closed branches are not for sale; an uncounted variant is for sale wherever the merchant is open.
SHOWN_STOCK = """
    SELECT variant.product_id,
           coalesce(sum(level.on_hand - level.reserved) FILTER (WHERE variant.tracks_stock), 0) AS quantity,
           bool_or(NOT variant.tracks_stock) AS has_uncounted,
           array_agg(DISTINCT level.branch_id ORDER BY level.branch_id)
               FILTER (WHERE variant.tracks_stock AND level.on_hand > level.reserved) AS branch_ids
    FROM catalog_variant AS variant
    LEFT JOIN (inventory_stocklevel AS level
               JOIN merchants_branch AS branch ON branch.id = level.branch_id AND branch.is_active)
           ON level.variant_id = variant.id
    WHERE variant.is_active {condition}
    GROUP BY variant.product_id
"""

_REFRESH_ROWS = f"""
WITH stock AS ({SHOWN_STOCK.format(condition="AND variant.product_id = ANY(%(products)s)")}),
fresh AS (
    SELECT shown.product_id, shown.in_stock AS was_in_stock, shown.branch_ids AS were_at,
           coalesce(stock.quantity, 0) AS quantity,
           coalesce(stock.has_uncounted OR stock.quantity > 0, false) AS in_stock,
           CASE WHEN stock.has_uncounted
                THEN ARRAY(SELECT branch.id FROM merchants_branch AS branch
                           WHERE branch.merchant_id = shown.merchant_id AND branch.is_active
                           ORDER BY branch.id)
                ELSE coalesce(stock.branch_ids, '{{}}') END AS branch_ids
    FROM catalog_windowrow AS shown LEFT JOIN stock ON stock.product_id = shown.product_id
    WHERE shown.product_id = ANY(%(products)s)
)
UPDATE catalog_windowrow AS shown
SET quantity = fresh.quantity, in_stock = fresh.in_stock, branch_ids = fresh.branch_ids
FROM fresh
WHERE shown.product_id = fresh.product_id
  AND (shown.quantity, shown.in_stock, shown.branch_ids)
      IS DISTINCT FROM (fresh.quantity, fresh.in_stock, fresh.branch_ids)
RETURNING shown.product_id,
          (fresh.was_in_stock, fresh.were_at) IS DISTINCT FROM (fresh.in_stock, fresh.branch_ids)
"""


def refresh_stock(product_ids: Iterable[int]) -> None:
    """Make the window show what is for sale, inside the caller's transaction: one query.

    Lists change their members only when a product sells out, comes back or changes branches; then the epoch
    moves.
    """
    products = sorted(set(product_ids))
    if not products:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ROWS + _REFRESH_ROWS, {"products": products})
        cursor.nextset()
        flipped = [product_id for product_id, has_flipped in cursor.fetchall() if has_flipped]
    if flipped:
        from karvon.catalog import window as catalog_window

        catalog_window.bump_epoch(flipped)
