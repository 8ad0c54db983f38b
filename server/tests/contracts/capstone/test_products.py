"""Products, reviews, pictures and collections of the storefront contract."""

from __future__ import annotations

import io
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from karvon.catalog.models import Product
from karvon.catalog.tests.factories import make_category, make_products
from karvon.orders.tests.factories import make_order
from tests.contracts.capstone.shop import make_bakery
from tests.contracts.checks import (
    assert_method_refused,
    assert_page,
    assert_refused,
    assert_shape,
    listing,
    moment,
    money,
    number,
    optional,
    text,
    url,
)

pytestmark = pytest.mark.django_db

API = "/store/products"
PRODUCT = {
    "id": number, "title": text, "slug": text, "description": text, "unit_price": money, "price_with_tax": money,
    "inventory": number, "collection": optional(number), "images": listing, "last_update": moment,
}  # fmt: skip
IMAGE = {"id": number, "image": url}
REVIEW = {"id": number, "name": text, "description": text, "rating": number}
COLLECTION = {"id": number, "title": text, "products_count": number}


@pytest.fixture
def shop():
    return make_bakery()


def body_of(shop, **fields):
    return {
        "title": "Bun",
        "unit_price": "2500.00",
        "inventory": 40,
        "collection": shop.collection.pk,
        "description": "Sweet.",
    } | fields


def picture(size=(40, 30)):
    data = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(data, "PNG")
    return SimpleUploadedFile("bread.png", data.getvalue(), "image/png")


def titles(client, **asked):
    return [each["title"] for each in assert_page(client.get(f"{API}/", asked))]


@pytest.mark.parametrize("slash", ["/", ""])
def test_products_are_listed_and_shown(shop, slash):
    (listed,) = assert_page(shop.guest.get(API + slash))

    shown = shop.guest.get(f"{API}/{shop.bread.pk}{slash}")

    assert shown.status_code == 200
    assert shown.json() == listed
    assert_shape(listed, PRODUCT)
    assert (listed["unit_price"], listed["inventory"]) == ("4500.00", 10)
    assert (listed["collection"], listed["description"]) == (shop.collection.pk, "<p>Still warm.</p>")
    assert_refused(shop.guest.get(f"{API}/4711{slash}"), 404, "product_not_found")


def test_products_are_filtered_and_ordered(shop):
    for title, price in (("Bun", "2500.00"), ("Cake", "90000.00")):
        made = shop.admin.post(f"{API}/", body_of(shop, title=title, unit_price=price), "json")
        assert made.status_code == 201, made.content
    shop.admin.patch(f"{API}/{shop.bread.pk}/", {"description": "Newer."}, "json")
    other = make_category("Dairy")

    assert titles(shop.guest, ordering="unit_price") == ["Bun", "Bread", "Cake"]
    assert titles(shop.guest, ordering="-unit_price") == ["Cake", "Bread", "Bun"]
    assert titles(shop.guest, ordering="-last_update")[0] == "Bread"
    assert titles(shop.guest, ordering="last_update")[-1] == "Bread"
    assert titles(shop.guest, search="cake") == ["Cake"]
    # without the bounds themselves
    assert titles(shop.guest, unit_price__gt="2500", ordering="unit_price") == ["Bread", "Cake"]
    assert titles(shop.guest, unit_price__lt="4500.00") == ["Bun"]
    assert titles(shop.guest, unit_price__gt="2500", unit_price__lt="90000") == ["Bread"]
    assert len(titles(shop.guest, collection_id=shop.collection.pk)) == 3
    assert titles(shop.guest, collection_id=other.pk) == []
    assert titles(shop.guest, collection_id=4711) == []
    for asked in ({"unit_price__gt": "much"}, {"ordering": "user__password"}, {"page": "x"}):
        assert_refused(shop.guest.get(f"{API}/", asked), 400, field=next(iter(asked)))


def test_a_page_has_ten_and_costs_few_queries():
    make_products(23)
    guest = make_bakery().guest

    first = guest.get(f"{API}/").json()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        third = guest.get(f"{API}/?page=3").json()

    assert (first["count"], len(first["results"]), len(third["results"])) == (24, 10, 4)
    assert first["next"].endswith("/store/products/?page=2")
    assert len(queries) <= 3
    assert_refused(guest.get(f"{API}/?page=4"), 404)


@pytest.mark.parametrize("slash", ["/", ""])
def test_administrators_write_products(shop, slash):
    made = shop.admin.post(API + slash, body_of(shop), "json")

    assert made.status_code == 201, made.content
    assert_shape(made.json(), PRODUCT)
    assert (made.json()["unit_price"], made.json()["inventory"]) == ("2500.00", 40)
    address = f"{API}/{made.json()['id']}{slash}"
    assert Product.objects.get(pk=made.json()["id"]).merchant_id == shop.merchant.pk
    put = shop.admin.put(address, body_of(shop, title="Roll", unit_price="3000.00", inventory=7), "json")
    assert (put.status_code, put.json()["title"], put.json()["inventory"]) == (200, "Roll", 7)
    patched = shop.admin.patch(address, {"unit_price": "3100.00"}, "json").json()
    assert (patched["unit_price"], patched["inventory"], patched["title"]) == ("3100.00", 7, "Roll")
    assert shop.guest.get(address).json() == patched
    assert shop.admin.delete(address).status_code == 204
    assert_refused(shop.guest.get(address), 404)


def test_what_is_refused_of_products(shop):
    address = f"{API}/{shop.bread.pk}/"

    for wrong in (
        {"unit_price": "-1"},
        {"unit_price": "NaN"},
        {"inventory": -1},
        {"inventory": 1.5},
        {"title": ""},
    ):
        assert_refused(
            shop.admin.post(f"{API}/", body_of(shop, **wrong), "json"), 400, field=next(iter(wrong))
        )
    assert_refused(shop.admin.post(f"{API}/", body_of(shop, collection=4711), "json"), 400)
    assert_refused(shop.admin.put(address, {"title": "Roll"}, "json"), 400, field="unit_price")
    for client, status in ((shop.guest, 401), (shop.customer, 403)):
        assert_refused(client.post(f"{API}/", body_of(shop), "json"), status)
        assert_refused(client.put(address, body_of(shop), "json"), status)
        assert_refused(client.patch(address, {"title": "Mine"}, "json"), status)
        assert_refused(client.delete(address), status)
    assert_method_refused(shop.admin, f"{API}/", "put", "delete")
    assert_method_refused(shop.admin, address, "post")
    assert titles(shop.guest) == ["Bread"]


def test_what_was_ordered_is_not_deleted(shop, clean_redis):
    make_order((shop.bread.variants.get(), 1))

    assert_refused(shop.admin.delete(f"{API}/{shop.bread.pk}/"), 409, "product_ordered")
    assert titles(shop.guest) == ["Bread"]


def test_new_products_are_the_named_shops(shop, settings):
    from karvon.merchants.tests.factories import make_merchant

    settings.KARVON_STORE_MERCHANT = make_merchant(username="second").username
    made = shop.admin.post(f"{API}/", body_of(shop), "json").json()
    settings.KARVON_STORE_MERCHANT = "nobody"

    assert Product.objects.get(pk=made["id"]).merchant.username == "second"
    assert_refused(shop.admin.post(f"{API}/", body_of(shop), "json"), 409, "no_store_merchant")


@pytest.mark.parametrize("slash", ["/", ""])
def test_reviews(shop, slash):
    address = f"{API}/{shop.bread.pk}/reviews{slash}"

    made = shop.customer.post(address, {"name": "Aziza", "description": "Warm.", "rating": 4}, "json")

    assert made.status_code == 201, made.content
    assert_shape(made.json(), REVIEW)
    assert shop.stranger.post(address, {"name": "Bek", "description": "Good."}, "json").json()["rating"] == 5
    assert [each["name"] for each in assert_page(shop.guest.get(address))] == ["Bek", "Aziza"]
    assert_refused(
        shop.customer.post(address, {"name": "A", "description": "B"}, "json"), 409, "already_reviewed"
    )
    assert_refused(shop.guest.post(address, {"name": "A", "description": "B"}, "json"), 401)
    for wrong in ({"name": ""}, {"description": ""}, {"rating": 6}, {"name": "x" * 65}):
        body = {"name": "A", "description": "B"} | wrong
        assert_refused(shop.admin.post(address, body, "json"), 400, field=next(iter(wrong)))
    assert_refused(shop.guest.get(f"{API}/4711/reviews{slash}"), 404)
    assert_method_refused(shop.admin, address, "put", "delete")


@pytest.mark.parametrize("slash", ["/", ""])
def test_pictures(shop, slash):
    address = f"{API}/{shop.bread.pk}/images{slash}"

    made = shop.admin.post(address, {"image": picture()}, format="multipart")

    assert made.status_code == 201, made.content
    assert_shape(made.json(), IMAGE)
    assert assert_page(shop.guest.get(address)) == [made.json()]
    assert shop.guest.get(f"{API}/{shop.bread.pk}/").json()["images"] == [made.json()]
    big = SimpleUploadedFile("big.png", picture().read() + os.urandom(501 * 1024), "image/png")
    assert_refused(shop.admin.post(address, {"image": big}, format="multipart"), 413)
    fake = SimpleUploadedFile("fake.png", b"<svg onload=alert(1)>", "image/png")
    assert_refused(shop.admin.post(address, {"image": fake}, format="multipart"), 415)
    assert_refused(shop.admin.post(address, {}, format="multipart"), 400, field="image")
    assert_refused(shop.customer.post(address, {"image": picture()}, format="multipart"), 403)
    assert_refused(shop.guest.post(address, {"image": picture()}, format="multipart"), 401)
    assert_refused(shop.admin.post(f"{API}/4711/images/", {"image": picture()}, format="multipart"), 404)
    assert len(assert_page(shop.guest.get(address))) == 1


@pytest.mark.parametrize("slash", ["/", ""])
def test_collections_are_categories(shop, slash):
    made = shop.admin.post(f"/store/collections{slash}", {"title": "Dairy"}, "json")

    assert made.status_code == 201, made.content
    assert_shape(made.json(), COLLECTION)
    rows = assert_page(shop.guest.get(f"/store/collections{slash}"))
    assert {each["title"]: each["products_count"] for each in rows} == {"Bakery": 1, "Dairy": 0}
    address = f"/store/collections/{made.json()['id']}{slash}"
    assert shop.admin.put(address, {"title": "Milk"}, "json").json()["title"] == "Milk"
    assert_shape(shop.guest.get(address).json(), COLLECTION)
    assert_refused(shop.admin.put(address, {"title": ""}, "json"), 400, field="title")
    for client, status in ((shop.guest, 401), (shop.customer, 403)):
        assert_refused(client.post(f"/store/collections{slash}", {"title": "X"}, "json"), status)
        assert_refused(client.put(address, {"title": "X"}, "json"), status)
        assert_refused(client.delete(address), status)
    assert_refused(shop.admin.delete(f"/store/collections/{shop.collection.pk}/"), 409)
    assert shop.admin.delete(address).status_code == 204
    assert_refused(shop.guest.get(address), 404)
    assert_method_refused(shop.admin, address, "post", "patch")
