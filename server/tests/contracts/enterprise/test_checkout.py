"""Logins, checkout and payment as the SKU marketplace contract documents them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from karvon.accounts.tests.factories import PASSWORD, make_address, make_client, make_user
from karvon.inventory.tests.factories import level_of
from karvon.kernel.testing import drain_outbox
from karvon.orders.models import Order
from karvon.orders.services import confirm_payment
from karvon.orders.tests.factories import make_guest_order, make_order
from karvon.payments.tests.simulated import simulated
from karvon.simulators.world import Answer, Call
from tests.contracts.checks import (
    assert_method_refused,
    assert_refused,
    assert_shape,
    currency,
    listing,
    money,
    number,
    text,
)
from tests.contracts.goods import make_phone

pytestmark = pytest.mark.django_db

PLACED = {"order_id": number, "status": text, "total_amount": money, "items": listing, "currency": currency}
ITEM = {
    "id": number,
    "name": text,
    "sku": text,
    "quantity": number,
    "unit_price": money,
    "total_price": money,
}
CONTACT = {
    "full_name": "Aziza Karimova", "phone": "+998901234567", "address": "Tashkent, Amir Temur 1",
    "email": "aziza@example.com",
}  # fmt: skip


@pytest.fixture
def variant():
    return make_phone().variants.first()


def client_with_cart(variant, user=None, quantity=2):
    client = make_client(user)
    assert (
        client.post("/api/cart/", {"variant_id": variant.pk, "quantity": quantity}, "json").status_code == 200
    )
    return client


# -- POST /api/token/ and /api/token/refresh/


@pytest.mark.parametrize("slash", ["/", ""])
def test_tokens_by_username_or_email_open_every_door(slash):
    user = make_user()

    by_email = make_client().post(
        f"/api/token{slash}", {"username": user.email, "password": PASSWORD}, "json"
    )
    pair = make_client().post(f"/api/token{slash}", {"username": user.username, "password": PASSWORD}, "json")

    assert by_email.status_code == pair.status_code == 200
    assert_shape(pair.json(), {"access": text, "refresh": text})
    for word in ("Bearer", "JWT"):
        client = make_client()
        client.credentials(HTTP_AUTHORIZATION=f"{word} {pair.json()['access']}")
        assert client.get("/api/v1/auth/users/me/").json()["id"] == user.pk
        assert client.get("/api/auth/me/").json()["id"] == user.pk
    fresh = make_client().post(f"/api/token/refresh{slash}", {"refresh": pair.json()["refresh"]}, "json")
    assert_shape(fresh.json(), {"access": text, "refresh": text})
    used = make_client().post(f"/api/token/refresh{slash}", {"refresh": pair.json()["refresh"]}, "json")
    assert_refused(used, 401)


def test_a_guests_cart_comes_along_at_login(variant):
    user, client = make_user(), client_with_cart(variant)

    client.post("/api/token/", {"username": user.username, "password": PASSWORD}, "json")

    assert make_client(user).get("/api/cart/").json()["item_count"] == 2


def test_what_logins_refuse():
    client = make_client()

    wrong = client.post("/api/token/", {"username": "nobody", "password": "wrong"}, "json")

    assert_refused(wrong, 401, "invalid_credentials")
    assert_refused(client.post("/api/token/", {"username": "nobody"}, "json"), 400, field="password")
    assert_refused(client.post("/api/token/", {"password": "x"}, "json"), 400, field="username")
    assert_refused(client.post("/api/token/refresh/", {}, "json"), 400, field="refresh")
    assert_refused(client.post("/api/token/refresh/", {"refresh": "no.such.token"}, "json"), 401)
    for address in ("/api/token/", "/api/token/refresh/"):
        assert_method_refused(client, address, "get", "put", "patch", "delete")


# -- POST /api/checkout/


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_guest_checks_out_and_the_goods_are_kept(variant, slash):
    client = client_with_cart(variant)

    answer = client.post(f"/api/checkout{slash}", CONTACT, "json")

    assert answer.status_code == 201
    placed = answer.json()
    assert_shape(placed, PLACED)
    assert_shape(placed["items"][0], ITEM)
    assert (placed["status"], placed["total_amount"]) == ("pending", "9000000.00")
    assert placed["payment"]["expires_at"] is not None
    assert (level_of(variant).on_hand, level_of(variant).reserved) == (5, 2)
    order = Order.objects.get(pk=placed["order_id"])
    assert (order.contact_name, order.contact_phone, order.contact_email) == (
        "Aziza Karimova", "+998901234567", "aziza@example.com",
    )  # fmt: skip
    assert order.delivery_address == {"line1": "Tashkent, Amir Temur 1"}
    assert (order.payment_method, order.channel) == ("stripe", "marketplace")
    shown = make_client().get(f"/api/orders/{order.pk}", {"token": placed["token"]}).json()
    assert (shown["status"], shown["delivery_address"]) == ("pending", "Tashkent, Amir Temur 1")


def test_a_customer_needs_to_say_nothing(variant):
    user = make_user()
    without = client_with_cart(variant, user, 1).post("/api/checkout/", {}, "json")
    make_address(user, line1="Navoi 3", is_default=True)
    client = client_with_cart(variant, user, 1)

    sent = client.post("/api/checkout/", {"payment_method": "cash"}, "json")

    assert (without.status_code, sent.status_code) == (201, 201)
    fetched, brought = (Order.objects.get(pk=each.json()["order_id"]) for each in (without, sent))
    assert (fetched.delivery_type, brought.delivery_type) == ("pickup", "delivery")
    assert brought.delivery_address["line1"] == "Navoi 3"
    assert sent.json()["status"] == "confirmed"
    assert [each["order_id"] for each in client.get("/api/orders/").json()["results"]] == [
        brought.pk,
        fetched.pk,
    ]


def test_the_same_key_is_one_order(variant):
    client, key = client_with_cart(variant), uuid4().hex

    first, again = (
        client.post("/api/checkout/", CONTACT, "json", HTTP_IDEMPOTENCY_KEY=key) for _ in range(2)
    )
    other = client.post("/api/checkout/", CONTACT | {"note": "Ring"}, "json", HTTP_IDEMPOTENCY_KEY=key)

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert_refused(other, 409, "idempotency_key_reused")
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"full_name": ""}, "full_name"),
        ({"phone": ""}, "phone"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"address": ["x"]}, "address"),
        ({"address": "x" * 501}, "address"),
        ({"address": {"city": "Tashkent"}}, "address.line1"),
        ({"payment_method": "barter"}, "payment_method"),
        ({"full_name": "\x00"}, "full_name"),
    ],
)
def test_what_a_checkout_refuses(variant, change, field):
    client = client_with_cart(variant)

    assert_refused(client.post("/api/checkout/", CONTACT | change, "json"), 400, field=field)
    assert (Order.objects.count(), level_of(variant).reserved) == (0, 0)


def test_nothing_to_order_is_a_conflict_and_too_much_as_well(variant):
    assert_refused(make_client(make_user()).post("/api/checkout/", CONTACT, "json"), 404)
    client = client_with_cart(variant, quantity=5)
    make_order((variant, 1))

    refused = client.post("/api/checkout/", CONTACT, "json")

    assert_refused(refused, 409)
    assert level_of(variant).available == 4
    assert_refused(make_client().post("/api/checkout/", ["x"], "json"), 400)
    assert_method_refused(make_client(), "/api/checkout/", "get", "put", "patch", "delete")


# -- POST /api/create-checkout-session/ and /api/stripe/webhook/

WEBHOOK = "/api/stripe/webhook"


@pytest.fixture
def stripe(settings):
    """Stripe as it stands on this machine; its events come to this door."""
    client = make_client()

    def tell(call: Call) -> Answer:
        given = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in call.headers.items()}
        said = client.generic("POST", WEBHOOK + "/", call.body, given.pop("HTTP_CONTENT_TYPE"), **given)
        return Answer(said.status_code, said.content)

    with simulated(settings) as simulators:
        simulators.world.caller = tell
        yield simulators


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_page_to_pay_on(variant, stripe, slash):
    order = make_order((variant, 1), payment_method="stripe")
    guests = make_guest_order((variant, 1), payment_method="stripe")
    address = f"/api/create-checkout-session{slash}"

    own = make_client(order.customer).post(address, {"order_id": order.pk}, "json")
    again = make_client(order.customer).post(address, {"order_id": order.pk}, "json")
    by_token = make_client().post(address, {"order_id": guests.pk, "token": guests.token}, "json")
    keyed = [
        make_client(order.customer).post(
            address, {"order_id": order_id}, "json", headers={"Idempotency-Key": "k"}
        )
        for order_id in (order.pk, order.pk, guests.pk)
    ]

    for answer in (own, by_token):
        assert answer.status_code == 200, answer.content
        assert_shape(answer.json(), {"url": text, "session_id": text})
        assert answer.json()["url"].endswith(answer.json()["session_id"])
    assert again.json() == own.json()
    assert by_token.json() != own.json()
    assert [each.headers.get("Idempotency-Replayed") for each in keyed] == [None, "true", None]
    assert keyed[0].json() == keyed[1].json() == own.json()
    assert_refused(keyed[2], 409, "idempotency_key_reused")


def test_without_an_account_there_is_no_page(variant):
    order = make_order((variant, 1), payment_method="stripe")

    answer = make_client(order.customer).post("/api/create-checkout-session/", {"order_id": order.pk}, "json")

    assert_refused(answer, 503, "provider_unavailable")
    assert "Retry-After" in answer.headers


def test_who_may_pay_what(variant, stripe):
    order = make_order((variant, 1), payment_method="stripe")
    address, body = "/api/create-checkout-session/", {"order_id": order.pk}

    assert_refused(make_client().post(address, body, "json"), 401)
    assert_refused(make_client(make_user()).post(address, body, "json"), 404, "order_not_found")
    assert_refused(make_client(variant.merchant.owner).post(address, body, "json"), 404)
    assert_refused(make_client().post(address, body | {"token": "x"}, "json"), 404)
    confirm_payment(order_id=order.pk)
    assert_refused(make_client(order.customer).post(address, body, "json"), 409, "not_payable")
    for bad in ({}, {"order_id": "x"}, {"order_id": -1}, {"order_id": 2**63}):
        assert_refused(make_client(order.customer).post(address, bad, "json"), 400, field="order_id")
    assert_method_refused(make_client(order.customer), address, "get", "put", "patch", "delete")


def test_a_signed_event_pays_the_order_and_the_way_back_does_not(variant, stripe):
    order = make_order((variant, 1), payment_method="stripe")
    client = make_client(order.customer)
    page = client.post("/api/create-checkout-session/", {"order_id": order.pk}, "json").json()["url"]

    forged = stripe.act(page, "wrong-signature")
    stripe.act(page, "callback-late")  # the browser is back already
    assert client.get(f"/api/orders/{order.pk}/").json()["status"] == "pending"
    stripe.deliver()
    drain_outbox()

    assert {call["status"] for call in forged.calls} == {400}
    answers = [each["answer"] for each in stripe.world.journal.listed("stripe", "callback")]
    assert answers[-1] == {"received": True}
    shown = client.get(f"/api/orders/{order.pk}/").json()
    assert (shown["status"], shown["payment"]["status"]) == ("confirmed", "paid")
    assert stripe.complaints() == []


@pytest.mark.parametrize("slash", ["/", ""])
def test_an_event_that_cannot_be_verified_changes_nothing(variant, stripe, slash):
    order = make_order((variant, 1), payment_method="stripe")
    event = {
        "id": "evt_1", "type": "checkout.session.completed",
        "data": {"object": {"client_reference_id": str(order.pk), "payment_status": "paid"}},
    }  # fmt: skip
    client, address = make_client(), f"{WEBHOOK}{slash}"

    bare = client.post(address, event, "json")
    signed = client.post(address, event, "json", HTTP_STRIPE_SIGNATURE="t=1767225600,v1=" + "0" * 64)
    broken = client.generic("POST", address, b"{not json", content_type="text/plain")

    for answer in (bare, signed, broken):
        assert_refused(answer, 400, "signature_invalid")
    large = client.generic("POST", address, b" " * (1024 * 1024 + 1), content_type="application/json")
    assert_refused(large, 413)
    order.refresh_from_db()
    assert (order.state, order.payment_state) == ("pending", "pending")
    assert_method_refused(client, address, "get", "put", "patch", "delete")


@pytest.mark.parametrize("address", ["/swagger", "/redoc/"])
def test_the_documents_have_pages(address):
    answer = make_client().get(address)

    assert answer.status_code == 200
    assert "text/html" in answer.headers["Content-Type"]
