"""Numbers that people read out: unique per merchant and day, picked again when one is taken, silent about volume."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import chain, repeat

import pytest
from django.db import transaction

from karvon.accounts.tests.factories import make_client
from karvon.carts.tests.factories import cart_id_of, fill_cart
from karvon.inventory.tests.factories import level_of, make_variant
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.errors import CartAlreadyOrdered
from karvon.orders.models import Fulfilment, Order, OrderEvent, OrderLine
from karvon.orders.numbers import ALPHABET, new_number
from karvon.orders.services import place_order, placing, writing
from karvon.orders.tests.factories import ADDRESS, PHONE, make_command, part_of

pytestmark = pytest.mark.django_db(transaction=True)

BODY = {
    "payment_method": "cash",
    "delivery_address": ADDRESS,
    "contact": {"name": "Aziza", "phone": PHONE},
}


def tails(*picked):
    """Numbers with these ends, the last one for ever."""
    ends = chain(picked, repeat(picked[-1]))
    return lambda day: f"{day:%m%d}-{next(ends)}"


def test_a_number_that_is_taken_is_picked_again(monkeypatch):
    variant = make_variant(units=9)
    monkeypatch.setattr(writing, "new_number", tails("AAAAA"))
    first = place_order(command=make_command((variant, 1))).order
    monkeypatch.setattr(writing, "new_number", tails("AAAAA", "AAAAA", "BBBBB"))

    second = place_order(command=make_command((variant, 1))).order

    assert part_of(first).number.endswith("AAAAA")
    assert part_of(second).number.endswith("BBBBB")
    assert level_of(variant).on_hand == 7
    assert [table.objects.count() for table in (Order, Fulfilment, OrderLine)] == [2, 2, 2]
    assert verify_books() == []


def test_an_order_id_that_is_taken_is_picked_again(monkeypatch):
    variant = make_variant(units=9)
    first = place_order(command=make_command((variant, 1))).order
    ids = iter([first.pk, first.pk + 1])
    monkeypatch.setattr(placing, "new_public_id", lambda: next(ids))

    second = place_order(command=make_command((variant, 1))).order

    assert second.pk == first.pk + 1
    assert verify_books() == []


def test_a_taken_number_is_no_matter_under_an_idempotency_key(monkeypatch):
    variant = make_variant(units=9)
    monkeypatch.setattr(writing, "new_number", tails("AAAAA"))
    place_order(command=make_command((variant, 1)))
    monkeypatch.setattr(writing, "new_number", tails("AAAAA", "AAAAA", "BBBBB"))
    client = make_client()
    client.credentials(
        HTTP_X_CART_ID=str(cart_id_of(fill_cart((variant, 1)))), HTTP_IDEMPOTENCY_KEY="checkout-1"
    )

    answers = [client.post("/api/v1/orders/", BODY, "json") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (Order.objects.count(), level_of(variant).on_hand) == (2, 7)
    assert verify_books() == []


def test_a_number_that_is_always_taken_gives_up_and_leaves_nothing(monkeypatch):
    variant = make_variant(units=9)
    monkeypatch.setattr(writing, "new_number", tails("AAAAA"))
    place_order(command=make_command((variant, 1)))
    client = make_client()
    client.credentials(HTTP_X_CART_ID=str(cart_id_of(fill_cart((variant, 1)))))

    answer = client.post("/api/v1/orders/", BODY, "json")

    assert (answer.status_code, answer.json()["code"]) == (409, "busy")
    assert (Order.objects.count(), level_of(variant).on_hand) == (1, 8)
    assert verify_books() == []


def test_another_merchant_may_have_the_same_number_on_the_same_day(monkeypatch):
    monkeypatch.setattr(writing, "new_number", tails("AAAAA", "BBBBB", "CCCCC", "BBBBB"))
    orders = [
        place_order(command=make_command((make_variant(merchant=make_merchant(), units=1), 1))).order
        for _ in range(2)
    ]

    assert {part_of(order).number[-5:] for order in orders} == {"BBBBB"}


@pytest.mark.parametrize(
    ("timezone", "day"),
    [
        ("Asia/Tashkent", date(2026, 3, 11)),
        ("UTC", date(2026, 3, 10)),
        ("America/New_York", date(2026, 3, 10)),
        ("Pacific/Kiritimati", date(2026, 3, 11)),
    ],
)
def test_the_day_is_the_merchants(timezone, day):
    variant = make_variant(merchant=make_merchant(timezone=timezone), units=5)

    order = place_order(
        command=make_command((variant, 1)), now=datetime(2026, 3, 10, 19, 30, tzinfo=UTC)
    ).order

    part = part_of(order)
    assert part.business_date == day
    assert part.number[:4] == order.number[:4] == f"{day:%m%d}"


def test_each_merchant_of_an_order_has_its_own_day():
    east, west = (
        make_variant(merchant=make_merchant(timezone=zone), units=5)
        for zone in ("Asia/Tashkent", "America/New_York")
    )

    order = place_order(
        command=make_command((east, 1), (west, 1)), now=datetime(2026, 3, 10, 19, 30, tzinfo=UTC)
    ).order

    assert part_of(order, east.merchant_id).business_date == date(2026, 3, 11)
    assert part_of(order, west.merchant_id).business_date == date(2026, 3, 10)


def test_numbers_do_not_count():
    numbers = [new_number(date(2026, 3, 9)) for _ in range(200)]

    assert len(set(numbers)) == 200
    assert all(number[:5] == "0309-" and set(number[5:]) <= set(ALPHABET) for number in numbers)
    assert numbers != sorted(numbers)


def test_a_refused_attempt_leaves_nothing_in_the_callers_transaction():
    variant = make_variant(units=9)
    command = make_command((variant, 2))

    with transaction.atomic():
        good = place_order(command=command).order
        with pytest.raises(CartAlreadyOrdered):  # the cart is forgotten only after the commit
            place_order(command=command)
        OrderEvent.objects.create(order=good, kind="note")

    assert [each.pk for each in Order.objects.all()] == [good.pk]
    assert OrderEvent.objects.filter(order=good, kind="note").exists()
    assert level_of(variant).on_hand == 7
    assert verify_books() == []
