"""Idempotency keys of orders: one effect and one answer; nothing of a refused attempt, and it may be tried again."""

from __future__ import annotations

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.carts.owner import CartOwner
from karvon.carts.tests.factories import cart_id_of, fill_cart
from karvon.inventory.services import adjust_stock, receive_stock
from karvon.inventory.tests.factories import level_of, make_variant
from karvon.kernel.models import OutboxEvent, StoredAnswer
from karvon.orders.books import verify_books
from karvon.orders.models import Fulfilment, Order, OrderEvent, OrderLine
from karvon.orders.tests.factories import ADDRESS, PHONE, make_guest_order, make_order, part_of
from karvon.promotions.models import PromotionUse
from karvon.promotions.tests.factories import make_coupon

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/orders/"
BODY = {
    "payment_method": "cash",
    "delivery_address": ADDRESS,
    "contact": {"name": "Aziza", "phone": PHONE},
}
TABLES = (Order, Fulfilment, OrderLine, OrderEvent, OutboxEvent, PromotionUse, StoredAnswer)


def counts():
    return [table.objects.count() for table in TABLES]


def keyed(client, address, body, key="one"):
    return client.post(address, body, "json", HTTP_IDEMPOTENCY_KEY=key)


def test_nothing_of_a_refused_attempt_stays_and_its_key_is_free():
    variant, user = make_variant(units=5), make_user()
    client = make_client(user)
    fill_cart((variant, 3), owner=CartOwner(user_id=user.pk))
    client.post("/api/v1/cart/coupon/", {"code": make_coupon(total_limit=1).code}, "json")
    adjust_stock(variant_id=variant.pk, on_hand=2, actor=None)
    before = counts()

    refused = keyed(client, URL, BODY)

    assert (refused.status_code, refused.json()["code"]) == (409, "lines_unavailable")
    assert counts() == before
    assert client.get("/api/v1/cart/").json()["items"][0]["quantity"] == 3
    receive_stock(variant_id=variant.pk, quantity=1, actor=None)
    placed = keyed(client, URL, BODY)
    assert placed.status_code == 201
    assert keyed(client, URL, BODY).json() == placed.json()
    assert (Order.objects.count(), level_of(variant).on_hand) == (1, 0)
    assert verify_books() == []


def test_a_key_stands_for_one_request_of_one_caller():
    variant, user = make_variant(units=9), make_user()
    client = make_client(user)
    fill_cart((variant, 1), owner=CartOwner(user_id=user.pk))
    placed = keyed(client, URL, BODY)

    other = keyed(client, URL, BODY | {"note": "ring twice"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    guest = make_client()
    guest.credentials(HTTP_X_CART_ID=str(cart_id_of(fill_cart((variant, 1)))))
    theirs = keyed(guest, URL, BODY)

    assert theirs.status_code == 201
    assert theirs.json()["id"] != placed.json()["id"]
    assert Order.objects.count() == 2


def test_cancelling_and_calling_units_off_twice_is_once():
    variant = make_variant(units=9)
    order = make_order((variant, 4))
    part, line = part_of(order), order.lines.get()
    shop, customer = make_client(variant.merchant.owner), make_client(order.customer)
    address = f"/api/v1/fulfilments/{part.pk}/cancel-lines/"

    answers = [keyed(shop, address, {"lines": {str(line.pk): 1}}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert level_of(variant).on_hand == 6
    answers = [keyed(customer, f"{URL}{order.pk}/cancel/", {}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert keyed(customer, f"{URL}{order.pk}/cancel/", {}, key="two").status_code == 409
    assert level_of(variant).on_hand == 9
    assert verify_books() == []


def test_a_key_does_not_stand_for_a_token():
    order = make_guest_order()
    address = f"{URL}{order.pk}/cancel/"
    assert keyed(make_client(), f"{address}?token={order.token}", {}).status_code == 200

    assert keyed(make_client(), address, {}).status_code == 409
    assert keyed(make_client(), f"{address}?token=guess", {}).status_code == 409


def test_steps_and_payments_may_be_told_twice():
    order = make_order(payment_method="bank_transfer")
    staff = make_client(make_user(role=Role.STAFF))
    shop = make_client(part_of(order).merchant.owner)

    paid = [keyed(staff, f"{URL}{order.pk}/mark-paid/", {"reference": "4711"}) for _ in range(2)]
    steps = f"/api/v1/fulfilments/{part_of(order).pk}/transition/"
    moved = [keyed(shop, steps, {"to": "packed"}) for _ in range(2)]

    assert [answer.status_code for answer in (*paid, *moved)] == [200] * 4
    assert moved[0].json() == moved[1].json()
    assert order.events.filter(kind="payment").count() == 1
    assert verify_books() == []
