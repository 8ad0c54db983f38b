from __future__ import annotations

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.inventory.models import StockMovement
from karvon.inventory.tests.factories import level_of, make_variant
from karvon.kernel.errors import InvalidTransition, PermissionRefused
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.orders.books import verify_books
from karvon.orders.errors import NothingToCancel, OrderNotFound
from karvon.orders.models import Order
from karvon.orders.services import cancel_lines, cancel_order, transition_fulfilment
from karvon.orders.tests.factories import make_guest_order, make_order, part_of

pytestmark = pytest.mark.django_db


def test_a_customers_cancellation_gives_the_stock_back_once():
    variant = make_variant(units=5)
    order = make_order((variant, 2))

    cancel_order(order_id=order.pk, actor=order.customer)
    with pytest.raises(InvalidTransition):
        cancel_order(order_id=order.pk, actor=order.customer)

    order.refresh_from_db()
    assert (order.state, order.payment_state, level_of(variant).on_hand) == ("cancelled", "failed", 5)
    assert StockMovement.objects.filter(kind="return").count() == 1
    assert verify_books() == []


def test_an_unpaid_order_gives_its_reservation_back():
    variant = make_variant(units=5)
    order = make_order((variant, 2), payment_method="payme")

    cancel_order(order_id=order.pk, actor=order.customer)

    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (5, 0)
    assert verify_books() == []


def test_one_merchants_refusal_calls_an_unpaid_order_off_whole():
    one, two = (
        make_variant(merchant=make_merchant(), units=5),
        make_variant(merchant=make_merchant(), units=5),
    )
    order = make_order((one, 1), (two, 1), payment_method="payme")
    part = part_of(order, one.merchant_id)

    transition_fulfilment(fulfilment_id=part.pk, to="rejected", actor=one.merchant.owner)

    assert Order.objects.get(pk=order.pk).state == "rejected"
    assert [level_of(each).reserved for each in (one, two)] == [0, 0]
    assert verify_books() == []


def test_an_unpaid_order_is_confirmed_by_its_payment_only():
    order = make_order(payment_method="payme")

    with pytest.raises(PermissionRefused):
        transition_fulfilment(
            fulfilment_id=part_of(order).pk, to="confirmed", actor=make_user(role=Role.STAFF)
        )

    assert verify_books() == []


def test_too_late_for_the_customer_but_not_for_the_shop():
    variant = make_variant(units=5)
    order = make_order((variant, 2))
    owner = variant.merchant.owner
    transition_fulfilment(fulfilment_id=part_of(order).pk, to="packed", actor=owner)

    with pytest.raises(PermissionRefused):
        cancel_order(order_id=order.pk, actor=order.customer)
    assert level_of(variant).on_hand == 3
    cancel_order(order_id=order.pk, actor=owner)

    assert level_of(variant).on_hand == 5
    assert verify_books() == []


def two_merchants():
    return [make_variant(merchant=make_merchant(), units=5) for _ in range(2)]


def test_a_merchant_calls_its_own_part_off():
    one, two = two_merchants()
    order = make_order((one, 1), (two, 2))

    cancel_order(order_id=order.pk, actor=one.merchant.owner)
    with pytest.raises(InvalidTransition):
        cancel_order(order_id=order.pk, actor=one.merchant.owner)

    assert part_of(order, one.merchant_id).state == "cancelled"
    assert part_of(order, two.merchant_id).state == "confirmed"
    assert [level_of(each).on_hand for each in (one, two)] == [5, 3]
    assert Order.objects.get(pk=order.pk).state == "confirmed"
    assert verify_books() == []


def test_a_customer_calls_off_what_a_merchant_left():
    one, two = two_merchants()
    order = make_order((one, 1), (two, 2))
    transition_fulfilment(
        fulfilment_id=part_of(order, one.merchant_id).pk, to="rejected", actor=one.merchant.owner
    )

    cancel_order(order_id=order.pk, actor=order.customer)

    order.refresh_from_db()
    assert (order.state, order.payment_state) == ("cancelled", "failed")
    assert [level_of(each).on_hand for each in (one, two)] == [5, 5]
    assert verify_books() == []


def test_a_customer_is_too_late_once_a_part_was_handed_over():
    one, two = two_merchants()
    order = make_order((one, 1), (two, 2))
    for state in ("packed", "shipped", "delivered"):
        transition_fulfilment(
            fulfilment_id=part_of(order, one.merchant_id).pk, to=state, actor=one.merchant.owner
        )

    with pytest.raises(InvalidTransition):
        cancel_order(order_id=order.pk, actor=order.customer)
    cancel_order(order_id=order.pk, actor=make_user(role=Role.STAFF))

    assert part_of(order, one.merchant_id).state == "delivered"
    assert part_of(order, two.merchant_id).state == "cancelled"
    assert Order.objects.get(pk=order.pk).payment_state == "paid"
    assert verify_books() == []


def test_strangers_find_nothing():
    order = make_order()
    for stranger in (make_user(), make_merchant().owner):
        with pytest.raises(OrderNotFound):
            cancel_order(order_id=order.pk, actor=stranger)
        with pytest.raises(OrderNotFound):
            transition_fulfilment(fulfilment_id=part_of(order).pk, to="packed", actor=stranger)
    assert part_of(order).state == "confirmed"


def test_couriers_do_not_cancel():
    variant = make_variant(units=5)
    order = make_order((variant, 1))
    courier = make_staff(variant.merchant, role="courier").user

    with pytest.raises(PermissionRefused):
        cancel_order(order_id=order.pk, actor=courier)


def test_a_guest_with_the_token_is_a_customer():
    variant = make_variant(units=5)
    order = make_guest_order((variant, 1))
    transition_fulfilment(fulfilment_id=part_of(order).pk, to="packed", actor=variant.merchant.owner)

    with pytest.raises(PermissionRefused):
        cancel_order(order_id=order.pk, actor=None, is_holder=True)


def test_single_units():
    variant = make_variant(units=5)
    order = make_order((variant, 3))
    part, owner = part_of(order), variant.merchant.owner
    line = order.lines.get()

    cancel_lines(fulfilment_id=part.pk, quantities={line.pk: 1}, actor=owner)
    assert level_of(variant).on_hand == 3
    with pytest.raises(NothingToCancel):
        cancel_lines(fulfilment_id=part.pk, quantities={line.pk: 3}, actor=owner)
    assert verify_books() == []
    cancel_lines(fulfilment_id=part.pk, quantities={line.pk: 2}, actor=owner)

    assert level_of(variant).on_hand == 5
    assert Order.objects.get(pk=order.pk).state == "cancelled"
    assert verify_books() == []
