"""Carts, orders and payments of the storefront contract."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.accounts.tests.factories import make_address, make_client
from karvon.catalog.models import Variant
from karvon.inventory.tests.factories import level_of
from karvon.orders.models import Order
from karvon.payments.tests.simulated import simulated
from karvon.simulators.razorpay import checkout_link
from karvon.simulators.world import Answer, Call
from tests.contracts.capstone.shop import fill_cart, make_bakery, order
from tests.contracts.checks import (
    assert_method_refused,
    assert_page,
    assert_refused,
    assert_shape,
    listing,
    moment,
    money,
    number,
    uuid,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]

ITEM = {
    "id": number,
    "product_id": number,
    "product": lambda value: number(value["id"]),
    "quantity": number,
    "total_price": money,
}
ORDER = {
    "id": number, "customer": number, "placed_at": moment, "payment_status": lambda value: value in ("P", "C", "F"),
    "items": listing, "total": money,
}  # fmt: skip
ORDER_ITEM = {
    "id": number,
    "product": lambda value: money(value["unit_price"]),
    "quantity": number,
    "unit_price": money,
}


@pytest.fixture
def shop():
    return make_bakery()


@pytest.mark.parametrize("slash", ["/", ""])
def test_carts(shop, slash):
    begun = shop.guest.post(f"/store/carts{slash}")

    assert begun.status_code == 201
    cart = begun.json()
    assert uuid(cart["id"])
    assert (cart["items"], cart["total_price"]) == ([], 0)
    assert type(cart["total_price"]) is int
    items = f"/store/carts/{cart['id']}/items{slash}"
    first = shop.guest.post(items, {"product_id": shop.bread.pk, "quantity": 2}, "json")
    second = shop.guest.post(items, {"product_id": shop.bread.pk, "quantity": 1}, "json")
    assert (first.status_code, second.status_code) == (201, 201)
    assert_shape(first.json(), ITEM)
    assert (second.json()["id"], second.json()["quantity"]) == (first.json()["id"], 3)

    shown = shop.stranger.get(f"/store/carts/{cart['id']}{slash}").json()  # whoever holds the id
    assert shown["total_price"] == "13500.00"
    (item,) = shown["items"]
    assert_shape(item, ITEM)

    address = f"/store/carts/{cart['id']}/items/{item['id']}{slash}"
    changed = shop.guest.patch(address, {"quantity": 5}, "json")
    assert (changed.status_code, changed.json()["quantity"], changed.json()["total_price"]) == (
        200,
        5,
        "22500.00",
    )
    assert shop.guest.delete(address).status_code == 204
    assert_refused(shop.guest.delete(address), 404)
    assert shop.guest.get(f"/store/carts/{cart['id']}{slash}").json()["total_price"] == 0
    assert shop.guest.delete(f"/store/carts/{cart['id']}{slash}").status_code == 204
    for refused in (shop.guest.get, shop.guest.delete):
        assert_refused(refused(f"/store/carts/{cart['id']}{slash}"), 404, "cart_not_found")


def test_a_cart_has_live_prices(shop):
    cart = fill_cart(shop)

    shop.admin.patch(f"/store/products/{shop.bread.pk}/", {"unit_price": "5000.00"}, "json")

    shown = shop.guest.get(f"/store/carts/{cart}/").json()
    assert (shown["total_price"], shown["items"][0]["product"]["unit_price"]) == ("10000.00", "5000.00")


def test_what_carts_refuse(shop):
    cart = fill_cart(shop)
    items = f"/store/carts/{cart}/items/"
    (item,) = shop.guest.get(f"/store/carts/{cart}/").json()["items"]

    for body in ({}, {"product_id": shop.bread.pk, "quantity": 0}, {"product_id": "x", "quantity": 1},
                 {"product_id": shop.bread.pk, "quantity": 1.5}):  # fmt: skip
        assert_refused(shop.guest.post(items, body, "json"), 400)
    assert_refused(
        shop.guest.post(items, {"product_id": 4711, "quantity": 1}, "json"), 404, "product_not_found"
    )
    assert_refused(
        shop.guest.post(items, {"product_id": shop.bread.pk, "quantity": 9}, "json"),
        409,
        "insufficient_stock",
    )
    for quantity in (0, -1, None, "many"):
        assert_refused(
            shop.guest.patch(f"{items}{item['id']}/", {"quantity": quantity}, "json"), 400, field="quantity"
        )
    assert_refused(shop.guest.patch(f"{items}4711/", {"quantity": 1}, "json"), 404)
    unknown = f"/store/carts/{uuid4()}"
    body = {"product_id": shop.bread.pk, "quantity": 1}
    assert_refused(shop.guest.post(f"{unknown}/items/", body, "json"), 404, "cart_not_found")
    assert_refused(shop.guest.get(f"{unknown}/"), 404)
    assert_refused(shop.guest.get("/store/carts/undefined/"), 404)
    assert_method_refused(shop.guest, f"/store/carts/{cart}/", "put", "patch")
    assert_method_refused(shop.guest, items, "put", "delete")
    assert shop.guest.get(f"/store/carts/{cart}/").json()["items"] == [item]


def test_a_customers_own_cart_is_not_open_by_its_id(shop):
    own = shop.customer.post("/api/v1/cart/add/", {"product_id": shop.bread.pk, "quantity": 1}, "json").json()

    assert_refused(shop.guest.get(f"/store/carts/{own['id']}/"), 404)
    assert_refused(shop.stranger.delete(f"/store/carts/{own['id']}/"), 404)
    assert_refused(shop.stranger.post("/store/orders/", {"cart_id": own["id"]}, "json"), 404)


@pytest.mark.parametrize("slash", ["/", ""])
def test_an_order_takes_stock_and_the_cart(shop, slash, django_capture_on_commit_callbacks):
    cart = fill_cart(shop)

    with django_capture_on_commit_callbacks(execute=True):
        made = shop.customer.post(f"/store/orders{slash}", {"cart_id": cart}, "json")

    assert made.status_code == 201, made.content
    shown = made.json()
    assert_shape(shown, ORDER)
    assert_shape(shown["items"][0], ORDER_ITEM)
    assert (shown["customer"], shown["payment_status"], shown["total"]) == (shop.buyer.pk, "P", "9000.00")
    level = level_of(shop.bread.variants.get())
    assert level.on_hand - level.reserved == 8
    assert_refused(shop.guest.get(f"/store/carts/{cart}/"), 404)
    assert assert_page(shop.customer.get(f"/store/orders{slash}")) == [shown]
    assert shop.customer.get(f"/store/orders/{shown['id']}{slash}").json() == shown
    assert assert_page(shop.admin.get(f"/store/orders{slash}")) == [shown]


def test_what_orders_refuse(shop):
    made, empty = order(shop), shop.guest.post("/store/carts/").json()["id"]
    stale = fill_cart(shop, 8)
    Variant.objects.filter(product=shop.bread).update(is_active=False)

    assert_refused(shop.customer.post("/store/orders/", {"cart_id": empty}, "json"), 409, "cart_empty")
    assert_refused(shop.customer.post("/store/orders/", {"cart_id": stale}, "json"), 409, "lines_unavailable")
    assert_refused(
        shop.customer.post("/store/orders/", {"cart_id": str(uuid4())}, "json"), 404, "cart_not_found"
    )
    for body in ({}, {"cart_id": "x"}, {"cart_id": None}):
        assert_refused(shop.customer.post("/store/orders/", body, "json"), 400, field="cart_id")
    assert_refused(shop.guest.post("/store/orders/", {"cart_id": stale}, "json"), 401)
    assert_refused(shop.stranger.get(f"/store/orders/{made['id']}/"), 404, "order_not_found")
    seller = make_client(shop.merchant.owner)
    assert_refused(seller.get(f"/store/orders/{made['id']}/"), 404)
    assert assert_page(seller.get("/store/orders/")) == []
    assert assert_page(shop.stranger.get("/store/orders/")) == []
    for address in ("/store/orders/", f"/store/orders/{made['id']}/"):
        assert_refused(shop.guest.get(address), 401)
        assert_method_refused(shop.admin, address, "put", "delete")
    assert Order.objects.count() == 1


def test_an_address_is_delivered_to(shop):
    make_address(shop.buyer, line1="Amir Temur 1")

    made = Order.objects.get(pk=order(shop)["id"])

    assert (made.delivery_type, made.delivery_address["line1"]) == ("delivery", "Amir Temur 1")
    assert (made.channel, made.payment_method) == ("storefront", "razorpay")


@pytest.mark.parametrize("slash", ["/", ""])
def test_administrators_say_how_a_payment_stands(shop, slash):
    paid, failed = (f"/store/orders/{order(shop)['id']}{slash}" for _ in range(2))

    complete = shop.admin.patch(paid, {"payment_status": "C"}, "json")

    assert complete.status_code == 200, complete.content
    assert_shape(complete.json(), ORDER)
    assert (complete.json()["payment_status"], complete.json()["status"]) == ("C", "confirmed")
    assert shop.admin.patch(paid, {"payment_status": "C"}, "json").status_code == 200
    for letter in ("F", "P"):
        assert_refused(shop.admin.patch(paid, {"payment_status": letter}, "json"), 409, "not_payable")
    assert shop.admin.patch(failed, {"payment_status": "P"}, "json").json()["payment_status"] == "P"
    assert shop.admin.patch(failed, {"payment_status": "F"}, "json").json()["payment_status"] == "F"
    level = level_of(shop.bread.variants.get())
    assert (level.on_hand, level.reserved) == (8, 0)  # the failed one gave its two back
    assert shop.admin.patch(failed, {"payment_status": "F"}, "json").status_code == 200
    assert_refused(shop.admin.patch(failed, {"payment_status": "C"}, "json"), 409)
    assert_refused(shop.admin.patch(paid, {"payment_status": "paid"}, "json"), 400, field="payment_status")
    assert_refused(shop.admin.patch("/store/orders/4711/", {"payment_status": "C"}, "json"), 404)
    for client, status in ((shop.customer, 403), (shop.stranger, 403), (shop.guest, 401)):
        assert_refused(client.patch(paid, {"payment_status": "C"}, "json"), status)


def test_a_list_of_orders_costs_three_queries(shop):
    for _ in range(2):
        order(shop)

    with CaptureQueriesContext(connection) as queries:
        assert len(assert_page(shop.customer.get("/store/orders/"))) == 2

    assert len(queries) - 1 <= 3  # besides the token's


@pytest.mark.parametrize("slash", ["/", ""])
def test_payments_without_a_provider(shop, slash):
    made = order(shop)
    intent, verify = f"/payments/create-payment-intent{slash}", f"/payments/verify-payment{slash}"
    signed = {"razorpay_order_id": "order_1", "razorpay_payment_id": "pay_1", "razorpay_signature": "forged"}

    down = shop.customer.post(intent, {"order_id": made["id"]}, "json")
    assert_refused(down, 503, "provider_unavailable")
    assert down.headers["Retry-After"]
    assert_refused(shop.customer.post(verify, signed, "json"), 400, "signature_invalid")
    event = {"event": "payment.captured", "payload": {}}
    assert_refused(shop.guest.post(f"/payments/webhook{slash}", event, "json"), 400, "signature_invalid")


@pytest.fixture
def razorpay(shop, settings):
    """Razorpay stands on this machine, and tells the storefront's own address."""

    def tell(call: Call) -> Answer:
        headers = {name: text for name, text in call.headers.items() if name != "Content-Type"}
        said = shop.guest.generic(
            "POST", "/payments/webhook/", call.body, "application/json", headers=headers
        )
        return Answer(said.status_code, said.content)

    with simulated(settings, tell) as simulators:
        yield simulators


def begin(shop, made, slash="/"):
    return shop.customer.post(f"/payments/create-payment-intent{slash}", {"order_id": made["id"]}, "json")


def press(simulators, intent, behaviour) -> dict[str, str]:
    """What Checkout gives to the page afterwards."""
    reference = intent["razorpay_order_id"]
    simulators.act(checkout_link(f"{simulators.base}/razorpay", intent["key_id"], reference), behaviour)
    return simulators.world.providers["razorpay"].checkout_answer(reference)


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_payment_from_the_intent_to_the_last_word(shop, razorpay, slash):
    made = order(shop)
    verify, status = f"/payments/verify-payment{slash}", f"/payments/status/{made['id']}{slash}"

    begun = begin(shop, made, slash)
    assert begun.status_code == 200, begun.content
    intent = begun.json()
    assert intent == {
        "razorpay_order_id": intent["razorpay_order_id"],
        "amount": 900000,
        "currency": "UZS",
        "key_id": "rzp_test_karvondemo00",
        "order_id": made["id"],
    }
    assert begin(shop, made, slash).json() == intent
    signed = press(razorpay, intent, "callback-lost")
    for _again in range(2):
        answer = shop.customer.post(verify, signed, "json")
        assert (answer.status_code, answer.json()) == (200, {"status": "paid"})

    stands = shop.customer.get(status).json()
    (payment,) = stands["payments"]
    assert (stands["order_id"], stands["payment_status"]) == (made["id"], "C")
    assert payment == {"id": payment["id"], "provider": "razorpay", "status": "paid", "amount": "9000.00"}
    assert_refused(begin(shop, made, slash), 409, "not_payable")


def test_razorpay_tells_the_storefront(shop, razorpay):
    made = order(shop)
    signed = press(razorpay, begin(shop, made).json(), "callback-shuffled")

    assert {each["status"] for each in razorpay.world.journal.listed("razorpay", "callback")} == {200}
    stands = shop.customer.get(f"/payments/status/{made['id']}/").json()
    assert (stands["payment_status"], len(stands["payments"])) == ("C", 1)
    assert shop.customer.post("/payments/verify-payment/", signed, "json").json() == {"status": "paid"}


def test_what_is_not_signed_or_not_the_callers(shop, razorpay):
    made = order(shop)
    intent, verify = "/payments/create-payment-intent/", "/payments/verify-payment/"
    signed = press(razorpay, begin(shop, made).json(), "callback-lost")
    press(razorpay, begin(shop, made).json(), "wrong-signature")

    assert_refused(shop.stranger.post(intent, {"order_id": made["id"]}, "json"), 404, "order_not_found")
    assert_refused(shop.customer.post(intent, {"order_id": "x"}, "json"), 400, field="order_id")
    assert_refused(shop.customer.post(verify, {}, "json"), 400, field="razorpay_signature")
    for wrong in (
        {"razorpay_signature": "0" * 64},
        {"razorpay_payment_id": "pay_other"},
        {"razorpay_order_id": "order_other"},
    ):
        assert_refused(shop.customer.post(verify, signed | wrong, "json"), 400, "signature_invalid")
    # a right signature of somebody else's order, and a wrong one of it, which tells nothing
    assert_refused(shop.stranger.post(verify, signed, "json"), 404, "payment_not_found")
    assert_refused(
        shop.stranger.post(verify, signed | {"razorpay_signature": "0" * 64}, "json"),
        400,
        "signature_invalid",
    )
    for address, body in ((intent, {"order_id": made["id"]}), (verify, signed)):
        assert_refused(shop.guest.post(address, body, "json"), 401)
        assert_method_refused(shop.customer, address, "get", "put")

    for body in (b"{", b"", b"[]"):
        assert_refused(
            shop.guest.post("/payments/webhook/", body, content_type="application/json"),
            400,
            "signature_invalid",
        )
    too_much = b'{"event": "' + b"x" * 1_050_000 + b'"}'
    assert_refused(shop.guest.post("/payments/webhook/", too_much, content_type="application/json"), 413)
    assert shop.customer.get(f"/payments/status/{made['id']}/").json()["payment_status"] == "P"


def test_money_that_did_not_come_is_not_paid(shop, razorpay):
    made = order(shop)
    signed = press(razorpay, begin(shop, made).json(), "decline")

    answer = shop.customer.post("/payments/verify-payment/", signed, "json")

    assert (answer.status_code, answer.json()) == (200, {"status": "pending"})
    assert shop.customer.get(f"/payments/status/{made['id']}/").json()["payment_status"] == "P"
    razorpay.world.set_mode("razorpay", {"mode": "down"})
    assert_refused(
        shop.customer.post("/payments/verify-payment/", signed, "json"), 503, "provider_unavailable"
    )


@pytest.mark.parametrize("slash", ["/", ""])
def test_how_a_payment_stands(shop, slash):
    made = order(shop)
    address = f"/payments/status/{made['id']}{slash}"

    assert shop.customer.get(address).json() == {
        "order_id": made["id"],
        "payment_status": "P",
        "payments": [],
    }
    assert_refused(shop.stranger.get(address), 404)
    assert_refused(shop.guest.get(address), 401)
    assert_method_refused(shop.customer, address, "post", "delete")


def test_the_payment_page_is_for_debugging_only(shop, settings):
    assert_refused(shop.guest.get("/store/payment-test/"), 404)
    settings.DEBUG = True

    page = shop.guest.get("/store/payment-test")

    assert page.status_code == 200
    assert "text/html" in page.headers["Content-Type"]
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    text = page.content.decode()
    assert "style=" not in text
    assert "onclick" not in text
    assert "<script>" not in text
    assert 'data-checkout=""' in text
    settings.KARVON_PROVIDERS = {"razorpay": {"BASE_URL": "http://127.0.0.1:9/razorpay"}}
    assert (
        'data-checkout="http://127.0.0.1:9/razorpay"'
        in shop.guest.get("/store/payment-test/").content.decode()
    )
    form = urlencode({"razorpay_order_id": "<b>order_1", "razorpay_signature": "s" * 999})
    back = shop.guest.post("/store/payment-test/", form, content_type="application/x-www-form-urlencoded")
    assert 'data-name="razorpay_order_id">&lt;b&gt;order_1</dd>' in back.content.decode()
    assert "s" * 257 not in back.content.decode()
    for file in ("payment-test.css", "payment-test.js", "payment-test-return.js"):
        assert shop.guest.get(f"/static/storefront/{file}").status_code == 200
