"""Amounts of orders whose parts come from several branches, each with its own fee, minimum and free delivery."""

from __future__ import annotations

from decimal import Decimal

import pytest

from karvon.accounts.tests.factories import make_client, make_user
from karvon.carts.services import apply_coupon
from karvon.inventory.tests.factories import make_variant, stock_up
from karvon.merchants.models import Branch
from karvon.merchants.tests.factories import make_branch, make_merchant
from karvon.orders.books import verify_books
from karvon.orders.errors import BelowMinimumOrder
from karvon.orders.models import Order
from karvon.orders.services import cancel_lines, place_order
from karvon.orders.tests.factories import make_command
from karvon.promotions.tests.factories import make_coupon

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods():
    """10 000 and 4 × 2 500.25 from two branches of one merchant, 3 × 333.33 from another; fees 5 000, 3 000.50, 7 000."""
    one, two = make_merchant(), make_merchant()
    home, other = one.branches.get(), make_branch(one)
    for branch, fee in ((home, "5000"), (other, "3000.50"), (two.branches.get(), "7000")):
        Branch.objects.filter(pk=branch.pk).update(delivery_fee=fee)
    first, second = make_variant(merchant=one, price="10000"), make_variant(merchant=one, price="2500.25")
    stock_up(first, 5, branch=home)
    stock_up(second, 5, branch=other)
    return (first, 1), (second, 4), (make_variant(merchant=two, units=5, price="333.33"), 3)


def order_of(goods, *, code=None, **fields):
    command = make_command(*goods, customer=make_user(), **fields)
    if code:
        apply_coupon(command.owner, code=code)
    return Order.objects.get(pk=place_order(command=command).order.pk)


def amounts_of(order):
    return tuple(
        str(getattr(order, name).quantize(Decimal("0.01")))
        for name in ("subtotal", "discount", "delivery_fee", "total")
    )


def assert_sums(order):
    """Σ lines = Σ parts = the order, in every amount, as the API shows it."""
    shown = make_client(order.customer).get(f"/api/v1/orders/{order.pk}/").json()
    parts, items = shown["fulfilments"], shown["items"]
    for name in ("subtotal", "discount", "delivery_fee", "tax", "total"):
        assert sum(Decimal(part[name]) for part in parts) == Decimal(shown[name]), name
    for name in ("subtotal", "discount", "tax"):
        assert sum(Decimal(item[name]) for item in items) == Decimal(shown[name]), name
    for row in (shown, *parts):
        subtotal, discount, fee, total = (
            Decimal(row[name]) for name in ("subtotal", "discount", "delivery_fee", "total")
        )
        assert total == subtotal - discount + fee
        assert min(subtotal, discount, fee, total) >= 0
    assert verify_books() == []


def test_each_branch_brings_its_part_for_its_own_fee(goods):
    order = order_of(goods)

    assert amounts_of(order) == ("21000.99", "0.00", "15000.50", "36001.49")
    fees = sorted(order.fulfilments.values_list("delivery_fee", flat=True))
    assert [str(fee) for fee in fees] == ["3000.500", "5000.000", "7000.000"]
    assert_sums(order)


def test_nobody_pays_for_bringing_what_is_fetched(goods):
    order = order_of(goods, delivery_type="pickup", delivery_address={})

    assert amounts_of(order) == ("21000.99", "0.00", "0.00", "21000.99")
    assert_sums(order)


def test_free_delivery_by_the_platform_frees_every_part(goods):
    order = order_of(goods, code=make_coupon(kind="free_delivery", value="0").code)

    assert amounts_of(order) == ("21000.99", "0.00", "0.00", "21000.99")
    (listed,) = order.discounts.all()
    assert (listed.kind, listed.amount) == ("free_delivery", Decimal("15000.50"))
    assert_sums(order)


def test_free_delivery_by_a_merchant_frees_its_parts_only(goods):
    merchant = goods[0][0].merchant
    code = make_coupon(kind="free_delivery", value="0", merchant=merchant).code

    order = order_of(goods, code=code)

    assert amounts_of(order) == ("21000.99", "0.00", "7000.00", "28000.99")
    assert_sums(order)


def test_free_delivery_up_to_an_amount_is_spread_to_the_cent(goods):
    code = make_coupon(kind="free_delivery", value="0", maximum_discount="10000").code

    order = order_of(goods, code=code)

    assert amounts_of(order) == ("21000.99", "0.00", "5000.50", "26001.49")
    assert_sums(order)


def test_a_discount_larger_than_the_goods_leaves_the_fees(goods):
    order = order_of(goods, code=make_coupon(kind="fixed", value="99999999").code)

    assert amounts_of(order) == ("21000.99", "21000.99", "15000.50", "15000.50")
    assert_sums(order)


def test_a_discount_is_spread_over_parts_to_the_cent(goods):
    order = order_of(goods, code=make_coupon(kind="fixed", value="100.01").code)

    assert amounts_of(order) == ("21000.99", "100.01", "15000.50", "35901.48")
    assert_sums(order)


def test_free_from_counts_what_the_branch_itself_hands_over(goods):
    merchant = goods[0][0].merchant
    Branch.objects.filter(merchant=merchant).update(free_delivery_from="10000.50")

    order = order_of(goods)

    # 10 000 from the one stays below, 10 001 from the other does not
    assert amounts_of(order) == ("21000.99", "0.00", "12000.00", "33000.99")
    assert_sums(order)


def test_every_branch_below_its_minimum_is_told(goods):
    Branch.objects.update(minimum_order="10000.50")

    with pytest.raises(BelowMinimumOrder) as refusal:
        order_of(goods)

    one, two = goods[0][0].merchant, goods[2][0].merchant
    assert refusal.value.details == {one.username: ["10000.50"], two.username: ["10000.50"]}
    assert Order.objects.count() == 0


def test_what_a_part_costs_is_owed_to_the_cent_after_units_are_called_off(goods):
    order = order_of(goods, code=make_coupon(kind="fixed", value="100.01").code)
    line = order.lines.get(variant=goods[1][0])
    actor = goods[1][0].merchant.owner

    cancel_lines(fulfilment_id=line.fulfilment_id, quantities={line.pk: 1}, actor=actor)

    shown = make_client(order.customer).get(f"/api/v1/orders/{order.pk}/").json()
    share = (line.total * 3 / 4).quantize(Decimal("0.01"))
    assert Decimal(shown["amount_due"]) == order.total - line.total + share
    assert shown["total"] == "35901.48"
    assert verify_books() == []
