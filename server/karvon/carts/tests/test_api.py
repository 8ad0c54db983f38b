from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from karvon.accounts.tests.factories import make_client, make_user
from karvon.carts.tests.factories import make_modifier_group
from karvon.inventory.services import adjust_stock
from karvon.inventory.tests.factories import make_variant
from karvon.promotions.tests.factories import make_coupon

pytestmark = pytest.mark.django_db

URL = "/api/v1/cart/"
DOCUMENTED = {
    "id", "user", "items", "subtotal", "discount", "delivery_fee", "tax", "total", "currency", "coupon",
    "created_at", "updated_at", "expires_at",
}  # fmt: skip
DOCUMENTED_ITEM = {
    "id", "product", "variant", "quantity", "unit_price", "subtotal", "modifiers", "available", "problem",
}  # fmt: skip


def guest(cart_id: str | None = None) -> APIClient:
    client = APIClient()
    if cart_id:
        client.credentials(HTTP_X_CART_ID=str(cart_id))
    return client


def add(client: APIClient, variant, quantity=1, **fields):
    return client.post(f"{URL}add/", {"variant_id": variant.pk, "quantity": quantity} | fields, "json")


def test_a_guests_way_by_header():
    variant = make_variant(units=5)

    begun = guest().post(URL)
    assert begun.status_code == 201
    client = guest(begun.json()["id"])
    added = add(client, variant, 2).json()
    assert added["id"] == begun.json()["id"]
    assert added.keys() >= DOCUMENTED
    (item,) = added["items"]
    assert item.keys() >= DOCUMENTED_ITEM
    assert item["product"].keys() >= {"id", "title", "price", "image"}
    assert item["variant"].keys() >= {"id", "sku", "options"}
    assert (item["unit_price"], item["subtotal"], added["total"]) == ("10000.00", "20000.00", "20000.00")
    changed = client.put(f"{URL}update/{item['id']}/", {"quantity": 3}, "json").json()
    assert changed["items"][0]["quantity"] == 3
    assert client.put(f"{URL}update/{item['id']}/", {"quantity": 0}, "json").json()["items"] == []
    add(client, variant)
    assert client.delete(f"{URL}remove/{item['id']}/").json()["items"] == []
    add(client, variant)
    cleared = client.delete(f"{URL}clear/")
    assert (cleared.status_code, cleared.json()["items"], cleared.json()["total"]) == (200, [], "0.00")


def test_a_guests_way_by_cookie():
    client = APIClient()

    added = add(client, make_variant(units=5))

    cookie = added.cookies["cart_id"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (added.json()["id"], True, "Lax")
    assert client.get(URL).json()["items"] == added.json()["items"]


def test_a_guest_without_a_cart_gets_an_empty_one():
    answer = guest().get(URL).json()

    assert answer.keys() >= DOCUMENTED
    assert (answer["id"], answer["items"], answer["total"], answer["coupon"]) == (None, [], "0.00", None)
    assert answer["currency"] == "UZS"


@pytest.mark.parametrize(
    "cart_id", ["8e0f1a3c-2f67-4f4b-9d5e-0c1b2a3d4e5f", "x", "../../etc", "0" * 500, "' OR 1=1"]
)
def test_a_forged_id_gives_an_empty_cart(cart_id):
    client = guest(cart_id)

    assert client.get(URL).json()["items"] == []
    added = add(client, make_variant(units=5))

    assert added.status_code == 200
    assert added.json()["id"] != cart_id


def test_a_customers_cart_is_on_all_devices_and_hidden_from_guests():
    user, variant = make_user(), make_variant(units=5)
    added = add(make_client(user), variant, 2).json()

    assert make_client(user).get(URL).json()["items"] == added["items"]
    assert added["user"] == user.pk
    spy = guest(added["id"])
    line = added["items"][0]["id"]
    for answer in (
        spy.get(URL),
        spy.post(URL),
        add(spy, variant),
        spy.put(f"{URL}update/{line}/", {"quantity": 1}, "json"),
        spy.delete(f"{URL}remove/{line}/"),
        spy.delete(f"{URL}clear/"),
        spy.delete(f"{URL}coupon/"),
    ):
        assert answer.status_code == 404
    stranger = make_client(make_user())
    stranger.defaults["HTTP_X_CART_ID"] = added["id"]
    assert stranger.get(URL).json()["items"] == []
    assert stranger.put(f"{URL}update/{line}/", {"quantity": 1}, "json").status_code == 404
    assert make_client(user).get(URL).json()["items"][0]["quantity"] == 2


def test_a_cookie_left_over_from_a_login_is_no_error():
    added = add(make_client(make_user()), make_variant(units=5)).json()
    client = APIClient()
    client.cookies["cart_id"] = added["id"]

    answer = client.get(URL)

    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_logging_in_with_a_cookie_merges_with_the_first_request():
    user, variant = make_user(), make_variant(units=50)
    add(make_client(user), variant, 1)
    client = APIClient()
    add(client, variant, 2)
    client.credentials(HTTP_AUTHORIZATION=make_client(user)._credentials["HTTP_AUTHORIZATION"])

    added = add(client, variant, 1)

    assert added.json()["items"][0]["quantity"] == 4
    assert added.cookies["cart_id"].value == ""


def test_merging_by_hand():
    user, variant = make_user(), make_variant(units=5)
    guest_cart = add(guest(), variant, 4).json()
    client = make_client(user)
    add(client, variant, 3)

    answers = [client.post(f"{URL}merge/", {"cart_id": guest_cart["id"]}, "json").json() for _ in range(2)]

    assert [answer["items"][0]["quantity"] for answer in answers] == [5, 5]
    assert guest(guest_cart["id"]).get(URL).json()["items"] == []
    assert guest().post(f"{URL}merge/", {"cart_id": guest_cart["id"]}, "json").status_code == 401
    assert client.post(f"{URL}merge/", {"cart_id": "x"}, "json").status_code == 400
    assert client.post(f"{URL}merge/").status_code == 200


@pytest.mark.parametrize(
    "quantity", [0, -1, 10_000, 1e5, 1e300, "NaN", "Infinity", "two", None, [], {}, True, 1.5, "1e5", 2**70]
)
def test_naughty_quantities(quantity):
    variant = make_variant(units=50_000)
    client = guest(guest().post(URL).json()["id"])

    answer = add(client, variant, quantity)

    assert answer.status_code == 400
    assert "quantity" in answer.json()["details"]
    assert client.get(URL).json()["items"] == []


@pytest.mark.parametrize("wanted", [0, -5, 2**62, 2**70, "x", None, "1; DROP TABLE", [1], 1.5])
def test_naughty_ids(wanted):
    for field in ("variant_id", "product_id"):
        answer = guest().post(f"{URL}add/", {field: wanted}, "json")
        assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    "modifiers", ["x", [0], [-1], ["a"], [2**70], [1.5], [[]], list(range(1, 60)), {"id": 1}]
)
def test_naughty_modifiers(modifiers):
    assert add(guest(), make_variant(units=5), modifiers=modifiers).status_code == 400


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"null", b"{", b'{"variant_id": NaN}', b'"x"', b"\x00", b"\xff\xfe"]
)
def test_naughty_bodies(raw):
    answer = guest().post(f"{URL}add/", raw, content_type="application/json")

    assert answer.status_code == 400


def test_prices_cannot_be_sent():
    answer = add(guest(), make_variant(units=5), unit_price="1.00", price="1", user=1, discount="9999").json()

    assert (answer["total"], answer["user"]) == ("10000.00", None)


def test_huge_line_ids():
    client = guest(add(guest(), make_variant(units=5)).json()["id"])

    for line_id in (0, 2**53, 2**64, 10**40):
        assert client.put(f"{URL}update/{line_id}/", {"quantity": 1}, "json").status_code == 404
        assert client.delete(f"{URL}remove/{line_id}/").status_code == 404


def test_ten_thousand_lines_do_not_fit(settings):
    settings.KARVON_CART_MAX_LINES = 3
    variant = make_variant(units=5)
    _, choices = make_modifier_group(variant.product, deltas=("1", "2", "3", "4"))
    client = guest(guest().post(URL).json()["id"])

    statuses = [add(client, variant, modifiers=[choice.pk]).status_code for choice in choices]

    assert statuses == [200, 200, 200, 409]


def test_what_is_left_is_told():
    variant = make_variant(units=5)
    client = guest(add(guest(), variant, 3).json()["id"])

    answer = add(client, variant, 3)

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert answer.json()["details"]["available"] == ["2"]


def test_problems_stay_in_the_cart():
    variant = make_variant(units=5)
    client = guest(add(guest(), variant, 3).json()["id"])
    adjust_stock(variant_id=variant.pk, on_hand=1, actor=None)

    cart = client.get(URL).json()

    (item,) = cart["items"]
    assert (item["available"], item["problem"], item["available_quantity"]) == (
        False,
        "insufficient_stock",
        1,
    )
    assert (cart["total"], cart["is_orderable"], cart["merchants"]) == ("0.00", False, [])


def test_coupons_over_http():
    make_coupon("TEN", minimum_subtotal="15000")
    client = guest(add(guest(), make_variant(units=5)).json()["id"])

    waiting = client.post(f"{URL}coupon/", {"code": "ten"}, "json").json()
    assert waiting["coupon"] == "TEN"
    assert (waiting["coupon_status"]["reason"], waiting["coupon_status"]["missing"]) == (
        "minimum_not_reached",
        "5000.00",
    )
    line_id = waiting["items"][0]["id"]
    applied = client.put(f"{URL}update/{line_id}/", {"quantity": 2}, "json").json()
    assert (applied["discount"], applied["total"], applied["coupon_status"]["applied"]) == (
        "2000.00",
        "18000.00",
        True,
    )
    assert [discount["code"] for discount in applied["discounts"]] == ["TEN"]
    refused = client.post(f"{URL}coupon/", {"code": "NOPE"}, "json")
    assert (refused.status_code, refused.json()["code"]) == (400, "coupon_not_found")
    assert client.get(URL).json()["coupon"] == "TEN"
    assert client.delete(f"{URL}coupon/").json()["coupon"] is None


def test_delivery_or_pickup():
    variant = make_variant(units=5)
    branch = variant.merchant.branches.get()
    branch.delivery_fee = "15000"
    branch.save()
    client = guest(add(guest(), variant).json()["id"])

    assert client.get(URL).json()["delivery_fee"] == "15000.00"
    assert client.get(URL, {"delivery_type": "pickup"}).json()["delivery_fee"] == "0.00"
    assert client.get(URL).json()["delivery_fee"] == "15000.00"
    assert client.patch(URL, {"delivery_type": "pickup"}, "json").json()["total"] == "10000.00"
    assert client.get(URL).json()["delivery_type"] == "pickup"
    assert client.get(URL, {"delivery_type": "drone"}).status_code == 400
    assert client.get(URL, {"branch": "x"}).status_code == 400
    assert client.patch(URL, {"delivery_type": "drone"}, "json").status_code == 400


def test_query_counts_over_http():
    variant = make_variant(units=50)
    client = guest(add(guest(), variant).json()["id"])

    def queries_of(action) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert action().status_code == 200
        return len(queries)

    assert queries_of(lambda: guest().get(URL)) == 0
    assert queries_of(lambda: client.get(URL)) == 1
    assert queries_of(lambda: add(client, variant)) == 1
    assert queries_of(lambda: add(guest(), variant)) == 1


def test_without_redis_carts_are_away_and_say_when_to_come_back(settings):
    variant = make_variant(units=5)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    client = guest(str(uuid4()))

    for answer in (client.get(URL), client.post(URL), add(client, variant), client.delete(f"{URL}clear/")):
        assert (answer.status_code, answer.json()["code"]) == (503, "dependency_down")
        assert int(answer["Retry-After"]) > 0
