"""A merchant's first day, through the merchant door alone: from opening the shop to the money at the door."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from karvon.inventory.selectors import list_discrepancies
from tests.contracts.merchant.people import draw_picture

pytestmark = pytest.mark.django_db


def test_from_opening_a_shop_to_a_delivered_order():
    merchant, guest = APIClient(), APIClient()

    registered = merchant.post(
        "/api/auth/register",
        {
            "email": "aziza@example.com",
            "username": "aziza-silk",
            "password": "right-horse-battery",
            "name": "Aziza Silk",
            "phone": "+998901234567",
        },
        format="json",
    ).json()
    merchant.credentials(HTTP_AUTHORIZATION=f"JWT {registered['token']}")
    picture = merchant.post(
        "/api/merchant/upload-image", {"image": draw_picture()}, format="multipart"
    ).json()
    product = merchant.post(
        "/api/merchant/products",
        {"title": "Ikat scarf", "price": "250000.00", "stock": 3, "images": [picture["url"]]},
        format="json",
    ).json()

    page = guest.get("/api/store/aziza-silk", {"search": "ikat"}).json()
    (shown,) = page["products"]["results"]
    placed = guest.post(
        "/api/store/aziza-silk/orders",
        {
            "customer_name": "Dilshod",
            "customer_phone": "+998901112233",
            "address": "Amir Temur 12",
            "items": [{"product_id": shown["id"], "variant_id": shown["variants"][0]["id"], "quantity": 2}],
            "confirmation_method": "whatsapp",
        },
        format="json",
    ).json()

    assert page["store"]["name"] == "Aziza Silk"
    assert shown["images"] == [picture["url"]]
    assert placed["total"] == "500000.00"
    assert placed["whatsapp_url"].startswith("https://wa.me/998901234567?text=")
    (listed,) = merchant.get("/api/merchant/orders", {"search": "dilshod"}).json()["results"]
    assert listed["id"] == placed["id"]
    for status in ("packed", "shipped", "delivered"):
        answer = merchant.put(
            f"/api/merchant/orders/{placed['id']}/status", {"status": status}, format="json"
        )
        assert answer.json()["status"] == status
    tracked = guest.get(f"/api/v1/orders/{placed['id']}/", {"token": placed["tracking_token"]}).json()
    assert (tracked["status"], tracked["payment_status"]) == ("delivered", "paid")
    assert merchant.get(f"/api/merchant/products/{product['id']}").json()["stock"] == 1
    assert list_discrepancies() == []
