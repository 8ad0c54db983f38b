"""Locks of this room: the order first, then its fulfilments, then their lines, each in key order."""

from __future__ import annotations

from collections.abc import Iterable

from karvon.merchants.locks import share_trading
from karvon.orders.errors import OrderNotFound
from karvon.orders.models import Fulfilment, Order, OrderLine


def lock_order(order_id: int) -> tuple[Order, list[Fulfilment]]:
    """An order and all its parts, locked. Raises OrderNotFound."""
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    parts = list(Fulfilment.objects.select_for_update().filter(order=order).order_by("pk"))
    return order, parts


def is_taken(order_id: int) -> bool:
    """Whether somebody else holds the order's lock (or the order is gone); otherwise the caller now has it."""
    return not Order.objects.select_for_update(skip_locked=True).filter(pk=order_id).exists()


def lock_lines(part: Fulfilment) -> dict[int, OrderLine]:
    """The lines of a locked part by id."""
    lines = OrderLine.objects.select_for_update().filter(fulfilment=part).order_by("pk")
    return {line.pk: line for line in lines}


_SELLERS = """
    SELECT product.merchant_id FROM catalog_variant AS variant
    JOIN catalog_product AS product ON product.id = variant.product_id
    WHERE variant.id = ANY(%s)
"""


def hold_shops_open(variant_ids: Iterable[int]) -> None:
    """The sellers of these variants change no state until this transaction ends; read theirs after this."""
    share_trading(_SELLERS, [sorted(set(variant_ids))])
