"""Locks of this room: the order first, then its fulfilments in key order."""

from __future__ import annotations

from karvon.orders.errors import OrderNotFound
from karvon.orders.models import Fulfilment, Order


def lock_order(order_id: int) -> tuple[Order, list[Fulfilment]]:
    """An order and all its parts, locked. Raises OrderNotFound."""
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    parts = list(Fulfilment.objects.select_for_update().filter(order=order).order_by("pk"))
    return order, parts
