"""Orders from several merchants: each amount belongs to somebody, to the cent, and everybody sees and moves only their own."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.db.models import Sum

from karvon.accounts.tests.factories import make_client
from karvon.carts.services import apply_coupon
from karvon.inventory.tests.factories import make_variant
from karvon.merchants.models import Branch
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.models import Fulfilment, Order, OrderLine
from karvon.orders.services import place_order
from karvon.orders.tests.factories import make_command, make_order, part_of
from karvon.promotions.tests.factories import make_coupon

pytestmark = pytest.mark.django_db
AMOUNTS = ("subtotal", "discount", "delivery_fee", "tax", "total")
PART_OF_LINES = ("subtotal", "discount", "tax")


def some_amount(dice, top):
    return Decimal(dice.randint(1, top * 100)) / 100


def place_something(dice):
    """One to four merchants with fees and taxes of their own, odd prices, a coupon of the platform or of one of them."""
    merchants = [
        make_merchant(tax_rate=dice.choice([Decimal(0), Decimal(12), Decimal("7.5")]), currency="UZS")
        for _ in range(dice.randint(1, 4))
    ]
    Branch.objects.filter(merchant__in=merchants).update(
        delivery_fee=some_amount(dice, 90), free_delivery_from=dice.choice([None, Decimal(500)])
    )
    lines = [
        (make_variant(merchant=merchant, units=50, price=some_amount(dice, 300)), dice.randint(1, 7))
        for merchant in merchants
        for _ in range(dice.randint(1, 3))
    ]
    coupon = make_coupon(
        f"C{dice.randint(0, 10**9)}",
        kind=dice.choice(["percent", "fixed"]),
        value=Decimal(dice.choice([1, 7, 33, 99])),
        merchant=dice.choice([None, *merchants]),
    )
    return merchants, lines, coupon


@pytest.mark.parametrize("seed", range(8))
def test_the_parts_of_an_order_add_up_to_it(seed):
    merchants, lines, coupon = place_something(random.Random(seed))

    command = make_command(*lines)
    apply_coupon(command.owner, code=coupon.code)
    order = Order.objects.get(pk=place_order(command=command).order.pk)

    parts = Fulfilment.objects.filter(order=order)
    sums = parts.aggregate(**{name: Sum(name) for name in AMOUNTS})
    assert sums == {name: getattr(order, name) for name in AMOUNTS}
    assert {part.merchant_id for part in parts} == {merchant.pk for merchant in merchants}
    for part in parts:
        own = OrderLine.objects.filter(fulfilment=part).aggregate(
            **{name: Sum(name) for name in PART_OF_LINES}
        )
        assert own["subtotal"] == part.subtotal
        assert own["discount"] <= part.discount, "the rest lowers the delivery fee"
        assert part.total == part.subtotal - part.discount + part.delivery_fee
        assert all(getattr(part, name) == round(getattr(part, name), 2) for name in AMOUNTS)
        if coupon.merchant_id not in (None, part.merchant_id):
            assert part.discount == 0, "another merchant's coupon costs this one nothing"
    assert verify_books() == []


def test_each_merchant_sees_and_moves_only_its_own():
    merchants = [make_merchant() for _ in range(3)]
    lines = [(make_variant(merchant=merchant, units=5), 1) for merchant in merchants]
    order = make_order(*lines)

    for merchant in merchants:
        client, mine = make_client(merchant.owner), part_of(order, merchant.pk)
        shown = client.get(f"/api/v1/orders/{order.pk}/").json()
        assert [part["id"] for part in shown["fulfilments"]] == [mine.pk]
        assert shown["total"] == f"{mine.total:.2f}"
        for other in Fulfilment.objects.filter(order=order).exclude(pk=mine.pk):
            url = f"/api/v1/fulfilments/{other.pk}/"
            assert client.get(url).status_code == 404
            assert client.post(f"{url}transition/", {"to": "packed"}, format="json").status_code == 404
    first = part_of(order, merchants[0].pk)
    moved = make_client(merchants[0].owner).patch(
        f"/api/v1/orders/{order.pk}/", {"status": "packed"}, format="json"
    )

    assert moved.status_code == 200, moved.json()
    states = dict(Fulfilment.objects.filter(order=order).values_list("pk", "state"))
    assert states.pop(first.pk) == "packed"
    assert set(states.values()) == {"confirmed"}
    assert Order.objects.get().state == "confirmed"
