"""Counting an order: the days and the people it belongs to are brought in step with the order book.

Nothing is added to a figure: it is computed anew from the rows as they are, one merchant at a time. Whoever counts later
sees all that whoever counted earlier saw, so neither order nor repetition of the news matters.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from karvon.analytics.truth import DAILY, ONE_CUSTOMER, ONE_GUEST, ONE_ORDER, PLACES, Rollup
from karvon.kernel.db import transactional

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('analytics.merchant'), %s)"


@transactional
def count_order(*, order_id: int) -> None:
    """Bring every figure that this order is part of up to date. An order that is not there changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES, {"order": order_id})
        places = cursor.fetchall()
        for merchant_id, *_ in places:
            lock_merchant(cursor, merchant_id)
        for merchant_id, first, last, person, customer_id, phone in places:
            count_days(cursor, merchant_id=merchant_id, first=first, last=last)
            whose = {"merchant": merchant_id, "person": person, "customer": customer_id, "phone": phone}
            cursor.execute(_customer_of(customer_id, phone).counting(), whose | {"order": order_id})


def lock_merchant(cursor: CursorWrapper, merchant_id: int) -> None:
    """One at a time counts a merchant, until the transaction ends; take several by ascending id."""
    # the second key is 32 bits: two merchants that share one wait for each other, no more
    cursor.execute(_LOCK, [merchant_id % 2**31])


def count_days(cursor: CursorWrapper, *, merchant_id: int, first: date, last: date) -> int:
    """Count a merchant's days anew; how many rows changed. The caller holds the merchant's lock."""
    days: dict[str, Any] = {"merchant": merchant_id, "first": first, "last": last}
    changed = 0
    for rollup in DAILY:
        cursor.execute(rollup.counting(), days)
        changed += cursor.rowcount
    return changed


def _customer_of(customer_id: int | None, phone: str) -> Rollup:
    if customer_id is not None:
        return ONE_CUSTOMER
    return ONE_GUEST if phone else ONE_ORDER
