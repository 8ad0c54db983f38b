"""Every rule of the books finds what it is there for, and nothing in a shop where all is well."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from karvon.carts.services import apply_coupon
from karvon.inventory.tests.factories import make_variant
from karvon.orders import tasks
from karvon.orders.books import verify_books
from karvon.orders.models import Order
from karvon.orders.services import cancel_lines, confirm_payment, place_order
from karvon.orders.tests.factories import make_command, make_order, part_of
from karvon.promotions.tests.factories import make_coupon

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    """A delivered-to-be cash order, an unpaid one, a paid one with a refund due, and one with a coupon."""
    variant = make_variant(units=50)
    make_order((variant, 2))
    make_order((variant, 2), payment_method="payme")
    paid = make_order((variant, 3), payment_method="payme")
    confirm_payment(order_id=paid.pk)
    make_order((variant, 1), payment_method="payme", note="whole")
    confirm_payment(order_id=Order.objects.get(note="whole").pk)
    line = paid.lines.get()
    cancel_lines(fulfilment_id=part_of(paid).pk, quantities={line.pk: 1}, actor=variant.merchant.owner)
    command = make_command((variant, 1))
    apply_coupon(command.owner, code=make_coupon().code)
    place_order(command=command)


def rules():
    return {finding.rule for finding in verify_books()}


def test_a_shop_where_all_is_well(shop):
    assert verify_books() == []
    told = StringIO()
    call_command("verify_books", stdout=told)
    assert "clean" in told.getvalue()
    assert tasks.verify_books() == 0


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (
            "UPDATE orders_orderline SET subtotal = subtotal + 1, total = total + 1",
            "order totals are the sum of their lines",
        ),
        (
            "UPDATE orders_fulfilment SET subtotal = subtotal + 1, total = total + 1",
            "order totals are the sum of their fulfilments",
        ),
        ("DELETE FROM orders_orderline", "every order has lines and fulfilments"),
        (
            "UPDATE orders_fulfilment SET paid_amount = total - 1 WHERE paid_amount > 0",
            "what went on to the end or goes on was paid whole where the order counts as paid",
        ),
        (
            "UPDATE orders_order SET payment_state = 'failed' WHERE payment_state = 'paid'",
            "nothing was paid for orders that failed or expired",
        ),
        (
            "UPDATE orders_order SET payment_state = 'refund_due' WHERE payment_state = 'pending'",
            "a refund is due where something paid was called off or returned",
        ),
        (
            "UPDATE orders_orderline SET cancelled_quantity = 0 WHERE cancelled_quantity > 0",
            "what was called off came back",
        ),
        (
            "UPDATE orders_order SET payment_deadline = NULL",
            "open reservations belong to orders that wait for a payment",
        ),
        (
            "UPDATE promotions_promotion SET used_count = used_count + 1",
            "promotions were used as often as orders say",
        ),
        ("UPDATE inventory_stocklevel SET on_hand = on_hand + 1", "stock"),
        (
            "UPDATE catalog_product SET reviews_count = reviews_count + 1, rating_sum = rating_sum + 5",
            "ratings",
        ),
    ],
)
def test_each_rule_finds_its_disagreement(shop, damage, rule):
    with connection.cursor() as cursor:
        cursor.execute(damage)
        assert cursor.rowcount > 0

    assert rule in rules()
    assert tasks.verify_books() > 0
    told = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_books", "--json", stdout=told)
    assert rule in told.getvalue()
