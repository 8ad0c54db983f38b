"""Histories of orders for tests of this room and those above."""

from __future__ import annotations

from typing import Any

from karvon.accounts.models import User
from karvon.analytics import services
from karvon.catalog.models import Variant
from karvon.kernel.redis import get_redis
from karvon.orders.models import Fulfilment, Order
from karvon.orders.services import transition_fulfilment
from karvon.orders.tests.factories import make_order


def order_again(*items: tuple[Variant, int], customer: User, **fields: Any) -> Order:
    """An order of a person who has ordered before: an ordered cart goes after the commit, which tests do not have."""
    get_redis().flushdb()
    return make_order(*items, customer=customer, **fields)


ROAD = ("packed", "shipped", "delivered", "returned")


def walk(part: Fulfilment, *, to: str) -> None:
    """Take a part of goods along the road, by the hands of its merchant's owner."""
    for state in ROAD[: ROAD.index(to) + 1]:
        transition_fulfilment(fulfilment_id=part.pk, to=state, actor=part.merchant.owner)


def count(*orders: Order) -> None:
    """What the events of these orders do."""
    for order in orders:
        services.count_order(order_id=order.pk)


def drift() -> list[Any]:
    """Every figure that is not what the order book says, as both ways to look for it find it."""
    found: list[Any] = []
    for stretch in services.list_stretches():
        found += services.find_drift(stretch, with_customers=True)
    found += services.find_platform_drift()
    assert sorted(map(str, services.find_all_drift())) == sorted(map(str, found))
    return found
