"""A phone through the SKU marketplace door, from a filter to a review; the seller works at v1."""

from __future__ import annotations

from uuid import uuid4

import pytest

from karvon.accounts.tests.factories import PASSWORD, make_client, make_user
from karvon.kernel.testing import drain_outbox
from karvon.merchants.models import Branch
from karvon.orders.books import verify_books
from karvon.payments.tests.simulated import simulated
from karvon.simulators.world import Answer
from tests.contracts.goods import make_phone

pytestmark = pytest.mark.django_db(transaction=True)

CONTACT = {"full_name": "Aziza Karimova", "phone": "+998901234567", "address": "Amir Temur 1"}


def done(answer, status=200):
    """The body of an answer that must have this status."""
    assert answer.status_code == status, answer.content
    return answer.json()


def find(guest):
    """By attribute and price; the variant with the larger memory."""
    found = done(guest.get("/api/products/?attr_memory=256GB&min_price=4000000&ordering=-created_at"))
    (phone,) = found["results"]
    (variant,) = (each for each in phone["variants"] if each["attributes"]["memory"] == "256GB")
    assert (variant["price"], variant["stock"]) == ("5000000.00", 5)
    return phone, variant


def log_in(user, cart_id):
    """With the guest's cart in hand."""
    credentials = {"username": user.email, "password": PASSWORD}
    tokens = done(make_client().post("/api/token/", credentials, "json", HTTP_X_CART_ID=cart_id))
    client = make_client()
    client.credentials(HTTP_AUTHORIZATION=f"JWT {tokens['access']}")
    return client


def check_out(client):
    """The answer got lost, so it is sent again; so was the page to pay on."""
    key = uuid4().hex
    first, again = (
        client.post("/api/checkout/", CONTACT, "json", HTTP_IDEMPOTENCY_KEY=key) for _ in range(2)
    )
    placed = done(first, 201)
    assert done(again, 201) == placed
    ask = {"order_id": placed["order_id"]}
    session, again = (done(client.post("/api/create-checkout-session/", ask, "json")) for _ in range(2))
    assert session == again
    return placed, session["url"]


@pytest.fixture
def stripe(settings):
    """As it stands on this machine; its events come to this door."""

    def tell(call):
        given = {"HTTP_STRIPE_SIGNATURE": call.headers["Stripe-Signature"]}
        said = make_client().generic("POST", "/api/stripe/webhook/", call.body, "application/json", **given)
        return Answer(said.status_code, said.content)

    with simulated(settings) as simulators:
        simulators.world.caller = tell
        yield simulators


def test_from_a_filter_to_a_review(stripe):
    phone = make_phone()
    Branch.objects.filter(merchant=phone.merchant).update(delivery_fee=20_000)
    guest, seller = make_client(), make_client(phone.merchant.owner)

    shown, variant = find(guest)
    cart = done(guest.post("/api/cart/", {"variant_id": variant["id"], "quantity": 1}, "json"))
    cart = done(guest.post("/api/cart/", {"variant_id": variant["id"], "quantity": 1}, "json"))
    assert (cart["item_count"], cart["total_amount"]) == (2, "10020000.00")
    customer = log_in(make_user(first_name="Aziza"), cart["id"])
    assert done(customer.get("/api/cart/"))["total_amount"] == cart["total_amount"]

    placed, page = check_out(customer)
    order_id = placed["order_id"]
    assert (placed["status"], placed["total_amount"]) == ("pending", "10020000.00")
    (kept,) = (each for each in find_variants(guest, shown["id"]) if each["id"] == variant["id"])
    assert kept["stock"] == 3
    assert {call["status"] for call in stripe.act(page, "wrong-signature").calls} == {400}
    assert done(customer.get(f"/api/orders/{order_id}/"))["status"] == "pending"

    stripe.act(page, "callback-shuffled")
    for to in ("packed", "shipped", "delivered"):
        done(seller.patch(f"/api/v1/orders/{order_id}/", {"status": to}, "json"))
    tracked = done(customer.get(f"/api/orders/{order_id}"))
    assert (tracked["status"], tracked["payment"]["status"]) == ("delivered", "paid")
    assert [step["status"] for step in tracked["timeline"]] == [
        "pending",
        "confirmed",
        "packed",
        "shipped",
        "delivered",
    ]

    review = {"product": shown["id"], "rating": 5, "comment": "Worth every tiyin."}
    assert done(customer.post("/api/reviews/", review, "json"), 201)["is_verified"] is True
    assert done(customer.post("/api/reviews/", review, "json"), 409)["code"] == "already_reviewed"
    rated = done(guest.get(f"/api/products/{shown['id']}/"))
    assert (rated["average_rating"], rated["reviews_count"]) == (5.0, 1)
    drain_outbox()
    assert verify_books() == []


def find_variants(client, product_id):
    return done(client.get(f"/api/products/{product_id}/"))["variants"]
