"""The copies of carts in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from karvon.carts.lines import from_ms, to_document
from karvon.carts.models import CartCheckpoint
from karvon.carts.owner import CartOwner
from karvon.kernel import clock

# accounts that were erased meanwhile take their carts with them
_WRITE = """
INSERT INTO carts_cartcheckpoint (cart_id, user_id, document, version, consumed_version, changed_at)
SELECT copy.cart_id, copy.user_id, copy.document, copy.version, 0, copy.changed_at
FROM unnest(%(carts)s::uuid[], %(users)s::bigint[], %(documents)s::jsonb[], %(versions)s::bigint[],
            %(moments)s::timestamptz[]) AS copy(cart_id, user_id, document, version, changed_at)
WHERE copy.user_id IS NULL OR EXISTS (SELECT 1 FROM accounts_user AS person WHERE person.id = copy.user_id)
ORDER BY copy.cart_id
ON CONFLICT (cart_id) DO UPDATE
SET user_id = excluded.user_id, document = excluded.document, version = excluded.version,
    changed_at = excluded.changed_at
WHERE carts_cartcheckpoint.version < excluded.version
  AND carts_cartcheckpoint.consumed_version < excluded.version
"""

_CONSUME = """
INSERT INTO carts_cartcheckpoint (cart_id, document, version, consumed_version, changed_at)
VALUES (%(cart)s, '{}', 0, %(version)s, %(now)s)
ON CONFLICT (cart_id) DO UPDATE
SET consumed_version = greatest(carts_cartcheckpoint.consumed_version, excluded.consumed_version)
"""

_CONSUME_KNOWN = """
UPDATE carts_cartcheckpoint AS copy SET consumed_version = greatest(copy.consumed_version, gone.version)
FROM (SELECT known.cart_id, gone.version
      FROM unnest(%(carts)s::uuid[], %(versions)s::bigint[]) AS gone(cart_id, version)
      JOIN carts_cartcheckpoint AS known ON known.cart_id = gone.cart_id
      ORDER BY known.cart_id FOR UPDATE OF known) AS gone
WHERE copy.cart_id = gone.cart_id AND copy.consumed_version < gone.version
"""

EVERY_VERSION = 2**62


@dataclass(frozen=True, slots=True)
class Checkpoint:
    cart_id: UUID
    version: int
    document: Mapping[str, Any]


def find_checkpoint(owner: CartOwner, *, since: datetime) -> Checkpoint | None:
    """The copy of an owner's cart, unless it was ordered, merged or emptied, or is older than `since`: one
    query.
    """
    copies = CartCheckpoint.objects.filter(version__gt=F("consumed_version"), changed_at__gt=since)
    if owner.user_id is not None:
        copies = copies.filter(user_id=owner.user_id)
    elif owner.cart_id is not None:
        copies = copies.filter(cart_id=owner.cart_id, user__isnull=True)
    else:
        return None
    found = copies.order_by("-changed_at", "-version").values_list("cart_id", "version", "document").first()
    return Checkpoint(*found) if found else None


def write_checkpoints(carts: Sequence[tuple[UUID, Mapping[str, str]]]) -> None:
    """Write copies of carts (id and hash): one query. A copy never replaces a newer one."""
    params: dict[str, Any] = {
        "carts": [cart_id for cart_id, _ in carts],
        "users": [int(fields["u"]) if fields["u"] else None for _, fields in carts],
        "documents": [json.dumps(to_document(fields)) for _, fields in carts],
        "versions": [int(fields["v"]) for _, fields in carts],
        "moments": [from_ms(fields["t"]) for _, fields in carts],
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, params)


def consume_checkpoint(cart_id: UUID, version: int) -> None:
    """A cart version became an order (or part of another cart): no copy of it may come back. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CONSUME, {"cart": cart_id, "version": version, "now": clock.now()})


def consume_checkpoints(versions: Mapping[UUID, int]) -> None:
    """Mark the copies of carts that are gone, where copies exist: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_CONSUME_KNOWN, {"carts": list(versions), "versions": list(versions.values())})


def drop_old_checkpoints(*, before: datetime, except_for: Sequence[UUID] = ()) -> int:
    """Remove copies and marks that no cart can need any more; how many."""
    removed, _ = CartCheckpoint.objects.filter(changed_at__lt=before).exclude(cart_id__in=except_for).delete()
    return removed
