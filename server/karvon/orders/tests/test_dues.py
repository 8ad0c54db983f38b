"""What is owed is what was not called off; payments are booked once, whatever happened before and after."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.carts.services import apply_coupon
from karvon.inventory.tests.factories import make_variant
from karvon.merchants.models import Branch
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.dues import dues_by_part, dues_of_part, owed_for_line, sum_dues
from karvon.orders.errors import NotPayable
from karvon.orders.models import Fulfilment, Order, OrderLine
from karvon.orders.services import (
    cancel_lines,
    cancel_order,
    confirm_payment,
    place_order,
    transition_fulfilment,
)
from karvon.orders.tests.factories import make_command, make_order, part_of
from karvon.promotions.tests.factories import make_coupon

URL = "/api/v1/orders/"


def dues_of(order):
    parts, lines = order.fulfilments.all(), order.lines.all()
    sums = sum_dues(dues_by_part(parts, lines, order.currency).values())
    return tuple(int(each) for each in (sums.paid, sums.due, sums.to_refund))


def payment_of(order):
    return Order.objects.values_list("payment_state", flat=True).get(pk=order.pk)


def two_parts(**fields):
    """10 000 from one merchant, 2 × 10 000 from another, 5 000 for each delivery."""
    variants = [make_variant(merchant=make_merchant(), units=9) for _ in range(2)]
    Branch.objects.filter(merchant__in=[each.merchant_id for each in variants]).update(delivery_fee=5000)
    order = make_order((variants[0], 1), (variants[1], 2), **fields)
    return order, *(part_of(order, each.merchant_id) for each in variants)


def walk(part, *states):
    for state in states:
        transition_fulfilment(fulfilment_id=part.pk, to=state, actor=part.merchant.owner)


def call_off_one(part):
    line = part.lines.get()
    cancel_lines(fulfilment_id=part.pk, quantities={line.pk: 1}, actor=part.merchant.owner)


@pytest.mark.django_db
def test_what_is_paid_at_the_door_after_a_part_was_called_off():
    order, one, _two = two_parts()
    assert dues_of(order) == (0, 40_000, 0)
    walk(one, "rejected")
    assert dues_of(order) == (0, 25_000, 0)
    staff = make_client(make_user(role=Role.STAFF))

    answers = [staff.post(f"{URL}{order.pk}/mark-paid/", {}, "json") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    shown = answers[1].json()
    assert shown["payment_status"] == "paid"
    assert (shown["total"], shown["amount_paid"]) == ("40000.00", "25000.00")
    assert (shown["amount_due"], shown["refund_due"]) == ("0.00", "0.00")
    assert [part["amount_paid"] for part in shown["fulfilments"]] == ["0.00", "25000.00"]
    assert order.events.filter(kind="payment").count() == 1
    assert verify_books() == []


@pytest.mark.django_db
def test_units_called_off_before_the_payment_are_not_owed():
    order, _one, two = two_parts()
    call_off_one(two)
    assert dues_of(order) == (0, 30_000, 0)

    confirm_payment(order_id=order.pk)

    assert (payment_of(order), dues_of(order)) == ("paid", (30_000, 0, 0))
    assert verify_books() == []


@pytest.mark.django_db
def test_units_called_off_after_the_payment_are_to_be_refunded():
    order, one, two = two_parts(payment_method="payme")
    confirm_payment(order_id=order.pk)
    call_off_one(two)

    for _ in range(2):
        confirm_payment(order_id=order.pk)  # told again by the provider

    assert (payment_of(order), dues_of(order)) == ("refund_due", (40_000, 0, 10_000))
    walk(one, "rejected")
    assert dues_of(order) == (40_000, 0, 25_000)
    assert order.events.filter(kind="payment").count() == 1
    assert verify_books() == []


@pytest.mark.django_db
def test_each_part_is_paid_at_its_own_door():
    order, one, two = two_parts()

    walk(one, "packed", "shipped", "delivered")
    assert (payment_of(order), dues_of(order)) == ("pending", (15_000, 25_000, 0))
    walk(one, "returned")
    assert (payment_of(order), dues_of(order)) == ("refund_due", (15_000, 25_000, 15_000))
    walk(two, "packed", "shipped", "delivered")

    assert (payment_of(order), dues_of(order)) == ("refund_due", (40_000, 0, 15_000))
    assert verify_books() == []


@pytest.mark.django_db
def test_what_came_back_unpaid_was_not_paid():
    order, one, two = two_parts()
    walk(one, "packed", "shipped", "returned")
    walk(two, "packed", "shipped", "returned")

    assert (payment_of(order), dues_of(order)) == ("failed", (0, 0, 0))
    with pytest.raises(NotPayable):
        confirm_payment(order_id=order.pk)
    assert verify_books() == []


@pytest.mark.django_db
def test_a_paid_order_that_is_called_off_is_refunded_whole():
    order, *_parts = two_parts(payment_method="payme")
    confirm_payment(order_id=order.pk)

    cancel_order(order_id=order.pk, actor=order.customer)
    confirm_payment(order_id=order.pk)

    assert (payment_of(order), dues_of(order)) == ("refund_due", (40_000, 0, 40_000))
    assert verify_books() == []


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["payme", "cash"])
def test_what_costs_nothing_waits_for_no_payment(method):
    command = make_command((make_variant(units=5), 2), customer=make_user(), payment_method=method)
    apply_coupon(command.owner, code=make_coupon(value="100").code)

    order = place_order(command=command).order

    assert (order.total, order.state, order.payment_state) == (0, "confirmed", "paid")
    assert order.payment_deadline is None
    cancel_order(order_id=order.pk, actor=order.customer)
    assert dues_of(order) == (0, 0, 0)
    assert verify_books() == []


@given(
    total=st.integers(0, 10**9),
    quantity=st.integers(1, 50),
    data=st.data(),
    currency=st.sampled_from(["UZS", "JPY", "KWD"]),
)
def test_calling_off_never_raises_what_is_owed(total, quantity, data, currency):
    places = {"UZS": 2, "JPY": 0, "KWD": 3}[currency]
    line = OrderLine(total=Decimal(total).scaleb(-places), quantity=quantity)
    owed = []
    for called_off in range(quantity + 1):
        line.cancelled_quantity = called_off
        owed.append(owed_for_line(line, currency))

    assert owed[0] == line.total
    assert owed[-1] == 0
    assert owed == sorted(owed, reverse=True)
    paid = data.draw(st.integers(0, total))
    part = Fulfilment(state="confirmed", delivery_fee=Decimal(0), paid_amount=Decimal(paid).scaleb(-places))
    dues = dues_of_part(part, [line], currency)
    assert dues.owed == dues.paid + dues.due - dues.to_refund
    assert min(dues.due, dues.to_refund) == 0
