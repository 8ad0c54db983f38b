"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

from karvon.api.doors.merchant.orders.examples import ORDER
from karvon.api.doors.merchant.products.examples import PRODUCT

STORE = {
    "id": 3,
    "name": "Aziza Silk",
    "username": "aziza-silk",
    "logo": None,
    "whatsapp_link": "https://wa.me/998901234567",
    "instagram_link": "https://www.instagram.com/aziza.silk/",
    "facebook_link": "",
    "currency": "UZS",
}
PAGE = OpenApiExample(
    "page",
    value={
        "store": STORE,
        "products": {"count": 1, "next": None, "previous": None, "results": [PRODUCT]},
    },
    response_only=True,
)
REQUEST = OpenApiExample(
    "two scarves",
    value={
        "customer_name": "Dilshod",
        "customer_phone": "+998901112233",
        "address": "Amir Temur 12",
        "items": [{"product_id": 7, "quantity": 2}],
        "confirmation_method": "whatsapp",
        "note": "",
    },
    request_only=True,
)
PLACED = OpenApiExample(
    "placed",
    value=ORDER
    | {
        "tracking_token": "kX3l…",
        "tracking_url": "https://shop.example/api/v1/orders/814500123456789/?token=kX3l…",
        "whatsapp_url": "https://wa.me/998901234567?text=Assalomu%20alaykum…",
    },
    response_only=True,
    status_codes=["201"],
)
