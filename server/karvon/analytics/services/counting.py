"""Counting an order: the days and the people it belongs to are brought in step with the order book.

Nothing is added to a figure: it is computed anew from the rows as they are, one merchant at a time. Whoever counts later
sees all that whoever counted earlier saw, so neither order nor repetition of the news matters. The platform's days are
added up last, by one transaction at a time: all merchants that a transaction counts are locked before.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from karvon.analytics.truth import DAILY, ONE_CUSTOMER, ONE_GUEST, ONE_ORDER, PLACES, PLATFORM, Rollup
from karvon.kernel.db import transactional

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('analytics.merchant'), %s)"
_LOCK_PLATFORM = "SELECT pg_advisory_xact_lock(hashtext('analytics.platform_days'), 0)"


@transactional
def count_order(*, order_id: int) -> None:
    """Bring every figure that this order is part of up to date. An order that is not there changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES, {"order": order_id})
        places = cursor.fetchall()
        for merchant_id, *_ in places:
            lock_merchant(cursor, merchant_id)
        changed = 0
        for merchant_id, first, last, person, customer_id, phone in places:
            changed += count_days(cursor, merchant_id=merchant_id, first=first, last=last)
            whose = {"merchants": [merchant_id], "person": person, "customer": customer_id, "phone": phone}
            cursor.execute(_customer_of(customer_id, phone).counting(), whose | {"order": order_id})
        if changed:
            days = [day for _merchant_id, *ends, _person, _customer_id, _phone in places for day in ends]
            add_up_platform(cursor, first=min(days), last=max(days))


def lock_merchant(cursor: CursorWrapper, merchant_id: int) -> None:
    """One at a time counts a merchant, until the transaction ends; take several by ascending id."""
    # the second key is 32 bits: two merchants that share one wait for each other, no more
    cursor.execute(_LOCK, [merchant_id % 2**31])


def count_days(cursor: CursorWrapper, *, merchant_id: int, first: date, last: date) -> int:
    """Count a merchant's days anew; how many rows changed. The caller holds the merchant's lock, and adds up the
    platform's days before the transaction ends.
    """
    days: dict[str, Any] = {"merchants": [merchant_id], "first": first, "last": last}
    changed = 0
    for rollup in DAILY:
        cursor.execute(rollup.counting(), days)
        changed += cursor.rowcount
    return changed


def lock_platform(cursor: CursorWrapper) -> None:
    """One at a time adds up the platform; the same transaction locks no further merchant after this."""
    cursor.execute(_LOCK_PLATFORM)


def add_up_platform(cursor: CursorWrapper, *, first: date, last: date) -> int:
    """Add up all merchants' days; how many rows changed."""
    lock_platform(cursor)
    changed = 0
    for rollup in PLATFORM:
        cursor.execute(rollup.counting(), {"first": first, "last": last})
        changed += cursor.rowcount
    return changed


def _customer_of(customer_id: int | None, phone: str) -> Rollup:
    if customer_id is not None:
        return ONE_CUSTOMER
    return ONE_GUEST if phone else ONE_ORDER
