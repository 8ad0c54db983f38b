"""A bakery for the storefront contract: a collection, a counted product, and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.test import APIClient

from karvon.accounts.models import Role, User
from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.models import Category, Product
from karvon.catalog.tests.factories import make_category, make_product, variant_input
from karvon.inventory.tests.factories import stock_up
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant


@dataclass
class Bakery:
    merchant: Merchant
    collection: Category
    bread: Product
    buyer: User
    customer: APIClient
    stranger: APIClient
    admin: APIClient
    guest: APIClient


def make_bakery(*, units: int = 10, price: str = "4500") -> Bakery:
    """Bread for 4500.00, ten of them."""
    merchant, collection, buyer = make_merchant(), make_category("Bakery"), make_user()
    bread = make_product(
        "Bread",
        merchant=merchant,
        category=collection,
        variants=[variant_input(price, tracks_stock=True)],
        description="<p>Still warm.</p>",
    )
    stock_up(bread.variants.get(), units)
    return Bakery(
        merchant=merchant,
        collection=collection,
        bread=bread,
        buyer=buyer,
        customer=make_client(buyer),
        stranger=make_client(make_user()),
        admin=make_client(make_user(role=Role.ADMIN)),
        guest=make_client(),
    )


def fill_cart(shop: Bakery, quantity: int = 2) -> str:
    """The id of a cart with so many loaves."""
    cart: dict[str, Any] = shop.guest.post("/store/carts/").json()
    body = {"product_id": shop.bread.pk, "quantity": quantity}
    assert shop.guest.post(f"/store/carts/{cart['id']}/items/", body, "json").status_code == 201
    return str(cart["id"])


def order(shop: Bakery, quantity: int = 2) -> dict[str, Any]:
    """The customer's order of so many loaves."""
    answer = shop.customer.post("/store/orders/", {"cart_id": fill_cart(shop, quantity)}, "json")
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made
