"""The main job over HTTP, from an empty cart to a verified review, with what the merchant and the books see of it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from karvon.accounts.tests.factories import PASSWORD, make_client
from karvon.catalog.tests.factories import make_product, variant_input
from karvon.inventory.events import StockLow
from karvon.kernel.models import OutboxEvent
from karvon.kernel.testing import drain_outbox
from karvon.merchants.models import Branch
from karvon.merchants.tests.factories import make_merchant
from karvon.notifications.models import Mail
from karvon.orders.books import verify_books
from karvon.orders.models import Order
from karvon.orders.tests.factories import ADDRESS, PHONE

pytestmark = pytest.mark.django_db(transaction=True)

API = "/api/v1"
EMAIL = "aziza@example.com"


def done(answer, status=200):
    """The body of an answer that must have this status."""
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


@pytest.fixture
def shop():
    """A shop that delivers for 15 000, with a samovar at 250 000 in its window and none in stock yet."""
    merchant = make_merchant(name="Choy Bozori", email="shop@example.com")
    Branch.objects.filter(merchant=merchant).update(delivery_fee=15_000)
    product = make_product(
        "Copper samovar",
        merchant=merchant,
        variants=[variant_input("250000", sku="SAM-1", tracks_stock=True)],
    )
    make_product("Green tea", merchant=merchant)
    return merchant, product


def stock_up(keeper, product, units):
    """The merchant books a delivery, sets an alarm and makes a coupon."""
    variant = product.variants.get().pk
    level = done(keeper.post(f"{API}/stock/receive/", {"variant": variant, "quantity": units}, "json"))
    done(keeper.patch(f"{API}/stock/{level['id']}/", {"low_threshold": 3}, "json"))
    coupon = {
        "merchant": product.merchant_id, "code": "CHOY10", "name": "Ten off", "kind": "percent", "value": "10",
        "total_limit": 1,
    }  # fmt: skip
    done(keeper.post(f"{API}/promotions/", coupon, "json"), 201)
    return level["id"]


def find_and_take(guest):
    """Search with a typing mistake in mind, open the product, put two into the cart."""
    found = done(guest.get(f"{API}/products/?search=samovar&in_stock=true"))
    (listed,) = found["results"]
    assert (listed["title"], listed["price"], listed["stock_quantity"]) == ("Copper samovar", "250000.00", 5)
    shown = done(guest.get(f"{API}/products/{listed['slug']}/"))
    assert shown["id"] == listed["id"]

    cart = done(guest.post(f"{API}/cart/add/", {"product_id": shown["id"], "quantity": 1}, "json"))
    guest.credentials(HTTP_X_CART_ID=cart["id"])
    line = cart["items"][0]["id"]
    cart = done(guest.put(f"{API}/cart/update/{line}/", {"quantity": 2}, "json"))
    assert (cart["user"], cart["subtotal"], cart["total"]) == (None, "500000.00", "515000.00")
    return shown["id"], cart["id"]


def register_and_log_in(cart_id):
    """The guest's cart becomes the customer's."""
    person = {"email": EMAIL, "username": "aziza", "password": PASSWORD, "first_name": "Aziza"}
    client = make_client()
    done(client.post(f"{API}/auth/users/", person, "json"), 201)
    credentials = {"email": EMAIL, "password": PASSWORD}
    tokens = done(client.post(f"{API}/auth/jwt/create/", credentials, "json", HTTP_X_CART_ID=cart_id))
    client = make_client()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
    cart = done(client.get(f"{API}/cart/"))
    assert [item["quantity"] for item in cart["items"]] == [2]
    assert cart["user"] is not None
    return client


def check_out(customer):
    """With a coupon, the total that was shown, and a key; the answer got lost, so it is sent again."""
    cart = done(customer.post(f"{API}/cart/coupon/", {"code": "choy10"}, "json"))
    assert (cart["discount"], cart["total"]) == ("50000.00", "465000.00")
    body = {
        "payment_method": "cash",
        "delivery_address": ADDRESS,
        "contact": {"name": "Aziza", "phone": PHONE},
        "expected_total": cart["total"],
    }
    key = uuid4().hex
    order, again = (customer.post(f"{API}/orders/", body, "json", HTTP_IDEMPOTENCY_KEY=key) for _ in range(2))
    assert done(again, 201) == done(order, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    order = order.json()
    assert (order["status"], order["payment_status"]) == ("confirmed", "pending")
    assert [order[name] for name in ("subtotal", "discount", "delivery_fee", "total", "amount_due")] == [
        "500000.00", "50000.00", "15000.00", "465000.00", "465000.00",
    ]  # fmt: skip
    assert done(customer.get(f"{API}/cart/"))["items"] == []
    return order


def hand_over(keeper, order):
    """The merchant finds the part on its board and takes it to the door."""
    (part,) = done(keeper.get(f"{API}/fulfilments/?status=confirmed"))["results"]
    assert (part["order_id"], part["total"]) == (order["id"], "465000.00")
    assert (
        done(keeper.patch(f"{API}/orders/{order['id']}/", {"status": "packed"}, "json"))["status"] == "packed"
    )
    for to in ("shipped", "delivered"):
        moved = done(keeper.post(f"{API}/fulfilments/{part['id']}/transition/", {"to": to}, "json"))
        assert moved["status"] == to
    assert (moved["amount_paid"], moved["amount_due"]) == ("465000.00", "0.00")


def test_from_a_search_to_a_verified_review(shop):
    merchant, product = shop
    keeper = make_client(merchant.owner)
    level = stock_up(keeper, product, 5)
    drain_outbox()

    product_id, cart_id = find_and_take(make_client())
    customer = register_and_log_in(cart_id)
    order = check_out(customer)

    (listed,) = done(customer.get(f"{API}/orders/"))["results"]
    assert (listed["id"], listed["number"]) == (order["id"], order["number"])
    early = done(
        customer.post(f"{API}/reviews/", {"product": product_id, "rating": 4, "comment": "Soon"}, "json"), 201
    )
    assert early["is_verified"] is False
    done(customer.delete(f"{API}/reviews/{early['id']}/"), 204)

    hand_over(keeper, order)
    shown = done(customer.get(f"{API}/orders/{order['id']}/"))
    assert (shown["status"], shown["payment_status"]) == ("delivered", "paid")
    steps = [(step["to"], step["by"]) for step in shown["timeline"] if step["to"] != "paid"]
    assert steps == [
        ("pending", "customer"), ("confirmed", "system"), ("packed", "merchant"), ("shipped", "merchant"),
        ("delivered", "merchant"),
    ]  # fmt: skip
    assert (
        done(customer.post(f"{API}/orders/{order['id']}/cancel/", {}, "json"), 409)["code"]
        == "invalid_transition"
    )

    review = {"product": product_id, "rating": 5, "title": "Shines", "comment": "Boils in ten minutes."}
    written = done(customer.post(f"{API}/reviews/", review, "json"), 201)
    assert written["is_verified"] is True
    assert done(customer.post(f"{API}/reviews/", review, "json"), 409)["code"] == "already_reviewed"
    rated = done(make_client().get(f"{API}/products/{product_id}/"))
    assert (rated["reviews_count"], rated["stock_quantity"]) == (1, 3)
    assert float(rated["average_rating"]) == 5

    drain_outbox()
    told = list(Mail.objects.filter(recipient=EMAIL).order_by("id").values_list("kind", flat=True))
    assert told == ["order_confirmation", "order_on_its_way", "order_delivered"]
    assert OutboxEvent.objects.filter(type=StockLow.TYPE).count() == 1
    assert Mail.objects.filter(kind="stock_low").exists()

    movements = done(keeper.get(f"{API}/stock/movements/?level={level}"))["results"]
    assert sorted(each["quantity"] for each in movements) == [-2, 5]
    (coupon,) = done(keeper.get(f"{API}/promotions/"))["results"]
    assert coupon["used_count"] == Order.objects.count() == 1
    assert verify_books() == []
