"""Checkouts of many customers at once, each with its control."""

from __future__ import annotations

from collections import Counter
from functools import cache, partial
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from karvon.accounts.tests.factories import make_user
from karvon.carts import services as carts
from karvon.carts.lines import CartSnapshot
from karvon.carts.services import apply_coupon
from karvon.carts.tests.factories import cart_id_of, fill_cart
from karvon.inventory.errors import OutOfStock
from karvon.inventory.models import StockLevel, StockMovement
from karvon.inventory.services import adjust_stock, take_stock
from karvon.inventory.tests.factories import default_branch, level_of, make_variant
from karvon.kernel import db, idempotency
from karvon.kernel.errors import DomainError, LockTimeout
from karvon.kernel.models import StoredAnswer
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.models import Order
from karvon.orders.services import PlacedOrder, place_order, placing
from karvon.orders.tests.factories import ADDRESS, PHONE, make_command
from karvon.promotions.errors import CouponExhausted
from karvon.promotions.models import Promotion, PromotionUse
from karvon.promotions.tests.factories import make_coupon
from tests.concurrency.crowds import Meeting, count_of, run_crowd

pytestmark = pytest.mark.django_db(transaction=True)

RUNNERS = 24
BODY = {
    "payment_method": "cash",
    "delivery_address": ADDRESS,
    "contact": {"name": "Aziza", "phone": PHONE},
}


def commands_for(variant, how_many, *, units):
    """Carts that were filled while there was enough for each."""
    commands = [make_command((variant, 1)) for _ in range(how_many)]
    adjust_stock(variant_id=variant.pk, branch_id=default_branch(variant).pk, on_hand=units, actor=None)
    return commands


def checkouts(commands):
    return [partial(place_order, command=command) for command in commands]


@cache
def warm_handler():
    """The middleware of a web process: loaded once, not once per customer."""
    handler = APIClient().handler
    handler.load_middleware()
    return handler


def send_order(cart_id, **headers):
    """A guest's checkout over HTTP."""
    client = APIClient()
    client.handler = warm_handler()
    client.credentials(HTTP_X_CART_ID=str(cart_id), **headers)
    return client.post("/api/v1/orders/", BODY, "json")


def test_fifty_units_and_five_hundred_customers():
    variant = make_variant(units=500)
    carts = [cart_id_of(fill_cart((variant, 1))) for _ in range(500)]
    adjust_stock(variant_id=variant.pk, branch_id=default_branch(variant).pk, on_hand=50, actor=None)

    answers = run_crowd([partial(send_order, cart_id) for cart_id in carts], runners=RUNNERS)

    told = Counter((answer.status_code, answer.json().get("code", "")) for answer in answers)
    # who comes after the last unit finds it gone already when the cart is priced
    refused = told[(409, "insufficient_stock")] + told[(409, "lines_unavailable")]
    assert (told[(201, "")], refused) == (50, 450), told
    level = level_of(variant)
    assert (level.on_hand, level.reserved, Order.objects.count()) == (0, 0, 50)
    assert sum(StockMovement.objects.filter(kind="sale").values_list("quantity", flat=True)) == -50
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
    commands = [make_command(*pairs[number % 2]) for number in range(200)]

    results = run_crowd(checkouts(commands), runners=RUNNERS)

    assert count_of(results, PlacedOrder) == 200, {type(each) for each in results}
    assert [level_of(each).on_hand for each in (one, two)] == [0, 0]
    assert verify_books() == []


def test_control_taking_line_by_line_deadlocks(monkeypatch):
    """In the order of the cart, and without the retries that would hide it."""
    merchant = make_merchant()
    one, two = make_variant(merchant=merchant, units=5), make_variant(merchant=merchant, units=5)
    commands = [make_command((one, 1), (two, 1)), make_command((two, 1), (one, 1))]
    meeting = Meeting(2)

    def take_line_by_line(*, order_id, demands, commit, refresh_window):
        first, second = demands
        take_stock(order_id=order_id, demands=[first], commit=commit, refresh_window=False)
        meeting.wait()
        return take_stock(order_id=order_id, demands=[second], commit=commit, refresh_window=False)

    monkeypatch.setattr(placing, "take_stock", take_line_by_line)
    monkeypatch.setattr(db, "ATTEMPTS", 1)
    results = run_crowd(checkouts(commands), runners=2)

    assert (count_of(results, PlacedOrder), count_of(results, LockTimeout)) == (1, 1)


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


def test_control_counting_a_coupon_outside_the_lock_gives_it_twice(monkeypatch):
    coupon = make_coupon(total_limit=1)
    # different goods: nobody waits for the other's stock
    commands = [make_command((make_variant(units=5), 1), customer=make_user()) for _ in range(2)]
    for command in commands:
        apply_coupon(command.owner, code=coupon.code)
    meeting = Meeting(2)

    def naive_use(*, order_id, customer_key, uses):
        seen = Promotion.objects.get(pk=coupon.pk)
        meeting.wait()
        if seen.used_count >= seen.total_limit:
            raise CouponExhausted
        ((_promotion_id, amount),) = uses
        Promotion.objects.filter(pk=coupon.pk).update(used_count=seen.used_count + 1)
        PromotionUse.objects.create(
            promotion=seen, order_id=order_id, customer_key=customer_key, amount=amount
        )

    monkeypatch.setattr(placing, "use_promotions", naive_use)
    results = run_crowd(checkouts(commands), runners=2)

    assert count_of(results, PlacedOrder) == Order.objects.filter(discount__gt=0).count() == 2


def test_one_idempotency_key_twenty_times():
    variant = make_variant(units=50)
    cart_id, key = cart_id_of(fill_cart((variant, 1))), uuid4().hex

    answers = run_crowd([partial(send_order, cart_id, HTTP_IDEMPOTENCY_KEY=key)] * 20, runners=20)

    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["id"] for answer in answers} == {Order.objects.get().pk}
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    assert level_of(variant).on_hand == 49
    assert verify_books() == []


def test_control_reading_an_answer_before_storing_it_answers_two_things(monkeypatch):
    """Reads, works, then writes, as most do: the second does the work too, and only the cart's key stops its order."""
    variant = make_variant(units=50)
    cart_id = cart_id_of(fill_cart((variant, 1)))
    meeting = Meeting(2)

    def naive_once(scope, key, fingerprint, work):
        stored = StoredAnswer.objects.filter(scope=scope, key=key).first()
        meeting.wait()
        if stored is not None:
            return idempotency._stored(scope, key, fingerprint)
        response = work()
        StoredAnswer.objects.create(
            scope=scope, key=key, fingerprint=fingerprint, status=response.status_code
        )
        return response

    monkeypatch.setattr(idempotency, "_once", naive_once)
    answers = run_crowd([partial(send_order, cart_id, HTTP_IDEMPOTENCY_KEY="one")] * 2)

    assert sorted(answer.status_code for answer in answers) == [201, 409]


def test_one_cart_twenty_times():
    variant = make_variant(units=50)
    command = make_command((variant, 1))

    results = run_crowd(checkouts([command] * 20), runners=20)

    assert count_of(results, PlacedOrder) == Order.objects.count() == 1
    assert count_of(results, DomainError) == 19, results
    assert level_of(variant).on_hand == 49
    assert verify_books() == []


def test_control_without_the_carts_key_it_is_ordered_twice(monkeypatch):
    variant = make_variant(units=50)
    command = make_command((variant, 1))
    snapshot = carts.snapshot(command.owner)
    monkeypatch.setattr(CartSnapshot, "key", property(lambda _cart: uuid4().hex))
    monkeypatch.setattr(placing.carts, "snapshot", lambda _owner: snapshot)

    results = run_crowd(checkouts([command] * 2), runners=2)

    assert count_of(results, PlacedOrder) == Order.objects.count() == 2
