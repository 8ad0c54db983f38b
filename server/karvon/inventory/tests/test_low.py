"""One alert when a level becomes low, and none before it was above its threshold again."""

from __future__ import annotations

import pytest

from karvon.inventory.errors import OutOfStock
from karvon.inventory.events import StockLow
from karvon.inventory.services import Demand, adjust_stock, receive_stock, release_reservations, take_stock
from karvon.inventory.tests.factories import default_branch, level_of, make_variant
from karvon.kernel.models import OutboxEvent

pytestmark = pytest.mark.django_db


def alerts() -> list[dict[str, int]]:
    """By what was left, most first: events of one transaction have one time."""
    events = OutboxEvent.objects.filter(type=StockLow.TYPE)
    return sorted((event.payload for event in events), key=lambda payload: -payload["available"])


def take(variant, quantity: int, order_id: int, *, commit: bool = True) -> None:
    demand = Demand(variant.pk, default_branch(variant).pk, quantity)
    take_stock(order_id=order_id, demands=[demand], commit=commit)


def test_crossing_is_announced_once():
    variant = make_variant(units=10, threshold=5)

    take(variant, 4, 1)
    assert alerts() == []
    take(variant, 1, 2)
    take(variant, 1, 3)

    level = level_of(variant)
    assert alerts() == [
        {
            "level_id": level.pk,
            "variant_id": variant.pk,
            "branch_id": level.branch_id,
            "merchant_id": variant.merchant_id,
            "available": 5,
            "threshold": 5,
        }
    ]


def test_rising_above_the_threshold_arms_it_again():
    variant = make_variant(units=10, threshold=5)
    take(variant, 6, 1)

    receive_stock(variant_id=variant.pk, quantity=10, actor=None)
    assert len(alerts()) == 1
    adjust_stock(variant_id=variant.pk, on_hand=3, actor=None)

    assert [alert["available"] for alert in alerts()] == [4, 3]


def test_reservations_count_and_giving_them_back_too():
    variant = make_variant(units=10, threshold=5)

    take(variant, 6, 1, commit=False)
    release_reservations(1)
    take(variant, 7, 2, commit=False)

    assert [alert["available"] for alert in alerts()] == [4, 3]


def test_a_threshold_set_above_what_is_there_is_a_crossing():
    make_variant(units=3, threshold=5)

    assert [alert["available"] for alert in alerts()] == [3]


def test_without_a_threshold_nothing_is_low():
    variant = make_variant(units=3)

    take(variant, 3, 1)

    assert alerts() == []


def test_a_refused_sale_announces_nothing():
    variant = make_variant(units=10, threshold=5)

    with pytest.raises(OutOfStock):
        take(variant, 11, 1)

    assert alerts() == []
