"""Categories, products and reviews as both shop contracts document them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.tests.factories import make_category, make_products
from karvon.reviews.tests.factories import make_review
from tests.contracts.checks import (
    assert_method_refused,
    assert_page,
    assert_refused,
    assert_shape,
    currency,
    flag,
    listing,
    mapping,
    moment,
    money,
    number,
    optional,
    rating,
    text,
    url,
)
from tests.contracts.goods import add_picture, make_phone

pytestmark = pytest.mark.django_db

API = "/api"
CATEGORY = {"id": number, "name": text, "slug": text, "image": optional(url), "product_count": number}
PRODUCT = {
    "id": number, "name": text, "description": text, "price": money, "currency": currency, "category": optional(number),
    "images": listing, "in_stock": flag, "variants": listing, "average_rating": rating, "reviews_count": number,
    "created_at": moment,
}  # fmt: skip
IMAGE = {"id": number, "image": url, "order": number}
VARIANT = {"id": number, "sku": text, "price": money, "stock": number, "attributes": mapping}
REVIEW = {
    "id": number,
    "product": number,
    "rating": number,
    "comment": text,
    "created_at": moment,
    "user": mapping,
}


def names_of(client, **asked):
    return [each["name"] for each in assert_page(client.get(f"{API}/products/", asked))]


# -- GET /api/categories/


@pytest.mark.parametrize("slash", ["/", ""])
def test_categories_are_a_bare_array(slash):
    phone = make_phone()
    make_category("Cases", parent=phone.category)

    found = make_client().get(f"{API}/categories{slash}")

    assert found.status_code == 200
    assert isinstance(found.json(), list)
    for each in found.json():
        assert_shape(each, CATEGORY)
    assert [(each["name"], each["product_count"]) for each in found.json()] == [("Phones", 1), ("Cases", 0)]


def test_categories_are_only_read():
    assert_method_refused(make_client(), f"{API}/categories/", "post", "put", "patch", "delete")


# -- GET /api/products/ and /api/products/{id}/


@pytest.mark.parametrize("slash", ["/", ""])
def test_products_show_their_variants_and_gallery(slash):
    phone = make_phone()
    add_picture(phone)

    (listed,) = assert_page(make_client().get(f"{API}/products{slash}"))
    shown = make_client().get(f"{API}/products/{phone.pk}{slash}").json()

    assert_shape(listed, PRODUCT)
    assert_shape(listed["images"][0], IMAGE)
    assert listed["images"][0]["order"] == 0
    for variant in listed["variants"]:
        assert_shape(variant, VARIANT)
    assert listed["variants"][0]["attributes"] == {"color": "black", "memory": "128GB"}
    assert [(each["sku"], each["price"], each["stock"]) for each in listed["variants"]] == [
        ("PHX-128GB", "4500000.00", 5), ("PHX-256GB", "5000000.00", 5),
    ]  # fmt: skip
    assert (listed["name"], listed["category"], listed["in_stock"]) == ("Phone X", phone.category_id, True)
    assert shown.pop("reviews") == {
        "average_rating": 0.0, "reviews_count": 0, "by_rating": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0},
    }  # fmt: skip
    assert shown == listed


def test_a_page_of_products_costs_two_queries_however_many_there_are():
    make_products(3)
    client = make_client()

    for size in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            assert len(assert_page(client.get(f"{API}/products/", {"page_size": size}))) == size
        assert len(queries) <= 2


def test_every_filter_of_products():
    phone = make_phone()
    make_products(2, title="Case", category=make_category("Cases"))
    client = make_client()

    assert names_of(client, category=phone.category_id) == ["Phone X"]
    assert names_of(client, category=phone.category.slug) == ["Phone X"]
    assert names_of(client, search="phone") == ["Phone X"]
    assert names_of(client, min_price="4000000") == ["Phone X"]
    assert names_of(client, max_price="4000000", ordering="name") == ["Case 0", "Case 1"]
    assert names_of(client, attr_memory="256GB") == ["Phone X"]
    assert names_of(client, attr_memory="512GB") == []
    assert names_of(client, attr_memory="256GB", attr_color="black", min_price="1") == ["Phone X"]
    assert names_of(client, category=10**12) == []


@pytest.mark.parametrize(
    ("ordering", "wanted"),
    [
        ("price", ["Case 0", "Case 1", "Phone X"]),
        ("-price,name", ["Phone X", "Case 0", "Case 1"]),
        ("-name", ["Phone X", "Case 1", "Case 0"]),
        ("-rating,name", ["Phone X", "Case 0", "Case 1"]),
        ("-created_at", ["Case 1", "Case 0", "Phone X"]),
    ],
)
def test_every_order_of_products(ordering, wanted):
    make_review(product=make_phone(), rating=5)
    make_products(2, title="Case")

    assert names_of(make_client(), ordering=ordering) == wanted


def test_pages_of_products_are_linked():
    make_products(3)

    first = make_client().get(f"{API}/products/", {"page_size": 2, "ordering": "name"}).json()
    second = make_client().get(first["next"]).json()

    assert (first["count"], first["previous"], second["next"]) == (3, None, None)
    assert [each["name"] for each in second["results"]] == ["Thing 2"]
    assert make_client().get(second["previous"]).json() == first


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({"min_price": "cheap"}, 400, "min_price"),
        ({"max_price": "-1"}, 400, "max_price"),
        ({"ordering": "merchant__owner__password"}, 400, "ordering"),
        ({"ordering": "title_sort"}, 400, "ordering"),
        ({"page": "0"}, 400, "page"),
        ({"page": "x"}, 400, "page"),
        ({"page": "9"}, 404, ""),
    ],
)
def test_what_products_refuse(asked, status, field):
    make_phone()

    assert_refused(make_client().get(f"{API}/products/", asked), status, field=field)


def test_products_are_only_read_and_only_those_on_show():
    phone = make_phone()
    client = make_client()

    assert_method_refused(client, f"{API}/products/", "post", "put", "patch", "delete")
    assert_method_refused(client, f"{API}/products/{phone.pk}/", "post", "put", "patch", "delete")
    for key in ("999999999999", "nowhere", "9" * 40):
        assert_refused(client.get(f"{API}/products/{key}/"), 404, "product_not_found")


@pytest.mark.parametrize("word", ["Bearer", "JWT"])
def test_both_words_before_a_token_are_understood_and_a_bad_token_is_refused(word):
    client = make_client()

    client.credentials(HTTP_AUTHORIZATION=f"{word} no.such.token")

    assert_refused(client.get(f"{API}/products/"), 401)


# -- /api/reviews/


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_review_is_written_once_and_counts(slash):
    phone, author = make_phone(), make_user(first_name="Aziza", last_name="Karimova")
    client = make_client(author)
    body = {"product": phone.pk, "rating": 5, "comment": "Worth every tiyin."}

    written = client.post(f"{API}/reviews{slash}", body, "json")
    again = client.post(f"{API}/reviews{slash}", body | {"rating": 1}, "json")

    assert written.status_code == 201
    assert_shape(written.json(), REVIEW)
    assert written.json()["user"] == {"id": author.pk, "name": "Aziza K."}
    assert_refused(again, 409, "already_reviewed")
    (listed,) = assert_page(make_client().get(f"{API}/reviews{slash}", {"product": phone.pk}))
    assert listed == written.json()
    shown = make_client().get(f"{API}/products/{phone.pk}").json()
    assert (shown["average_rating"], shown["reviews_count"]) == (5.0, 1)
    assert shown["reviews"]["by_rating"] == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": "good"}, "rating"),
        ({"rating": 4.5}, "rating"),
        ({"product": None}, "product"),
        ({"comment": "x\x00"}, "comment"),
    ],
)
def test_what_reviews_refuse(change, field):
    phone, client = make_phone(), make_client(make_user())

    assert_refused(
        client.post(f"{API}/reviews/", {"product": phone.pk, "rating": 5} | change, "json"), 400, field=field
    )
    assert assert_page(client.get(f"{API}/reviews/")) == []


def test_who_may_review_what():
    phone = make_phone()
    body = {"product": phone.pk, "rating": 5}

    assert_refused(make_client().post(f"{API}/reviews/", body, "json"), 401)
    assert_refused(make_client(make_user()).post(f"{API}/reviews/", body | {"product": 1}, "json"), 404)
    assert_refused(make_client(phone.merchant.owner).post(f"{API}/reviews/", body, "json"), 403)
    assert_refused(make_client().get(f"{API}/reviews/", {"product": "x"}), 400, field="product")
    assert_refused(make_client().get(f"{API}/reviews/", {"page": "9"}), 404)
    assert_method_refused(make_client(make_user()), f"{API}/reviews/", "put", "patch", "delete")
