"""Do payments, refunds, orders and what providers took agree?"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

_RULES = {
    "what went back of a payment is the sum of its finished refunds": """
        SELECT p.id, p.refunded_amount, coalesce(sum(r.amount), 0) FROM payments_payment p
        LEFT JOIN payments_refund r ON r.payment_id = p.id AND r.state = 'succeeded'
        WHERE p.paid_at IS NOT NULL
        GROUP BY p.id HAVING p.refunded_amount <> coalesce(sum(r.amount), 0)""",
    "a payment's state is what its amounts say": """
        SELECT id, state, amount, refunded_amount FROM payments_payment
        WHERE paid_at IS NOT NULL AND state <> CASE WHEN refunded_amount = amount THEN 'refunded'
            WHEN refunded_amount > 0 THEN 'partially_refunded' ELSE 'paid' END""",
    "no more goes back of a payment than came in": """
        SELECT p.id, p.amount, sum(r.amount) FROM payments_payment p JOIN payments_refund r ON r.payment_id = p.id
        WHERE r.state <> 'failed' GROUP BY p.id HAVING sum(r.amount) > p.amount""",
    "payments that an order needed are no more than it was paid": """
        SELECT o.id, f.paid, p.needed FROM orders_order o
        JOIN (SELECT order_id, sum(amount - surplus_amount) AS needed FROM payments_payment
              WHERE paid_at IS NOT NULL GROUP BY order_id) p ON p.order_id = o.id
        JOIN (SELECT order_id, sum(paid_amount) AS paid FROM orders_fulfilment GROUP BY order_id) f ON f.order_id = o.id
        WHERE p.needed > f.paid""",
    "surplus money goes back": """
        SELECT p.id, p.surplus_amount, coalesce(sum(r.amount), 0) FROM payments_payment p
        LEFT JOIN payments_refund r ON r.payment_id = p.id AND r.reason IN ('late', 'duplicate')
        WHERE p.surplus_amount > 0
        GROUP BY p.id HAVING p.surplus_amount > coalesce(sum(r.amount), 0)""",
}  # fmt: skip


def list_disagreements(limit: int) -> Iterable[tuple[str, str]]:
    """(rule, what) of everything that does not agree, at most `limit` per rule."""
    with connection.cursor() as cursor:
        for rule, statement in _RULES.items():
            cursor.execute(f"{statement} LIMIT {int(limit)}")
            yield from ((rule, ", ".join(map(str, row))) for row in cursor.fetchall())
