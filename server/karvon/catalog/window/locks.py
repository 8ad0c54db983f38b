"""Who waits for whom while the window is written.

Two locks make every document equal to the rows behind it, whatever happens at once:

* a product's row: two refreshes of one product follow each other, and the second reads what the first left;
* the *shown texts*: names of categories, attributes, tags, collections and modifier groups, and merchants' names. Every
  refresh shares this lock until its transaction ends; whoever changes such a text owns it alone. So a product that is just
  being put into a category either waits and reads the new name, or is seen by the one who renames.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

_TEXTS = 1_002  # of PostgreSQL's advisory locks, kept until the transaction ends


def share_texts() -> None:
    """Nobody changes a shown text until this transaction ends; as many as like may share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_TEXTS])


def own_texts() -> None:
    """No other transaction writes windows until this one ends. Taken before products' locks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TEXTS])


def lock_products(product_ids: Iterable[int]) -> None:
    """The rows of these products, in key order; rows that refer to them may still be written."""
    ids = list(product_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM catalog_product WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids]
        )


def await_writers() -> None:
    """Wait until every refresh that is under way has ended; those that begin later see what is committed now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", [_TEXTS, _TEXTS])
