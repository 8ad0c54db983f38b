"""Locks of this room: the order first, then its fulfilments, then their lines, each in key order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from karvon.kernel.rows import Find, Rows, read_together
from karvon.kernel.work import held
from karvon.merchants.locks import share_trading
from karvon.orders.errors import OrderNotFound
from karvon.orders.models import Fulfilment, Order, OrderLine, PaymentState

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
    return held("order", order_id, lambda: _only(*read_together((_ORDER, [order_id]), (_PARTS, [order_id]))))


def lock_unexpired(order_id: int, also: Find) -> tuple[Order, list[Fulfilment], list[Any]] | None:
    """The same for an order that has not expired unpaid, with its lines at hand, and what `also` finds once it is locked. Of one
    that has expired nothing is locked here, and None is the answer.
    """
    others: list[list[Any]] = []

    def lock() -> tuple[Order, list[Fulfilment]]:
        mine = [order_id]
        found, parts, lines, more = read_together(
            (_UNEXPIRED, mine), (_UNEXPIRED_PARTS, mine), (_LINES, mine), also
        )
        order = _only(found, parts)
        held("lines", order_id, lambda: lines)
        others.append(more)
        return order

    try:
        order, parts = held("order", order_id, lock)
    except OrderNotFound:
        return None
    if order.payment_state == PaymentState.EXPIRED:
        return None  # somebody here has locked it before
    [more] = others or read_together(also)
    return order, parts, more


def _only(found: list[Order], parts: list[Fulfilment]) -> tuple[Order, list[Fulfilment]]:
    if not found:
        raise OrderNotFound
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
