"""Locks of this room: the order first, then its fulfilments, then their lines, each in key order."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from karvon.kernel.rows import Rows, read_together
from karvon.kernel.work import held
from karvon.merchants.locks import share_trading
from karvon.orders.errors import OrderNotFound
from karvon.orders.models import Fulfilment, Order, OrderLine

# NO KEY: rows that refer to these (of the ledger, documents, payments) are written meanwhile, and their foreign keys, which are
# checked in an order of their own when a transaction ends, wait for nobody here
_ORDER = Rows(Order, "WHERE id = %s FOR NO KEY UPDATE")
_UNEXPIRED = Rows(Order, "WHERE id = %s AND payment_state <> 'expired' FOR NO KEY UPDATE")
_PARTS = Rows(Fulfilment, "WHERE order_id = %s ORDER BY id FOR NO KEY UPDATE")
_UNEXPIRED_PARTS = Rows(
    Fulfilment,
    "WHERE order_id = (SELECT id FROM orders_order WHERE id = %s AND payment_state <> 'expired') "
    "ORDER BY id FOR NO KEY UPDATE",
)
_LINES = Rows(OrderLine, "WHERE order_id = %s ORDER BY id")


def lock_order(order_id: int) -> tuple[Order, list[Fulfilment]]:
    """An order and all its parts, locked; the same objects for everybody in one transaction. Raises OrderNotFound."""
    return held("order", order_id, lambda: _lock(order_id, _ORDER, _PARTS))


def lock_unexpired(order_id: int) -> tuple[Order, list[Fulfilment]] | None:
    """The same, with its lines at hand, for an order that has not expired unpaid; of one that has, nothing is locked and None
    is the answer.
    """
    try:
        return held("order", order_id, lambda: _lock(order_id, _UNEXPIRED, _UNEXPIRED_PARTS, _LINES))
    except OrderNotFound:
        return None


def _lock(order_id: int, *asked: Rows[Any]) -> tuple[Order, list[Fulfilment]]:
    found, parts, *lines = read_together([order_id], *asked)
    if not found:
        raise OrderNotFound
    for each in lines:
        held("lines", order_id, partial(list, each))
    return found[0], parts


def lines_of(order: Order) -> list[OrderLine]:
    """The lines of a locked order as they are now: who changes how many are left (`lock_lines`) holds the order."""
    return held("lines", order.pk, lambda: _LINES.all(order.pk))


def is_taken(order_id: int) -> bool:
    """Whether somebody else holds the order's lock (or the order is gone); otherwise the caller now has it."""
    return not Order.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=order_id).exists()


def lock_lines(order: Order, part: Fulfilment) -> dict[int, OrderLine]:
    """The lines of a locked part by id, to be changed through these objects: `lines_of` has the same ones."""
    locked = {
        line.pk: line for line in OrderLine.objects.select_for_update().filter(fulfilment=part).order_by("pk")
    }
    lines = lines_of(order)
    lines[:] = [locked.get(line.pk, line) for line in lines]
    return locked


_SELLERS = """
    SELECT product.merchant_id FROM catalog_variant AS variant
    JOIN catalog_product AS product ON product.id = variant.product_id
    WHERE variant.id = ANY(%s)
"""


def hold_shops_open(variant_ids: Iterable[int]) -> None:
    """The sellers of these variants change no state until this transaction ends; read theirs after this."""
    share_trading(_SELLERS, [sorted(set(variant_ids))])
