from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.tests.factories import make_user
from karvon.carts.services import apply_coupon
from karvon.inventory.errors import OutOfStock
from karvon.inventory.models import Reservation, StockMovement
from karvon.inventory.services import adjust_stock
from karvon.inventory.tests.factories import default_branch, level_of, make_variant
from karvon.kernel.errors import DomainError, ValidationFailed
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.errors import LinesUnavailable, PriceChanged
from karvon.orders.models import Fulfilment, Order, OrderLine
from karvon.orders.services import place_order
from karvon.orders.tests.factories import make_command, make_guest_order, make_order
from karvon.promotions.tests.factories import make_coupon

UNCOUNTED = ("BEGIN", "COMMIT", "SET ", "SAVEPOINT", "RELEASE", "ROLLBACK")


def everything() -> tuple[int, ...]:
    return tuple(
        table.objects.count() for table in (Order, Fulfilment, OrderLine, Reservation, StockMovement)
    )


@pytest.mark.django_db
def test_a_cash_order_is_confirmed_and_its_goods_are_sold():
    variant = make_variant(units=5, price="10000")

    order = make_order((variant, 2))

    assert (order.state, order.payment_state, order.payment_deadline) == ("confirmed", "pending", None)
    assert (order.subtotal, order.total) == (Decimal(20000), Decimal(20000) + order.delivery_fee)
    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (3, 0)
    assert verify_books() == []


@pytest.mark.django_db
def test_an_order_paid_ahead_reserves_its_goods():
    variant = make_variant(units=5)

    order = make_order((variant, 2), payment_method="payme")

    assert order.state == "pending"
    assert order.payment_deadline > order.placed_at
    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (5, 2)
    assert verify_books() == []


@pytest.mark.django_db
def test_one_part_per_merchant():
    one, two = (
        make_variant(merchant=make_merchant(), units=5),
        make_variant(merchant=make_merchant(), units=5),
    )

    order = make_guest_order((one, 1), (two, 2))

    assert order.fulfilments.count() == order.lines.count() == 2
    assert verify_books() == []


@pytest.mark.django_db
def test_a_coupon_lowers_the_total():
    variant = make_variant(units=5, price="10000")
    command = make_command((variant, 2), customer=make_user())
    apply_coupon(command.owner, code=make_coupon(total_limit=1).code)

    order = place_order(command=command).order

    assert order.discount == Decimal(2000)
    assert verify_books() == []


@pytest.mark.django_db
def test_checkout_takes_few_queries():
    merchant = make_merchant()
    one, two = make_variant(merchant=merchant, units=5), make_variant(merchant=merchant, units=5)
    command = make_command((one, 1), (two, 2), customer=make_user())

    with CaptureQueriesContext(connection) as queries:
        place_order(command=command)

    asked = [sql for each in queries if not (sql := each["sql"] or "unnamed").startswith(UNCOUNTED)]
    assert len(asked) <= 12, "\n".join(sql[:150] for sql in asked)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"payment_method": "gold"}, ValidationFailed),
        ({"delivery_type": "drone"}, ValidationFailed),
        ({"delivery_address": {}}, ValidationFailed),
        ({"contact_name": ""}, ValidationFailed),
        ({"contact_phone": ""}, ValidationFailed),
        ({"expected_total": Decimal(1)}, PriceChanged),
    ],
)
def test_a_refusal_changes_nothing(change, refusal):
    command = make_command((make_variant(units=5), 2), **change)
    before = everything()

    with pytest.raises(refusal):
        place_order(command=command)

    assert everything() == before
    assert verify_books() == []


@pytest.mark.django_db(transaction=True)
def test_sold_out_meanwhile():
    one, two = make_variant(units=5), make_variant(units=5)
    command = make_command((one, 2), (two, 2))
    adjust_stock(variant_id=two.pk, branch_id=default_branch(two).pk, on_hand=1, actor=None)
    before = everything()

    with pytest.raises((OutOfStock, LinesUnavailable)):
        place_order(command=command)

    assert everything() == before
    assert level_of(one).on_hand == 5
    assert verify_books() == []


@pytest.mark.django_db(transaction=True)
def test_a_cart_is_ordered_once():
    command = make_command((make_variant(units=5), 2))
    place_order(command=command)

    with pytest.raises(DomainError):
        place_order(command=command)

    assert Order.objects.count() == 1
    assert verify_books() == []
