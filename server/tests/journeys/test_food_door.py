"""A meal through the food ordering door, from the first look at the menu to the plate; the kitchen works at v1."""

from __future__ import annotations

from decimal import Decimal

import pytest

from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.tests.factories import make_category, make_modifier_group, make_product, variant_input
from karvon.kernel.testing import drain_outbox
from karvon.merchants.models import Branch
from karvon.merchants.tests.factories import make_branch, make_merchant
from karvon.notifications.models import Mail
from karvon.orders.books import verify_books
from karvon.promotions.tests.factories import make_coupon

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "+998901234567"


def done(answer, status=200):
    """The body of an answer that must have this status."""
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.fixture
def menu():
    """A kitchen with two branches, plov with an optional salad, and a coupon."""
    merchant = make_merchant(name="Choyxona", kind="restaurant", timezone="Asia/Tashkent")
    near = make_branch(merchant, name="Chilonzor", latitude=Decimal("41.285"), longitude=Decimal("69.204"))
    Branch.objects.filter(pk=near.pk).update(delivery_fee=15_000, minimum_order=50_000)
    make_branch(merchant, name="Samarkand", latitude=Decimal("39.654"), longitude=Decimal("66.959"))
    salad = make_modifier_group(merchant, "Salad", price_delta="5000")
    make_product(
        "Plov",
        merchant=merchant,
        kind="food",
        category=make_category("Hot"),
        variants=[variant_input("45000", tracks_stock=True)],
        modifier_group_ids=(salad.pk,),
    )
    make_coupon("NAVRUZ", merchant=merchant)
    return merchant


def choose(guest):
    """From the branch around the corner to a full cart; the dish, the branch and the line's amount."""
    branch = done(guest.get("/api/branches/nearest/?lat=41.3&lng=69.2"))["results"][0]
    (hot,) = done(guest.get("/api/categories/"))
    (dish,) = done(guest.get(f"/api/products/?category={hot['id']}&search=plov"))["results"]
    salad = dish["modifier_groups"][0]["modifiers"][0]["id"]
    body = {"product_id": dish["id"], "quantity": 1, "modifiers": [salad]}
    line = done(guest.post("/api/cart/add/", body, "json"))
    cart = done(guest.patch(f"/api/cart/items/{line['cart_item_id']}/", {"quantity": 2}, "json"))
    assert (branch["name"], cart["item_count"], cart["items"][0]["total_price"]) == (
        "Chilonzor",
        2,
        "100000.00",
    )
    return dish, branch


def order_and_repent(client, body):
    """A first order is called off before the kitchen has seen it; the same goods make a second one."""
    first = done(client.post("/api/orders/create/", body, "json"), 201)
    called_off = done(
        client.post(f"/api/orders/{first['order_id']}/cancel/", {"reason": "Too early"}, "json")
    )
    assert (first["status"], called_off["status"]) == ("pending", "cancelled")
    done(client.post(f"/api/v1/orders/{first['order_id']}/reorder/", {}, "json"))
    return done(client.post("/api/orders/create/", body, "json"), 201)


def test_from_the_menu_to_the_plate(menu):
    customer, kitchen, client = (
        make_user(phone=PHONE, first_name="Aziza"),
        make_client(menu.owner),
        make_client(),
    )
    plov = done(kitchen.get("/api/v1/products/"))["results"][0]["id"]
    variant = done(kitchen.get(f"/api/v1/products/{plov}/"))["variants"][0]["id"]
    near = menu.branches.get(name="Chilonzor")
    received = {"variant": variant, "quantity": 4, "branch": near.pk}
    done(kitchen.post("/api/v1/stock/receive/", received, "json"))
    drain_outbox()

    dish, branch = choose(client)
    guest_cart = client.cookies["cart_id"].value
    client = make_client(customer)
    client.cookies["cart_id"] = guest_cart
    body = {
        "branch_id": branch["id"], "delivery_address": "Chilonzor 5", "payment_method": "cash", "promo_code": "NAVRUZ",
        "location": {"lat": 41.29, "lng": 69.21}, "note": "Call from the gate",
    }  # fmt: skip
    placed = order_and_repent(client, body)

    assert placed["items"][0]["name"] == "Plov"
    assert done(client.get("/api/cart/"))["items"] == []
    assert done(client.get(f"/api/products/{dish['id']}"))["stock"] == 2
    address = f"/api/v1/orders/{placed['order_id']}/"
    for to in ("preparing", "ready", "out_for_delivery", "delivered"):
        done(kitchen.patch(address, {"status": to}, "json"))
        assert done(client.get(f"/api/orders/{placed['order_id']}"))["status"] == to
        late = client.post(f"/api/orders/{placed['order_id']}/cancel/", {}, "json")
        assert late.status_code == 409

    shown = done(client.get(f"/api/orders/{placed['order_id']}"))
    steps = [step["status"] for step in shown["timeline"]]
    assert steps == ["pending", "confirmed", "preparing", "ready", "out_for_delivery", "delivered"]
    assert (shown["payment"]["status"], shown["payment"]["amount_due"]) == ("paid", "0.00")
    assert shown["eta"] == shown["timeline"][-1]["at"]
    assert [each["status"] for each in done(client.get("/api/orders/"))["results"]] == [
        "delivered",
        "cancelled",
    ]
    drain_outbox()
    assert Mail.objects.filter(recipient=customer.email, kind="order_delivered").count() == 1
    assert verify_books() == []
