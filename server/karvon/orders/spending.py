"""What customers have paid and kept, in one query for many of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from karvon.kernel.money import exponent_of
from karvon.orders.states import UNDONE

# Per part of an order what was paid and not given back, but no more than is owed for it now (`orders.dues`): what was
# called off or returned is to be given back, whether it has been yet or not.
_KEPT = """
SELECT person.id, coalesce(sum(kept.amount), 0)
FROM unnest(%(people)s::bigint[]) AS person(id)
LEFT JOIN LATERAL (
    SELECT least(part.paid_amount - part.refunded_amount, part.delivery_fee + (
               SELECT coalesce(sum(round(
                   line.total * (line.quantity - line.cancelled_quantity) / line.quantity, %(places)s)), 0)
               FROM orders_orderline AS line WHERE line.fulfilment_id = part.id)) AS amount
    FROM orders_order AS placed JOIN orders_fulfilment AS part ON part.order_id = placed.id
    WHERE placed.customer_id = person.id AND placed.placed_at > %(since)s AND placed.currency = %(currency)s
      AND part.paid_amount > 0 AND part.state <> ALL(%(undone)s)
) AS kept ON true
GROUP BY person.id
"""


def sum_kept(people: Sequence[int], *, since: datetime, currency: str) -> dict[int, Decimal]:
    """By person's id, what they paid in this currency for orders placed since then and did not give back."""
    params: dict[str, Any] = {
        "people": list(people),
        "since": since,
        "currency": currency,
        "places": exponent_of(currency),
        "undone": sorted(UNDONE),
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, params)
        return dict(cursor.fetchall())
