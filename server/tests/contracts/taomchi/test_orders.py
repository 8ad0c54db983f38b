"""The cart's lines and orders as the food ordering contract documents them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.tests.factories import make_modifier_group, make_product, variant_input
from karvon.inventory.tests.factories import level_of, stock_up
from karvon.kernel import clock
from karvon.merchants.tests.factories import make_branch, make_merchant
from karvon.orders.models import Order, PaymentMethod
from karvon.orders.services import transition_fulfilment
from karvon.orders.tests.factories import make_guest_order, make_order, part_of
from karvon.payments.models import Payment
from karvon.payments.tests.simulated import simulated
from karvon.promotions.models import Promotion
from karvon.promotions.tests.factories import make_coupon
from tests.contracts.checks import (
    assert_method_refused,
    assert_page,
    assert_refused,
    assert_shape,
    lasting,
    listing,
    mapping,
    moment,
    money,
    number,
    optional,
    text,
    uuid,
)
from tests.contracts.enterprise.test_cart import CART
from tests.contracts.enterprise.test_catalog import PRODUCT

pytestmark = pytest.mark.django_db

ADDED = {
    "cart_item_id": number,
    "product": mapping,
    "quantity": number,
    "total_price": money,
    "cart_id": uuid,
}
PLACED = {
    "order_id": number, "status": text, "total_amount": money, "estimated_delivery": optional(moment), "payment": mapping,
}  # fmt: skip
PAYMENT = {"method": text, "status": text, "amount": money, "expires_at": optional(moment)}
TRACKED = {
    "order_id": number, "status": text, "total_amount": money, "items": listing, "timeline": listing,
    "courier": optional(mapping), "eta": optional(moment), "estimated_delivery": optional(moment), "payment": mapping,
    "created_at": moment,
}  # fmt: skip
STEP = {"status": text, "at": moment, "by": text}
BODY = {
    "delivery_address": "Tashkent, Amir Temur 1", "payment_method": "cash", "note": "No onions, please.",
    "full_name": "Aziza", "phone": "+998901234567",
}  # fmt: skip


@pytest.fixture
def plov():
    """A dish with ten portions left."""
    dish = make_product("Plov", kind="food", variants=[variant_input("45000", tracks_stock=True)])
    stock_up(dish.variants.get(), 10)
    return dish


@pytest.fixture
def variant(plov):
    return plov.variants.get()


def client_with_cart(variant, user=None, quantity=2):
    client = make_client(user)
    body = {"product_id": variant.product_id, "quantity": quantity}
    assert client.post("/api/cart/add/", body, "json").status_code == 200
    return client


def order_with(variant, user=None, **fields):
    answer = client_with_cart(variant, user).post("/api/orders/create/", BODY | fields, "json")
    assert answer.status_code == 201, answer.content
    return answer.json()


# -- POST /api/cart/add/, PATCH and DELETE /api/cart/items/<id>/


@pytest.mark.parametrize("slash", ["/", ""])
def test_lines_of_the_cart(plov, slash):
    client = make_client()

    added = client.post(f"/api/cart/add{slash}", {"product_id": plov.pk, "quantity": 2}, "json")

    assert added.status_code == 200
    line = added.json()
    assert_shape(line, ADDED)
    assert_shape(line["product"], PRODUCT)
    assert (line["product"]["id"], line["quantity"], line["total_price"]) == (plov.pk, 2, "90000.00")
    address = f"/api/cart/items/{line['cart_item_id']}{slash}"
    changed = client.patch(address, {"quantity": 3}, "json")
    assert changed.status_code == 200
    assert_shape(changed.json(), CART)
    assert (changed.json()["item_count"], changed.json()["total_amount"]) == (3, "135000.00")
    assert lasting(client.get("/api/cart").json()) == lasting(changed.json())
    emptied = client.delete(address)
    assert (emptied.status_code, emptied.json()["items"]) == (200, [])
    assert_refused(client.delete(address), 404, "cart_line_not_found")
    assert_refused(client.patch(address, {"quantity": 1}, "json"), 404)


def test_variants_and_modifiers_are_lines_of_their_own(plov):
    group = make_modifier_group(plov.merchant, "Salad", price_delta="5000")
    dish = make_product(
        "Soup",
        merchant=plov.merchant,
        kind="food",
        variants=[variant_input("20000"), variant_input("30000")],
        modifier_group_ids=(group.pk,),
    )
    small, large = dish.variants.order_by("position")
    client, salad = make_client(), group.modifiers.get().pk

    plain = client.post("/api/cart/add/", {"variant_id": large.pk}, "json").json()
    dressed = client.post("/api/cart/add/", {"variant_id": large.pk, "modifiers": [salad]}, "json").json()
    first = client.post("/api/cart/add/", {"product_id": dish.pk, "quantity": 2}, "json").json()

    assert [each["total_price"] for each in (plain, dressed, first)] == ["30000.00", "35000.00", "40000.00"]
    assert first["variant"]["id"] == small.pk
    assert client.get("/api/cart/").json()["item_count"] == 4


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "product_id"),
        ({"product_id": "x"}, 400, "product_id"),
        ({"product_id": 1}, 404, ""),
        ({"quantity": 0}, 400, "quantity"),
        ({"quantity": 1.5}, 400, "quantity"),
        ({"quantity": 11}, 409, "quantity"),
        ({"modifiers": [1]}, 400, "modifiers"),
    ],
)
def test_what_cannot_be_added(plov, body, status, field):
    client = make_client()
    sent = {"product_id": plov.pk, "quantity": 1} | body if body else body

    assert_refused(client.post("/api/cart/add/", sent, "json"), status, field=field)
    assert client.get("/api/cart/").json()["items"] == []


def test_nobody_changes_anothers_line(variant):
    owner, stranger = client_with_cart(variant, make_user()), make_client(make_user())
    line = owner.get("/api/cart/").json()["items"][0]["id"]
    address = f"/api/cart/items/{line}/"

    assert_refused(stranger.patch(address, {"quantity": 9}, "json"), 404)
    assert_refused(stranger.delete(address), 404)
    assert_refused(owner.patch(address, {"quantity": -1}, "json"), 400, field="quantity")
    assert_refused(owner.patch(address, {}, "json"), 400, field="quantity")
    assert_refused(owner.patch(address, {"quantity": 11}, "json"), 409, "insufficient_stock")
    assert owner.get("/api/cart/").json()["item_count"] == 2
    assert_method_refused(owner, address, "get", "put", "post")
    assert_method_refused(owner, "/api/cart/add/", "get", "put", "patch", "delete")


# -- POST /api/orders/create/


@pytest.mark.parametrize("slash", ["/", ""])
def test_an_order_is_pending_until_the_kitchen_accepts(variant, slash):
    client = client_with_cart(variant)

    answer = client.post(f"/api/orders/create{slash}", BODY, "json")

    assert answer.status_code == 201
    placed = answer.json()
    assert_shape(placed, PLACED)
    assert_shape(placed["payment"], PAYMENT)
    assert (placed["status"], placed["total_amount"]) == ("pending", "90000.00")
    order = Order.objects.get(pk=placed["order_id"])
    assert (order.note, order.channel, order.contact_name) == ("No onions, please.", "food_ordering", "Aziza")
    assert level_of(variant).on_hand == 8
    eta = order.placed_at + timedelta(minutes=45)
    assert placed["estimated_delivery"] == eta.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("method", PaymentMethod.values)
def test_every_way_of_paying(variant, method):
    payment = order_with(variant, make_user(), payment_method=method)["payment"]

    waits = method not in ("cash", "card_on_delivery")
    assert (payment["method"], payment["status"], payment["amount_due"]) == (method, "pending", "90000.00")
    assert (payment["expires_at"] is not None) is waits
    assert level_of(variant).reserved == (2 if waits else 0)


def test_where_to_pay_is_told_at_once_and_the_same_when_asked_again(variant, settings):
    with simulated(settings):
        client = client_with_cart(variant)
        headers = {"HTTP_IDEMPOTENCY_KEY": "one order"}
        first, again = (
            client.post("/api/orders/create/", BODY | {"payment_method": "payme"}, "json", **headers).json()
            for _twice in range(2)
        )

    payment = Payment.objects.get()
    assert first["payment"]["payment_id"] == payment.pk
    assert first["payment"]["url"].startswith(settings.KARVON_PROVIDERS["payme"]["BASE_URL"])
    assert again == first


def test_an_order_stands_when_nobody_takes_the_money_now(variant):
    placed = order_with(variant, make_user(), payment_method="stripe")

    assert (placed["payment"]["payment_id"], placed["payment"]["url"]) == (None, None)
    assert Order.objects.get(pk=placed["order_id"]).payment_state == "pending"


def test_all_that_may_be_wished(variant):
    merchant = variant.merchant
    branch = make_branch(merchant, name="Second")
    stock_up(variant, 3, branch=branch)
    make_coupon("TEN", merchant=merchant)
    wanted_at = (clock.now() + timedelta(days=1)).replace(microsecond=0)

    placed = order_with(
        variant,
        make_user(),
        branch_id=branch.pk,
        scheduled_for=wanted_at.isoformat(),
        promo_code="ten",
        location={"lat": 41.311081, "lng": 69.240562},
        delivery_address={"line1": "Navoi 3", "city": "Tashkent"},
    )

    order = Order.objects.get(pk=placed["order_id"])
    assert (part_of(order).branch_id, order.scheduled_for, order.coupon) == (branch.pk, wanted_at, "TEN")
    assert order.discount > 0
    assert Promotion.objects.get(code="TEN").used_count == 1
    assert order.delivery_address == {
        "line1": "Navoi 3", "city": "Tashkent", "latitude": "41.311081", "longitude": "69.240562",
    }  # fmt: skip
    assert placed["estimated_delivery"] == wanted_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (level_of(variant).on_hand, level_of(variant, branch).on_hand) == (10, 1)


def test_what_is_fetched_needs_no_address_and_is_ready_sooner(variant):
    placed = order_with(variant, delivery_type="pickup", delivery_address=None)

    order = Order.objects.get(pk=placed["order_id"])
    assert (order.delivery_type, order.delivery_address) == ("pickup", {})
    eta = order.placed_at + timedelta(minutes=20)
    assert placed["estimated_delivery"] == eta.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"delivery_address": ""}, 400, "delivery_address"),
        ({"delivery_address": {"city": "Tashkent"}}, 400, "delivery_address.line1"),
        ({"payment_method": "barter"}, 400, "payment_method"),
        ({"delivery_type": "drone"}, 400, "delivery_type"),
        ({"phone": ""}, 400, "phone"),
        ({"full_name": ""}, 400, "full_name"),
        ({"location": {"lat": 91, "lng": 0}}, 400, "location.lat"),
        ({"location": "here"}, 400, "location"),
        ({"scheduled_for": "soon"}, 400, "scheduled_for"),
        ({"scheduled_for": "2020-01-01T00:00:00Z"}, 400, "scheduled_for"),
        ({"scheduled_for": "2999-01-01T00:00:00Z"}, 400, "scheduled_for"),
        ({"promo_code": "NOSUCH"}, 400, "promo_code"),
        ({"branch_id": "x"}, 400, "branch_id"),
        ({"branch_id": 10**12}, 404, ""),
        ({"note": "x" * 1001}, 400, "note"),
    ],
)
def test_what_an_order_refuses(variant, change, status, field):
    client = client_with_cart(variant)

    assert_refused(client.post("/api/orders/create/", BODY | change, "json"), status, field=field)
    assert (Order.objects.count(), level_of(variant).on_hand) == (0, 10)


def test_another_merchants_branch_is_none_of_this_order(variant):
    foreign = make_merchant().branches.get()
    client = client_with_cart(variant)

    assert_refused(client.post("/api/orders/create/", BODY | {"branch_id": foreign.pk}, "json"), 404)
    assert Order.objects.count() == 0


def test_without_a_cart_there_is_nothing_to_order():
    assert_refused(make_client().post("/api/orders/create/", BODY, "json"), 404, "cart_not_found")
    assert_refused(make_client().post("/api/orders/create/", ["x"], "json"), 400)
    assert_method_refused(make_client(make_user()), "/api/orders/create/", "get", "put", "patch", "delete")


def test_the_same_key_is_one_order(variant):
    client, key = client_with_cart(variant), uuid4().hex

    first, again = (
        client.post("/api/orders/create/", BODY, "json", HTTP_IDEMPOTENCY_KEY=key) for _ in range(2)
    )

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Order.objects.count() == 1


# -- GET /api/orders/ and /api/orders/<id>/, POST /api/orders/<id>/cancel/


@pytest.mark.parametrize("slash", ["/", ""])
def test_history_and_tracking(variant, slash):
    user = make_user()
    older, newer = (make_order((variant, 1), customer=user) for _ in range(2))
    client = make_client(user)

    listed = assert_page(client.get(f"/api/orders{slash}"))
    shown = client.get(f"/api/orders/{newer.pk}{slash}").json()

    assert [each["order_id"] for each in listed] == [newer.pk, older.pk]
    assert listed[0] == shown
    assert_shape(shown, TRACKED)
    for step in shown["timeline"]:
        assert_shape(step, STEP)
    assert [step["status"] for step in shown["timeline"]] == ["pending", "confirmed"]
    (item,) = listed[1]["items"]
    assert (item["name"], item["quantity"], item["unit_price"], item["total_price"]) == (
        "Plov", 1, "45000.00", "45000.00",
    )  # fmt: skip
    assert shown["parts"][0]["merchant"]["id"] == variant.merchant_id


def test_a_page_of_orders_costs_three_queries_however_many_there_are(variant):
    user = make_user()
    client = make_client(user)

    for _ in range(2):
        make_order((variant, 1), customer=user)
        with CaptureQueriesContext(connection) as queries:
            assert_page(client.get("/api/orders/"))
        assert len(queries) <= 3  # one of them asks who is calling


def test_nobody_sees_anothers_order(variant):
    order, guests = make_order((variant, 1)), make_guest_order((variant, 1))
    stranger, seller = make_client(make_user()), make_client(variant.merchant.owner)

    assert_refused(make_client().get("/api/orders/"), 401)
    assert_refused(make_client().get(f"/api/orders/{order.pk}/"), 401)
    for client in (stranger, seller):
        assert assert_page(client.get("/api/orders/")) == []
        assert_refused(client.get(f"/api/orders/{order.pk}/"), 404, "order_not_found")
        assert_refused(client.post(f"/api/orders/{order.pk}/cancel/", {}, "json"), 404)
    assert_refused(make_client().get(f"/api/orders/{guests.pk}/", {"token": order.token}), 404)
    assert make_client().get(f"/api/orders/{guests.pk}/", {"token": guests.token}).status_code == 200
    assert_refused(make_client(order.customer).get("/api/orders/", {"page": "9"}), 404)
    assert_refused(make_client(order.customer).get("/api/orders/", {"page": "x"}), 400, field="page")
    assert part_of(order).state == "confirmed"
    assert_method_refused(make_client(order.customer), "/api/orders/", "post", "put", "patch", "delete")
    assert_method_refused(
        make_client(order.customer), f"/api/orders/{order.pk}/", "post", "put", "patch", "delete"
    )


@pytest.mark.parametrize("slash", ["/", ""])
def test_an_order_is_called_off_until_the_kitchen_accepts(variant, slash):
    order, guests = make_order((variant, 2)), make_guest_order((variant, 1))
    client, reason = make_client(order.customer), {"reason": "Changed my mind"}

    answer = client.post(f"/api/orders/{order.pk}/cancel{slash}", reason, "json")
    by_token = make_client().post(f"/api/orders/{guests.pk}/cancel{slash}?token={guests.token}", {}, "json")

    assert (answer.status_code, by_token.status_code) == (200, 200)
    assert_shape(answer.json(), TRACKED)
    assert (answer.json()["status"], answer.json()["eta"]) == ("cancelled", None)
    assert answer.json()["timeline"][-1]["reason"] == "Changed my mind"
    assert level_of(variant).on_hand == 10
    assert_refused(
        client.post(f"/api/orders/{order.pk}/cancel{slash}", reason, "json"), 409, "invalid_transition"
    )


def test_what_the_kitchen_has_accepted_is_not_called_off(variant):
    order = make_order((variant, 2))
    client = make_client(order.customer)
    transition_fulfilment(fulfilment_id=part_of(order).pk, to="preparing", actor=variant.merchant.owner)

    refused = client.post(f"/api/orders/{order.pk}/cancel/", {"reason": "Too late"}, "json")

    assert_refused(refused, 409, "invalid_transition")
    assert (part_of(order).state, level_of(variant).on_hand) == ("preparing", 8)
    assert_refused(
        client.post(f"/api/orders/{order.pk}/cancel/", {"reason": "x" * 501}, "json"), 400, field="reason"
    )
    assert_refused(make_client().post(f"/api/orders/{order.pk}/cancel/", {}, "json"), 401)
    assert_method_refused(client, f"/api/orders/{order.pk}/cancel/", "get", "put", "patch", "delete")
