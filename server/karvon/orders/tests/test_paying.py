from __future__ import annotations

from datetime import timedelta

import pytest

from karvon.inventory.tests.factories import level_of, make_variant
from karvon.orders.books import verify_books
from karvon.orders.errors import NotPayable
from karvon.orders.models import Order
from karvon.orders.services import cancel_order, confirm_payment, expire_unpaid_orders
from karvon.orders.tests.factories import make_order, part_of

pytestmark = pytest.mark.django_db


def test_a_payment_confirms_once():
    variant = make_variant(units=5)
    order = make_order((variant, 2), payment_method="payme")

    for _ in range(2):
        confirm_payment(order_id=order.pk, reference="x")

    order.refresh_from_db()
    assert (order.state, order.payment_state, order.payment_deadline) == ("confirmed", "paid", None)
    assert part_of(order).state == "confirmed"
    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (3, 0)
    assert order.events.filter(kind="payment").count() == 1
    assert verify_books() == []


def test_what_was_paid_and_called_off_is_to_be_refunded():
    variant = make_variant(units=5)
    order = make_order((variant, 2), payment_method="payme")
    confirm_payment(order_id=order.pk)

    cancel_order(order_id=order.pk, actor=order.customer)

    order.refresh_from_db()
    assert (order.payment_state, level_of(variant).on_hand) == ("refund_due", 5)
    assert verify_books() == []


def test_a_cancelled_order_takes_no_payment():
    order = make_order(payment_method="payme")
    cancel_order(order_id=order.pk, actor=order.customer)

    with pytest.raises(NotPayable):
        confirm_payment(order_id=order.pk)


def test_what_is_not_paid_in_time_expires_once():
    variant = make_variant(units=5)
    order = make_order((variant, 2), payment_method="payme")
    due = order.payment_deadline

    assert expire_unpaid_orders(now=due - timedelta(seconds=1)) == 0
    assert [expire_unpaid_orders(now=due), expire_unpaid_orders(now=due)] == [1, 0]

    order = Order.objects.get(pk=order.pk)
    assert (order.state, order.payment_state) == ("cancelled", "expired")
    assert level_of(variant).reserved == 0
    with pytest.raises(NotPayable):
        confirm_payment(order_id=order.pk)
    assert verify_books() == []
