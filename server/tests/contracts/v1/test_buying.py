"""Carts, orders and reviews as `/api/v1/` is documented: every field with its type, every status for every caller."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.tests.factories import make_product, variant_input
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.tests.factories import ADDRESS, PHONE
from karvon.promotions.tests.factories import make_coupon
from tests.contracts.checks import assert_refused, assert_shape, moment, money, number, optional, text

pytestmark = pytest.mark.django_db(transaction=True)

API = "/api/v1"
BODY = {"payment_method": "cash", "delivery_address": ADDRESS, "contact": {"name": "Aziza", "phone": PHONE}}


CART = {
    "id": lambda value: bool(UUID(value)), "user": optional(number), "items": lambda value: isinstance(value, list),
    "subtotal": money, "discount": money, "delivery_fee": money, "tax": money, "total": money,
    "currency": lambda value: bool(re.fullmatch("[A-Z]{3}", value)), "coupon": optional(text),
    "created_at": moment, "updated_at": moment, "expires_at": moment,
}  # fmt: skip
CART_LINE = {
    "id": number, "quantity": number, "unit_price": money, "subtotal": money,
    "modifiers": lambda value: isinstance(value, list), "available": lambda value: type(value) is bool,
    "problem": optional(text),
}  # fmt: skip
CART_PRODUCT = {"id": number, "title": text, "price": money, "image": optional(text)}
CART_VARIANT = {"id": number, "sku": text, "options": lambda value: isinstance(value, dict)}
ORDER = {
    "id": number, "number": text, "status": text, "payment_status": text, "payment_method": text,
    "subtotal": money, "discount": money, "delivery_fee": money, "tax": money, "total": money,
    "currency": text, "placed_at": moment, "confirmed_at": optional(moment), "payment_deadline": optional(moment),
    "items": bool, "fulfilments": bool,
}  # fmt: skip
REVIEW = {
    "id": number, "product": number, "rating": number, "title": text, "comment": text,
    "is_verified": lambda value: type(value) is bool, "created_at": moment, "updated_at": moment,
}  # fmt: skip


@pytest.fixture
def goods():
    variants = [variant_input("45000", sku="PLOV-1"), variant_input("60000", sku="PLOV-2")]
    return make_product("Plov", variants=variants)


@pytest.fixture
def buyer():
    return make_user()


def put_into_cart(client, product, quantity=2):
    answer = client.post(f"{API}/cart/add/", {"product_id": product.pk, "quantity": quantity}, "json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def order_by(user, product):
    client = make_client(user)
    put_into_cart(client, product)
    answer = client.post(f"{API}/orders/", BODY, "json")
    assert answer.status_code == 201, answer.content
    return answer.json()


# -- carts


@pytest.mark.parametrize("slash", ["/", ""])
def test_every_row_of_a_guests_cart(goods, slash):
    client = make_client()

    begun = client.post(f"{API}/cart{slash}", {}, "json")
    assert begun.status_code == 201
    assert client.cookies["cart_id"].value == begun.json()["id"]
    client.credentials(HTTP_X_CART_ID=begun.json()["id"])
    variant = goods.variants.last().pk
    added = client.post(f"{API}/cart/add{slash}", {"variant_id": variant, "quantity": 2}, "json")
    assert added.status_code == 200
    (line,) = added.json()["items"]
    assert_shape(added.json(), CART)
    assert_shape(line, CART_LINE)
    assert_shape(line["product"], CART_PRODUCT)
    assert_shape(line["variant"], CART_VARIANT)
    assert (line["variant"]["id"], line["quantity"], line["subtotal"]) == (variant, 2, "120000.00")

    changed = client.put(f"{API}/cart/update/{line['id']}{slash}", {"quantity": 3}, "json")
    assert (changed.status_code, changed.json()["items"][0]["quantity"]) == (200, 3)
    emptied = client.put(f"{API}/cart/update/{line['id']}{slash}", {"quantity": 0}, "json")
    assert (emptied.status_code, emptied.json()["items"]) == (200, [])
    put_into_cart(client, goods)
    (line,) = client.get(f"{API}/cart{slash}").json()["items"]
    removed = client.delete(f"{API}/cart/remove/{line['id']}{slash}")
    assert (removed.status_code, removed.json()["items"]) == (200, [])
    assert_refused(client.delete(f"{API}/cart/remove/{line['id']}{slash}"), 404)
    put_into_cart(client, goods)
    cleared = client.delete(f"{API}/cart/clear{slash}")
    assert (cleared.status_code, cleared.json()["items"]) == (200, [])
    assert_shape(cleared.json(), CART)


def test_what_a_cart_refuses(goods, buyer):
    client = make_client(buyer)
    line = put_into_cart(client, goods)["items"][0]["id"]

    for body in (
        {},
        {"product_id": "x"},
        {"product_id": goods.pk, "quantity": 0},
        {"product_id": goods.pk, "quantity": 1.5},
    ):
        assert_refused(client.post(f"{API}/cart/add/", body, "json"), 400)
    for body in ({}, {"quantity": -1}, {"quantity": None}, {"quantity": "many"}):
        assert_refused(client.put(f"{API}/cart/update/{line}/", body, "json"), 400)
    assert_refused(client.post(f"{API}/cart/add/", {"product_id": 4711}, "json"), 404)
    assert_refused(client.put(f"{API}/cart/update/4711/", {"quantity": 1}, "json"), 404)
    # clients that have lost the id send all kinds of things: it counts as none
    assert make_client().get(f"{API}/cart/", HTTP_X_CART_ID="undefined").json()["items"] == []
    assert client.get(f"{API}/cart/").json()["items"][0]["quantity"] == 2


def test_another_persons_cart_is_not_there(goods, buyer):
    theirs = put_into_cart(make_client(buyer), goods)

    for stranger in (make_client(), make_client(make_user())):
        shown = stranger.get(f"{API}/cart/", HTTP_X_CART_ID=theirs["id"])
        assert shown.status_code == 404 or shown.json()["items"] == []


def test_a_coupon_in_the_cart(goods, buyer):
    client = make_client(buyer)
    put_into_cart(client, goods)

    applied = client.post(f"{API}/cart/coupon/", {"code": make_coupon().code}, "json")

    assert applied.status_code == 200
    assert_shape(applied.json(), CART)
    assert applied.json()["discount"] == "9000.00"
    assert_refused(client.post(f"{API}/cart/coupon/", {"code": "NOSUCH"}, "json"), 400)
    assert client.delete(f"{API}/cart/coupon/").json()["discount"] == "0.00"


# -- orders


@pytest.mark.parametrize("slash", ["/", ""])
def test_an_order_is_made_listed_and_shown(goods, buyer, slash):
    client = make_client(buyer)
    put_into_cart(client, goods)

    made = client.post(f"{API}/orders{slash}", BODY, "json")

    assert made.status_code == 201
    assert_shape(made.json(), ORDER)
    (listed,) = client.get(f"{API}/orders{slash}").json()["results"]
    assert_shape(listed, ORDER)
    shown = client.get(f"{API}/orders/{listed['id']}{slash}")
    assert shown.status_code == 200
    assert_shape(shown.json(), ORDER)


def test_who_sees_an_order(goods, buyer):
    address = f"{API}/orders/{order_by(buyer, goods)['id']}/"
    staff, stranger, other = make_user(role=Role.STAFF), make_user(), make_merchant().owner

    for person, status in (
        (buyer, 200),
        (goods.merchant.owner, 200),
        (staff, 200),
        (stranger, 404),
        (other, 404),
    ):
        assert make_client(person).get(address).status_code == status
    assert_refused(make_client().get(address), 401)
    assert_refused(make_client(stranger).get(address), 404)


@pytest.mark.parametrize("method", ["put", "patch"])
def test_who_sets_the_status_of_an_order(goods, buyer, method):
    address = f"{API}/orders/{order_by(buyer, goods)['id']}/"

    def send(client, status):
        return getattr(client, method)(address, {"status": status}, "json")

    assert_refused(send(make_client(), "packed"), 401)
    assert_refused(send(make_client(buyer), "packed"), 403)
    assert_refused(send(make_client(make_merchant().owner), "packed"), 404)
    seller = make_client(goods.merchant.owner)
    assert_refused(send(seller, "delivered"), 409)
    assert_refused(send(seller, "eaten"), 400)
    moved = send(seller, "packed")
    assert (moved.status_code, moved.json()["status"]) == (200, "packed")
    assert_shape(moved.json(), ORDER)
    assert send(make_client(make_user(role=Role.STAFF)), "shipped").json()["status"] == "shipped"


def test_what_an_order_refuses(goods, buyer):
    client = make_client(buyer)
    assert_refused(client.post(f"{API}/orders/", BODY, "json"), 404)  # there is no cart
    put_into_cart(client, goods)

    assert_refused(client.post(f"{API}/orders/", BODY | {"payment_method": "shells"}, "json"), 400)
    assert_refused(client.post(f"{API}/orders/", BODY | {"expected_total": "1.00"}, "json"), 409)
    assert_refused(client.post(f"{API}/orders/", b"{", content_type="application/json"), 400)
    assert_refused(client.post(f"{API}/orders/", "a=b", content_type="text/plain"), 415)
    assert_refused(client.delete(f"{API}/orders/"), 405)
    assert client.get(f"{API}/orders/").json()["count"] == 0


# -- reviews


def test_every_row_of_reviews(goods, buyer):
    client = make_client(buyer)
    body = {"product": goods.pk, "rating": 5, "comment": "Soft and hot."}

    made = client.post(f"{API}/reviews/", body, "json")

    assert made.status_code == 201
    assert_shape(made.json(), REVIEW)
    assert_refused(client.post(f"{API}/reviews/", body, "json"), 409)
    address = f"{API}/reviews/{made.json()['id']}/"
    assert_shape(make_client().get(address).json(), REVIEW)
    assert make_client().get(f"{API}/reviews/?product={goods.pk}&rating=5").json()["count"] == 1
    assert make_client().get(f"{API}/reviews/?product={goods.pk}&rating=1").json()["count"] == 0
    assert client.put(address, body | {"rating": 3}, "json").json()["rating"] == 3
    assert client.patch(address, {"title": "Well"}, "json").json()["title"] == "Well"
    assert client.delete(address).status_code == 204


def test_who_writes_reviews(goods, buyer):
    body = {"product": goods.pk, "rating": 5, "comment": "Soft and hot."}
    address = f"{API}/reviews/{make_client(buyer).post(f'{API}/reviews/', body, 'json').json()['id']}/"
    stranger, staff = make_client(make_user()), make_client(make_user(role=Role.STAFF))

    assert_refused(make_client().post(f"{API}/reviews/", body, "json"), 401)
    for rating in (0, 6, "5 stars", None, 4.5):
        assert_refused(stranger.post(f"{API}/reviews/", body | {"rating": rating}, "json"), 400)
    for refused in (stranger.patch(address, {"rating": 1}, "json"), stranger.delete(address)):
        assert_refused(refused, 403)
    assert_refused(staff.patch(address, {"rating": 1}, "json"), 403)
    assert staff.delete(address).status_code == 204
    assert_refused(stranger.get(address), 404)
