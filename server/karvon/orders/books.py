"""Do the numbers agree? Every rule that rows of different tables keep together, as one query each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection

from karvon.inventory import selectors as inventory
from karvon.reviews import selectors as reviews


@dataclass(frozen=True)
class Finding:
    """One disagreement, in words."""

    rule: str
    what: str


_RULES = {
    "order totals are the sum of their lines": """
        SELECT o.id, o.subtotal, sum(l.subtotal) FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
        GROUP BY o.id HAVING o.subtotal <> sum(l.subtotal)""",
    "order totals are the sum of their fulfilments": """
        SELECT o.id, o.total, sum(f.total) FROM orders_order o JOIN orders_fulfilment f ON f.order_id = o.id
        GROUP BY o.id HAVING o.total <> sum(f.total) OR o.discount <> sum(f.discount)""",
    "every order has lines and fulfilments": """
        SELECT o.id FROM orders_order o WHERE NOT EXISTS (SELECT 1 FROM orders_orderline l WHERE l.order_id = o.id)
        OR NOT EXISTS (SELECT 1 FROM orders_fulfilment f WHERE f.order_id = o.id)""",
    "what went on to the end or goes on was paid whole where the order counts as paid": """
        SELECT f.id, f.total, f.paid_amount FROM orders_fulfilment f JOIN orders_order o ON o.id = f.order_id
        WHERE o.payment_state = 'paid' AND f.state NOT IN ('cancelled', 'rejected', 'returned')
          AND f.paid_amount <> f.total AND NOT EXISTS (
            SELECT 1 FROM orders_orderline l WHERE l.fulfilment_id = f.id AND l.cancelled_quantity > 0)""",
    "nothing was paid for orders that failed or expired": """
        SELECT f.id, f.paid_amount FROM orders_fulfilment f JOIN orders_order o ON o.id = f.order_id
        WHERE o.payment_state IN ('failed', 'expired') AND f.paid_amount > 0""",
    "a refund is due where something paid was called off or returned": """
        SELECT o.id FROM orders_order o WHERE o.payment_state = 'refund_due' AND NOT EXISTS (
            SELECT 1 FROM orders_fulfilment f LEFT JOIN orders_orderline l ON l.fulfilment_id = f.id
            WHERE f.order_id = o.id AND f.paid_amount > 0
              AND (f.state IN ('cancelled', 'rejected', 'returned') OR l.cancelled_quantity > 0))""",
    "what was called off came back": """
        SELECT r.order_id, r.returned, sum(CASE WHEN f.state IN ('cancelled', 'rejected', 'returned') THEN l.quantity
                                           ELSE l.cancelled_quantity END)
        FROM inventory_reservation r JOIN inventory_stocklevel s ON s.id = r.level_id
        JOIN orders_orderline l ON l.order_id = r.order_id AND l.variant_id = s.variant_id AND l.tracks_stock
        JOIN orders_fulfilment f ON f.id = l.fulfilment_id AND f.branch_id = s.branch_id
        WHERE r.state = 'committed'
        GROUP BY r.id HAVING r.returned <> sum(CASE WHEN f.state IN ('cancelled', 'rejected', 'returned') THEN l.quantity
                                               ELSE l.cancelled_quantity END)""",
    "open reservations belong to orders that wait for a payment": """
        SELECT r.id, r.order_id FROM inventory_reservation r LEFT JOIN orders_order o ON o.id = r.order_id
        WHERE r.state = 'open' AND (o.id IS NULL OR o.state <> 'pending' OR o.payment_deadline IS NULL)""",
    "promotions were used as often as orders say": """
        SELECT p.id, p.used_count, count(u.id) FROM promotions_promotion p
        LEFT JOIN promotions_promotionuse u ON u.promotion_id = p.id AND u.released_at IS NULL
        GROUP BY p.id HAVING p.used_count <> count(u.id)""",
}


# rules of the rooms above: `check(limit)` yields (rule, what)
_checks: list[Callable[[int], Iterable[tuple[str, str]]]] = []


def register(check: Callable[[int], Iterable[tuple[str, str]]]) -> None:
    """Let a room above add its rules when the server starts."""
    if check not in _checks:
        _checks.append(check)


def verify_books(*, limit: int = 100) -> list[Finding]:
    """All disagreements (at most `limit` per rule); an empty list when the books are clean."""
    findings = []
    with connection.cursor() as cursor:
        for rule, statement in _RULES.items():
            cursor.execute(f"{statement} LIMIT {int(limit)}")
            findings += [Finding(rule, ", ".join(map(str, row))) for row in cursor.fetchall()]
    findings += [Finding("stock", str(each)) for each in inventory.list_discrepancies(limit=limit)]
    findings += [Finding("ratings", str(each)) for each in reviews.list_discrepancies(limit=limit)]
    for check in _checks:
        findings += [Finding(rule, what) for rule, what in check(limit)]
    return findings
