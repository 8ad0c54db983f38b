"""What became of the events of some orders."""

from __future__ import annotations

from typing import Any

from karvon.catalog.models import Product, Variant
from karvon.kernel.events import subscriptions_of
from karvon.kernel.models import DeliveryState, EventDelivery, OutboxEvent
from karvon.orders.events import OrderConfirmed, OrderPlaced
from tests.faults.shop import wait_for


def wait_until_all_are_handled(orders: list[dict[str, Any]], *, seconds: float = 60) -> None:
    """Every handler has done with every event of the orders."""
    events = OutboxEvent.objects.filter(payload__order_id__in=[order["id"] for order in orders])
    done = EventDelivery.objects.filter(event__in=events, state=DeliveryState.DONE)

    def is_all_done() -> bool:
        # handlers have news of their own: each is counted when it is there
        types = list(events.values_list("type", flat=True))
        return done.count() == sum(len(subscriptions_of(each)) for each in types)

    told = events.filter(type__in=[OrderPlaced.TYPE, OrderConfirmed.TYPE])
    assert told.count() == 2 * len(orders), "an order was placed and confirmed without saying so"
    wait_for(is_all_done, "all events are handled", seconds=seconds)


def assert_counted_once(variant: Variant, units: int) -> None:
    """The popularity of a product is a sum: an event handled twice, or never, shows in it."""
    assert Product.objects.values_list("sold_count", flat=True).get(pk=variant.product_id) == units
