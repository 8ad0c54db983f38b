# ruff: noqa: S608 - SQL put together from constants; every value is bound
"""Who waits for whom while a shop opens or closes.

Checkouts share the *trading* lock of every merchant they buy from, from before they look at its state until they
commit; whoever changes that state owns it alone. So an order is either committed before the shop closes, or sees that
it has closed. PostgreSQL's advisory locks are used because they queue fairly: a shop that sells all the time can
still be suspended, where a row lock shared by ever new checkouts would keep the operator waiting.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

_TRADING = 1_003  # the space of PostgreSQL's advisory locks; the merchant is the second key


def own_trading(merchant_id: int) -> None:
    """No order of this merchant is being placed until this transaction ends. Taken before the merchant's row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({_TRADING}, {_key('%s')})", [merchant_id])


def share_trading(merchants_sql: str, params: list[Any]) -> None:
    """The merchants that a query selects as `merchant_id` keep their state until this transaction ends, in one query.

    What is read afterwards is the state that holds.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_advisory_xact_lock_shared({_TRADING}, {_key('merchant_id')}) "
            f"FROM (SELECT DISTINCT merchant_id FROM ({merchants_sql}) AS named ORDER BY merchant_id) AS sorted",
            params,
        )


def _key(value: str) -> str:
    # two merchants that share a key wait for each other a little longer, no more
    return f"mod({value}::bigint, 2147483647)::int"
