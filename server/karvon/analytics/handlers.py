"""Which news of other rooms changes figures."""

from __future__ import annotations

from uuid import UUID

from karvon.analytics import services
from karvon.kernel.events import handles
from karvon.orders.events import AmountsChanged, FulfilmentChanged, OrderPlaced
from karvon.orders.models import Order


@handles(OrderPlaced, name="analytics.order_placed")
def count_placed_order(event: OrderPlaced, *, event_id: UUID) -> None:
    """A new order, and a cart that became one."""
    services.count_order(order_id=event.order_id)
    order = Order.objects.filter(pk=event.order_id).values_list("cart_key", "placed_at").first()
    if order is not None:
        services.note_ordered_cart(cart_key=order[0], placed_at=order[1])


@handles(FulfilmentChanged, name="analytics.fulfilment_changed")
def count_step(event: FulfilmentChanged, *, event_id: UUID) -> None:
    """Every step: confirmed, handed over, called off, returned."""
    services.count_order(order_id=event.order_id)


@handles(AmountsChanged, name="analytics.amounts_changed")
def count_amounts(event: AmountsChanged, *, event_id: UUID) -> None:
    """Money was booked, or units were called off."""
    services.count_order(order_id=event.order_id)
