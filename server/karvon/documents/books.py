"""Do the documents agree with themselves and with the orders? One query for each rule."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

RULES = {
    "numbers of documents have no gaps": """
        SELECT series.merchant_id, series.kind, series.year, series.last, count(document.id)
        FROM documents_numberseries AS series LEFT JOIN documents_document AS document
          ON document.merchant_id = series.merchant_id AND document.kind = series.kind AND document.year = series.year
        GROUP BY series.id HAVING count(document.id) <> series.last OR coalesce(max(document.sequence), 0) <> series.last""",
    "invoices are for what was agreed": """
        SELECT document.id, document.total, sum(part.total) FROM documents_document AS document
        JOIN orders_fulfilment AS part ON part.order_id = document.order_id AND part.merchant_id = document.merchant_id
        WHERE document.kind = 'invoice' GROUP BY document.id HAVING document.total <> sum(part.total)""",
    "no more is credited than was refunded": """
        SELECT part.id, part.refunded_amount, sum(document.total) FROM documents_document AS document
        JOIN orders_fulfilment AS part ON part.id = document.fulfilment_id
        WHERE document.kind = 'credit_note' GROUP BY part.id HAVING sum(document.total) > part.refunded_amount""",
}


def list_disagreements(limit: int = 100) -> Iterator[tuple[str, str]]:
    """(rule, what) of at most `limit` disagreements for each rule."""
    with connection.cursor() as cursor:
        for rule, statement in RULES.items():
            cursor.execute(f"{statement} LIMIT {int(limit)}")
            for row in cursor.fetchall():
                yield rule, ", ".join(map(str, row))
