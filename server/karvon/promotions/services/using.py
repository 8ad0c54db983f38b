"""Counting uses. Limits hold however many customers press the button at once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from karvon.kernel.db import transactional
from karvon.promotions.errors import CouponExhausted, CouponUsedUp

# judged and counted from the locked rows: the UPDATE itself meets them first as they were before the wait
_COUNT_USES = """
WITH locked AS (
    SELECT promotion.id, promotion.used_count, promotion.total_limit,
           promotion.total_limit IS NULL OR promotion.used_count < promotion.total_limit AS has_left
    FROM promotions_promotion AS promotion
    WHERE promotion.id = ANY(%(promotions)s) ORDER BY promotion.id FOR UPDATE
)
UPDATE promotions_promotion AS promotion SET used_count = locked.used_count + 1, total_limit = locked.total_limit
FROM locked
WHERE promotion.id = locked.id AND locked.has_left
RETURNING promotion.id
"""

# a statement of its own: it sees what others committed while the one above waited for its locks
_WRITE_USES = """
INSERT INTO promotions_promotionuse (promotion_id, order_id, customer_key, amount)
SELECT promotion.id, %(order)s, %(customer)s, used.amount
FROM unnest(%(promotions)s::bigint[], %(amounts)s::numeric[]) AS used(promotion_id, amount)
JOIN promotions_promotion AS promotion ON promotion.id = used.promotion_id
WHERE promotion.per_customer_limit IS NULL OR promotion.per_customer_limit > (
    SELECT count(*) FROM promotions_promotionuse AS earlier
    WHERE earlier.promotion_id = promotion.id AND earlier.customer_key = %(customer)s
      AND earlier.released_at IS NULL)
RETURNING promotion_id
"""

_RELEASE_USES = """
WITH locked AS (
    SELECT promotion.id AS promotion_id, promotion.used_count, promotion.total_limit, used.id AS use_id
    FROM promotions_promotionuse AS used JOIN promotions_promotion AS promotion ON promotion.id =
    used.promotion_id WHERE used.order_id = %(order)s AND used.released_at IS NULL
    ORDER BY promotion.id
    FOR UPDATE
), released AS (
    UPDATE promotions_promotionuse AS used SET released_at = statement_timestamp()
    FROM locked WHERE used.id = locked.use_id
)
UPDATE promotions_promotion AS promotion SET used_count = locked.used_count - 1, total_limit = locked.total_limit
FROM locked WHERE promotion.id = locked.promotion_id
"""

_RECLAIM_COUNTS = """
WITH locked AS (
    SELECT promotion.id, promotion.used_count, promotion.total_limit,
           promotion.total_limit IS NULL OR promotion.used_count < promotion.total_limit AS has_left
    FROM promotions_promotion AS promotion JOIN promotions_promotionuse AS used ON used.promotion_id = promotion.id
    WHERE used.order_id = %(order)s AND used.released_at IS NOT NULL
    ORDER BY promotion.id FOR UPDATE OF promotion
), changed AS (
    UPDATE promotions_promotion AS promotion SET used_count = locked.used_count + 1, total_limit = locked.total_limit
    FROM locked WHERE promotion.id = locked.id AND locked.has_left
    RETURNING promotion.id
)
SELECT (SELECT count(*) FROM locked) - (SELECT count(*) FROM changed)
"""

_RECLAIM_USES = """
UPDATE promotions_promotionuse AS used SET released_at = NULL
FROM promotions_promotion AS promotion
WHERE used.order_id = %(order)s AND used.released_at IS NOT NULL AND promotion.id = used.promotion_id
  AND (promotion.per_customer_limit IS NULL OR promotion.per_customer_limit > (
    SELECT count(*) FROM promotions_promotionuse AS other
    WHERE other.promotion_id = promotion.id AND other.customer_key = used.customer_key AND other.released_at IS NULL))
"""


@transactional
def use_promotions(*, order_id: int, customer_key: str, uses: Sequence[tuple[int, Decimal]]) -> None:
    """Count an order's use of each (promotion id, amount): two queries, none without promotions.

    `customer_key` is "user:<id>", "phone:<E.164>" or "email:<address>". Raises CouponExhausted or
    CouponUsedUp (409); the caller's transaction then rolls back.
    """
    amounts = dict(uses)
    if not amounts:
        return
    promotions = sorted(amounts)
    params: dict[str, Any] = {
        "promotions": promotions,
        "amounts": [amounts[promotion_id] for promotion_id in promotions],
        "order": order_id,
        "customer": customer_key,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_USES, params)
        if len(cursor.fetchall()) != len(promotions):
            raise CouponExhausted
        cursor.execute(_WRITE_USES, params)
        if len(cursor.fetchall()) != len(promotions):
            raise CouponUsedUp


@transactional
def release_promotions(order_id: int) -> None:
    """Give back the uses of an order that was not fulfilled. Doing it again does nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE_USES, {"order": order_id})


@transactional
def reclaim_promotions(order_id: int) -> None:
    """Count the uses of an order again that had given them back. Raises CouponExhausted or CouponUsedUp (409) when others
    have used them up; the caller's savepoint or transaction then rolls back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECLAIM_COUNTS, {"order": order_id})
        if cursor.fetchone()[0]:
            raise CouponExhausted
        cursor.execute(
            "SELECT count(*) FROM promotions_promotionuse WHERE order_id = %s AND released_at IS NOT NULL",
            [order_id],
        )
        wanted = cursor.fetchone()[0]
        cursor.execute(_RECLAIM_USES, {"order": order_id})
        if cursor.rowcount != wanted:
            raise CouponUsedUp
