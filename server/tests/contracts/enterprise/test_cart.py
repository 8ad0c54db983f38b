"""The cart that both shop contracts document at `/api/cart/`."""

from __future__ import annotations

from uuid import uuid4

import pytest

from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.models import Variant
from karvon.catalog.services import delete_product
from tests.contracts.checks import (
    assert_method_refused,
    assert_refused,
    assert_shape,
    currency,
    flag,
    lasting,
    listing,
    mapping,
    money,
    number,
    text,
    uuid,
)
from tests.contracts.enterprise.test_catalog import PRODUCT
from tests.contracts.goods import make_phone

pytestmark = pytest.mark.django_db

CART = {"id": uuid, "items": listing, "total_amount": money, "item_count": number, "currency": currency}
ITEM = {
    "id": number, "product": mapping, "variant": mapping, "quantity": number, "unit_price": money, "total_price": money,
    "available": flag,
}  # fmt: skip
VARIANT = {"id": number, "sku": text, "attributes": mapping}


@pytest.fixture
def variant():
    return make_phone().variants.first()


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_guests_cart_by_cookie(variant, slash):
    client = make_client()
    address = f"/api/cart{slash}"
    assert client.get(address).json()["items"] == []

    added = client.post(address, {"variant_id": variant.pk, "quantity": 2}, "json")
    again = client.post(address, {"variant_id": variant.pk, "quantity": 1}, "json")

    assert (added.status_code, again.status_code) == (200, 200)
    cart = again.json()
    assert_shape(cart, CART)
    (item,) = cart["items"]
    assert_shape(item, ITEM)
    assert_shape(item["product"], PRODUCT)
    assert_shape(item["variant"], VARIANT)
    assert (item["variant"]["id"], item["quantity"], item["total_price"]) == (variant.pk, 3, "13500000.00")
    assert (cart["item_count"], cart["total_amount"]) == (3, "13500000.00")
    assert lasting(client.get(address).json()) == lasting(cart)
    emptied = client.delete(address)
    assert (emptied.status_code, emptied.json()["items"], emptied.json()["total_amount"]) == (200, [], "0.00")


def test_a_guests_cart_by_its_id(variant):
    cart = make_client().post("/api/cart/", {"variant_id": variant.pk, "quantity": 1}, "json").json()

    other = make_client()
    other.credentials(HTTP_X_CART_ID=cart["id"])

    assert lasting(other.get("/api/cart/").json()) == lasting(cart)
    assert make_client().get("/api/cart/").json()["items"] == []


def test_a_customers_cart_is_one_at_every_door(variant):
    client = make_client(make_user())

    client.post("/api/cart/", {"variant_id": variant.pk, "quantity": 1}, "json")

    (line,) = client.get("/api/v1/cart/").json()["items"]
    (item,) = client.get("/api/cart/").json()["items"]
    assert (line["id"], line["subtotal"]) == (item["id"], item["total_price"])


def test_one_variant_is_taken_out(variant):
    client = make_client()
    other = Variant.objects.exclude(pk=variant.pk).get()
    for each in (variant, other):
        client.post("/api/cart/", {"variant_id": each.pk, "quantity": 1}, "json")

    left = client.delete("/api/cart/", {"variant_id": variant.pk}, "json").json()
    gone = client.delete("/api/cart/", {"variant_id": variant.pk}, "json")
    none = client.delete(f"/api/cart/?variant_id={other.pk}").json()

    assert [item["variant"]["id"] for item in left["items"]] == [other.pk]
    assert_refused(gone, 404, "cart_line_not_found")
    assert none["items"] == []


def test_what_is_withdrawn_stays_with_every_documented_field(variant):
    client = make_client()
    client.post("/api/cart/", {"variant_id": variant.pk, "quantity": 1}, "json")

    delete_product(product_id=variant.product_id, actor=None)

    cart = client.get("/api/cart/").json()
    (item,) = cart["items"]
    assert_shape(item, ITEM)
    assert (item["available"], item["problem"], cart["total_amount"]) == (False, "withdrawn", "0.00")
    assert item["product"].keys() >= PRODUCT.keys()


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "variant_id"),
        ({"variant_id": "x"}, 400, "variant_id"),
        ({"quantity": 0}, 400, "quantity"),
        ({"quantity": -1}, 400, "quantity"),
        ({"quantity": 1.5}, 400, "quantity"),
        ({"quantity": 10**9}, 400, "quantity"),
        ({"quantity": 6}, 409, "quantity"),
        ({"variant_id": 1}, 404, ""),
        ({"modifiers": [1]}, 400, "modifiers"),
        ([], 400, ""),
        ("no object", 400, ""),
    ],
)
def test_what_the_cart_refuses(variant, body, status, field):
    client = make_client()
    sent = {"variant_id": variant.pk, "quantity": 1} | body if isinstance(body, dict) and body else body

    assert_refused(client.post("/api/cart/", sent, "json"), status, field=field)
    assert client.get("/api/cart/").json()["items"] == []


def test_nobody_reaches_anothers_cart(variant):
    customer = make_client(make_user())
    cart = customer.post("/api/cart/", {"variant_id": variant.pk, "quantity": 1}, "json").json()

    thief = make_client()
    thief.credentials(HTTP_X_CART_ID=cart["id"])
    stranger = make_client()
    stranger.credentials(HTTP_X_CART_ID=str(uuid4()))

    assert_refused(thief.get("/api/cart/"), 404)
    assert_refused(thief.delete("/api/cart/"), 404)
    assert stranger.get("/api/cart/").json()["items"] == []
    assert customer.get("/api/cart/").json()["item_count"] == 1
    assert_method_refused(make_client(), "/api/cart/", "put", "patch")
