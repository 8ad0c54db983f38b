"""Checkouts of many customers at once, each with its control."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from karvon.accounts.tests.factories import make_user
from karvon.carts.services import apply_coupon
from karvon.carts.tests.factories import cart_id_of, fill_cart
from karvon.inventory.errors import OutOfStock
from karvon.inventory.models import StockLevel
from karvon.inventory.services import adjust_stock
from karvon.inventory.tests.factories import default_branch, level_of, make_variant
from karvon.kernel.errors import DomainError
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.errors import LinesUnavailable
from karvon.orders.models import Order
from karvon.orders.services import PlacedOrder, place_order, placing
from karvon.orders.tests.factories import ADDRESS, make_command
from karvon.promotions.errors import CouponExhausted
from karvon.promotions.tests.factories import make_coupon
from tests.concurrency.crowds import Meeting, count_of, run_crowd

pytestmark = pytest.mark.django_db(transaction=True)

RUNNERS = 24


def commands_for(variant, how_many, *, units):
    """Carts that were filled while there was enough for each."""
    commands = [make_command((variant, 1)) for _ in range(how_many)]
    adjust_stock(variant_id=variant.pk, branch_id=default_branch(variant).pk, on_hand=units, actor=None)
    return commands


def checkouts(commands):
    return [partial(place_order, command=command) for command in commands]


def test_fifty_units_and_five_hundred_customers():
    variant = make_variant(units=500)
    commands = commands_for(variant, 500, units=50)

    results = run_crowd(checkouts(commands), runners=RUNNERS)

    sold = count_of(results, PlacedOrder)
    refused = sum(isinstance(each, OutOfStock | LinesUnavailable) for each in results)
    assert (sold, refused) == (50, 450), {type(each) for each in results}
    level = level_of(variant)
    assert (level.on_hand, level.reserved, Order.objects.count()) == (0, 0, 50)
    assert verify_books() == []


def test_control_reading_stock_before_taking_it_sells_too_many(monkeypatch):
    variant = make_variant(units=2)
    commands = commands_for(variant, 2, units=1)
    meeting = Meeting(2)

    def naive_take(*, order_id, demands, commit, refresh_window):
        (demand,) = demands
        level = StockLevel.objects.get(variant_id=demand.variant_id)
        meeting.wait()
        if level.on_hand < demand.quantity:
            raise OutOfStock([])
        StockLevel.objects.filter(pk=level.pk).update(on_hand=level.on_hand - demand.quantity)
        return type("Change", (), {"product_ids": []})()

    monkeypatch.setattr(placing, "take_stock", naive_take)
    results = run_crowd(checkouts(commands), runners=2)

    assert count_of(results, PlacedOrder) == 2
    assert verify_books() != []


def test_two_lines_in_opposite_order():
    merchant = make_merchant()
    one, two = make_variant(merchant=merchant, units=200), make_variant(merchant=merchant, units=200)
    pairs = [((one, 1), (two, 1)), ((two, 1), (one, 1))]
    commands = [make_command(*pairs[number % 2]) for number in range(80)]

    results = run_crowd(checkouts(commands), runners=RUNNERS)

    assert count_of(results, PlacedOrder) == 80, {type(each) for each in results}
    assert [level_of(each).on_hand for each in (one, two)] == [120, 120]
    assert verify_books() == []


def test_a_coupon_for_ten_and_a_hundred_customers():
    variant, coupon = make_variant(units=500), make_coupon(total_limit=10)
    commands = [make_command((variant, 1), customer=make_user()) for _ in range(100)]
    for command in commands:
        apply_coupon(command.owner, code=coupon.code)

    results = run_crowd(checkouts(commands), runners=RUNNERS)

    coupon.refresh_from_db()
    discounted = Order.objects.filter(discount__gt=0).count()
    assert (coupon.used_count, discounted) == (10, 10)
    # who comes after the last use either meets the refusal or a cart whose coupon is over already
    assert all(isinstance(each, PlacedOrder | CouponExhausted) for each in results)
    assert verify_books() == []


def test_one_idempotency_key_twenty_times():
    variant = make_variant(units=50)
    cart_id, key = cart_id_of(fill_cart((variant, 1))), uuid4().hex
    body = {
        "payment_method": "cash",
        "delivery_address": ADDRESS,
        "contact": {"name": "A", "phone": "+998901234567"},
    }

    def send():
        client = APIClient()
        client.credentials(HTTP_X_CART_ID=str(cart_id), HTTP_IDEMPOTENCY_KEY=key)
        return client.post("/api/v1/orders/", body, "json")

    answers = run_crowd([send] * 20, runners=20)

    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["id"] for answer in answers} == {Order.objects.get().pk}
    assert level_of(variant).on_hand == 49
    assert verify_books() == []


def test_one_cart_twenty_times():
    variant = make_variant(units=50)
    command = make_command((variant, 1))

    results = run_crowd(checkouts([command] * 20), runners=20)

    assert count_of(results, PlacedOrder) == Order.objects.count() == 1
    assert count_of(results, DomainError) == 19, results
    assert level_of(variant).on_hand == 49
    assert verify_books() == []
