"""A customer of the storefront, from the first request to the loaf in the hand."""

from __future__ import annotations

import pytest

from karvon.accounts.models import Membership, Role, User
from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.tests.factories import make_product, variant_input
from karvon.inventory.tests.factories import stock_up
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.services import recompute_memberships

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_first_request_to_the_delivered_order(clean_redis, settings):
    settings.KARVON_MEMBERSHIP_FROM = {"gold": 9000, "silver": 1}
    merchant, staff = make_merchant(), make_client(make_user(role=Role.ADMIN))
    bread = make_product("Bread", merchant=merchant, variants=[variant_input("4500", tracks_stock=True)])
    stock_up(bread.variants.get(), 5)
    client = make_client()
    given = {"username": "aziza", "email": "aziza@shop.example", "password": "right-horse-battery"}

    # she registers, logs in, and finds what she wants
    assert (
        client.post("/auth/users/", given | {"first_name": "Aziza", "last_name": "K"}, "json").status_code
        == 201
    )
    pair = client.post(
        "/auth/jwt/create/", {name: given[name] for name in ("username", "password")}, "json"
    ).json()
    (found,) = client.get("/store/products/?search=bread").json()["results"]
    cart = client.post("/store/carts/").json()["id"]
    body = {"product_id": found["id"], "quantity": 2}
    assert client.post(f"/store/carts/{cart}/items/", body, "json").status_code == 201

    # she orders, and the shop takes her money
    client.credentials(HTTP_AUTHORIZATION=f"JWT {pair['access']}")
    made = client.post("/store/orders/", {"cart_id": cart}, "json").json()
    assert client.get(f"/store/carts/{cart}/").status_code == 404
    assert (
        client.post("/payments/create-payment-intent/", {"order_id": made["id"]}, "json").status_code == 503
    )
    staff.patch(f"/store/orders/{made['id']}/", {"payment_status": "C"}, "json")
    assert client.get(f"/payments/status/{made['id']}/").json()["payment_status"] == "C"

    # its merchant hands it over; every door tells the same
    seller = make_client(merchant.owner)
    for state in ("preparing", "ready", "delivered"):
        answer = seller.patch(f"/api/v1/orders/{made['id']}/", {"status": state}, "json")
        assert answer.status_code == 200, answer.content
    assert client.get(f"/store/orders/{made['id']}/").json()["status"] == "delivered"
    assert client.get(f"/api/v1/orders/{made['id']}/").json()["total"] == made["total"] == "9000.00"
    assert client.get(f"/store/products/{found['id']}/").json()["inventory"] == 3

    # she says what she thinks of it, and is a gold member by the next morning
    review = {"name": "Aziza", "description": "Still warm.", "rating": 5}
    assert client.post(f"/store/products/{found['id']}/reviews/", review, "json").status_code == 201
    recompute_memberships()
    assert client.get("/store/customers/me/").json()["membership"] == "G"
    assert User.objects.get(username="aziza").membership == Membership.GOLD
