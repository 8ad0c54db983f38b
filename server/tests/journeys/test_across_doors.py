"""One product, one cart and one order, each seen through every door: a client of any contract finds what a client of another did."""

from __future__ import annotations

from typing import Any

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.orders.books import verify_books

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = {
    "email": "aziza@example.com",
    "username": "aziza-silk",
    "password": "right-horse-battery",
    "name": "Aziza Silk",
}
BUYER = {"username": "botir", "email": "botir@example.com", "password": "left-mule-capacitor"}
SCARF = {
    "title": "Ikat scarf",
    "description": "Silk, woven by hand.",
    "price": "250000.00",
    "stock": 3,
    "images": [],
}


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def test_one_order_is_one_row_behind_five_doors(clean_redis: None) -> None:
    seller, buyer, staff = make_client(), make_client(), make_client(make_user(role=Role.ADMIN))

    # the merchant door: a shop opens and puts a scarf on its shelf
    shop = done(seller.post("/api/auth/register", SHOP, "json"), 201)
    seller.credentials(HTTP_AUTHORIZATION=f"Bearer {shop['token']}")
    scarf = done(seller.post("/api/merchant/products", SCARF, "json"), 201)

    # the SKU marketplace: its variants are there to be bought
    (found,) = done(buyer.get("/api/products/?search=ikat"))["results"]
    (variant,) = found["variants"]
    assert (found["id"], variant["price"], variant["stock"]) == (scarf["id"], "250000.00", 3)
    assert variant["sku"] == scarf["variants"][0]["sku"]

    # the storefront: into a cart known by its UUID, by a customer who registered here and logs in at the marketplace
    done(buyer.post("/auth/users/", BUYER | {"first_name": "Botir", "last_name": "S"}, "json"), 201)
    login = {name: BUYER[name] for name in ("username", "password")}
    token = done(buyer.post("/api/token/", login, "json"))["access"]
    cart = done(buyer.post("/store/carts/"), 201)
    assert cart["total_price"] == 0
    line = {"product_id": found["id"], "quantity": 2}
    done(buyer.post(f"/store/carts/{cart['id']}/items/", line, "json"), 201)
    buyer.credentials(HTTP_AUTHORIZATION=f"JWT {token}")
    placed = done(buyer.post("/store/orders/", {"cart_id": cart["id"]}, "json"), 201)
    done(staff.patch(f"/store/orders/{placed['id']}/", {"payment_status": "C"}, "json"))

    # everybody sees the same order
    views = {
        "v1": (f"/api/v1/orders/{placed['id']}/", "total"),
        "food ordering": (f"/api/orders/{placed['id']}/", "total_amount"),
        "storefront": (f"/store/orders/{placed['id']}/", "total"),
    }

    def seen(field: str | None = None) -> dict[str, str]:
        return {door: done(buyer.get(path))[field or total] for door, (path, total) in views.items()}

    assert set(seen().values()) == {"500000.00"}
    assert [each["order_id"] for each in done(buyer.get("/api/orders/"))["results"]] == [placed["id"]]
    assert done(buyer.get(f"/api/products/{scarf['id']}/"))["variants"][0]["stock"] == 1
    assert done(seller.get(f"/api/merchant/products/{scarf['id']}"))["stock"] == 1

    # the merchant door hands it over, step by step, and every door tells so
    (asked,) = done(seller.get("/api/merchant/orders"))["results"]
    assert (asked["id"], asked["total"]) == (placed["id"], "500000.00")
    for state in ("preparing", "ready", "delivered"):
        path = f"/api/merchant/orders/{placed['id']}/status"
        assert done(seller.put(path, {"status": state}, "json"))["status"] == state
        assert set(seen("status").values()) == {state}
    assert seller.put(path, {"status": "preparing"}, "json").status_code == 409
    assert verify_books() == []
