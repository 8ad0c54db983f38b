# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Does the ledger agree with itself, with the orders and with the payouts? One query for each rule."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from karvon.orders.events import MoneyMoved

# what is on its way here is no disagreement yet; what was given up is
_ON_ITS_WAY = """
    SELECT (event.payload ->> 'fulfilment_id')::bigint AS fulfilment_id FROM kernel_outboxevent AS event
    WHERE event.relayed_at IS NULL AND event.type = %(money)s
    UNION ALL
    SELECT (event.payload ->> 'fulfilment_id')::bigint FROM kernel_eventdelivery AS delivery
    JOIN kernel_outboxevent AS event ON event.id = delivery.event_id
    WHERE delivery.state = 'pending' AND event.type = %(money)s
"""
RULES = {
    "every transaction adds up to nothing": """
        SELECT entry.transaction_id, account.currency, sum(entry.amount)
        FROM ledger_entry AS entry JOIN ledger_account AS account ON account.id = entry.account_id
        GROUP BY entry.transaction_id, account.currency HAVING sum(entry.amount) <> 0""",
    "balances are the sum of their entries": """
        SELECT account.id, account.balance, coalesce(moved.amount, 0) FROM ledger_account AS account
        LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM ledger_entry GROUP BY account_id) AS moved
               ON moved.account_id = account.id
        WHERE account.balance <> coalesce(moved.amount, 0)""",
    "the accounts of a currency add up to nothing": """
        SELECT currency, sum(balance) FROM ledger_account GROUP BY currency HAVING sum(balance) <> 0""",
    "what came in for a part of an order is what was paid and not refunded": f"""
        SELECT part.id, part.order_id, part.paid_amount - part.refunded_amount, coalesce(moved.amount, 0)
        FROM orders_fulfilment AS part LEFT JOIN (
            SELECT posted.fulfilment_id, sum(entry.amount) AS amount FROM ledger_transaction AS posted
            JOIN ledger_entry AS entry ON entry.transaction_id = posted.id AND entry.line IN ('payment', 'refund')
            JOIN ledger_account AS account ON account.id = entry.account_id AND account.kind = 'clearing'
            GROUP BY posted.fulfilment_id) AS moved ON moved.fulfilment_id = part.id
        WHERE part.paid_amount - part.refunded_amount <> coalesce(moved.amount, 0)
          AND part.id NOT IN ({_ON_ITS_WAY})""",
    "payouts that are being made are set aside": """
        SELECT account.currency, -account.balance, coalesce(made.amount, 0) FROM ledger_account AS account
        LEFT JOIN (SELECT currency, sum(amount) AS amount FROM ledger_payout WHERE state IN ('draft', 'approved')
                   GROUP BY currency) AS made ON made.currency = account.currency
        WHERE account.kind = 'payouts_due' AND -account.balance <> coalesce(made.amount, 0)""",
}


def list_disagreements(limit: int = 100) -> Iterator[tuple[str, str]]:
    """(rule, what) of at most `limit` disagreements for each rule."""
    with connection.cursor() as cursor:
        for rule, statement in RULES.items():
            cursor.execute(f"{statement} LIMIT {int(limit)}", {"money": MoneyMoved.TYPE})
            for row in cursor.fetchall():
                yield rule, ", ".join(map(str, row))
