"""Values that examples of both contracts are made of."""

from __future__ import annotations

from typing import Any

PRODUCT: dict[str, Any] = {
    "id": 7,
    "name": "Phone X",
    "slug": "phone-x",
    "description": "<p>Six inches, two cameras.</p>",
    "price": "4500000.00",
    "currency": "UZS",
    "category": 3,
    "category_name": "Phones",
    "image": "http://localhost:8000/media/a1/a1b2c3.webp",
    "images": [
        {
            "id": 11,
            "image": "http://localhost:8000/media/a1/a1b2c3.jpg",
            "order": 0,
            "alt": "From the front",
            "width": 1200,
            "height": 900,
        }
    ],
    "in_stock": True,
    "stock": 5,
    "variants": [
        {
            "id": 12,
            "sku": "PHX-BLK-128",
            "title": "",
            "price": "4500000.00",
            "compare_at_price": None,
            "stock": 5,
            "tracks_stock": True,
            "in_stock": True,
            "attributes": {"color": "black", "memory": "128GB"},
            "labels": {"color": "Black", "memory": "128 GB"},
            "image": None,
        }
    ],
    "average_rating": 4.5,
    "reviews_count": 2,
    "merchant": {"id": 1, "username": "bazaar", "name": "Bazaar"},
    "price_min": "4500000.00",
    "price_max": "4500000.00",
    "compare_at_price": None,
    "attributes": {},
    "modifier_groups": [],
    "tags": [{"slug": "new", "name": "New"}],
    "kind": "goods",
    "vendor": "X",
    "created_at": "2026-01-01T14:30:00Z",
    "updated_at": "2026-01-01T14:30:00Z",
}
CART: dict[str, Any] = {
    "id": "5f0c0c0e-8a52-4a08-9c2f-6f0a6a1a2b3c",
    "items": [
        {
            "id": 2417851639229258,
            "cart_item_id": 2417851639229258,
            "product": PRODUCT,
            "variant": {"id": 12, "sku": "PHX-BLK-128", "title": "", "attributes": {"color": "Black"}},
            "quantity": 2,
            "unit_price": "4500000.00",
            "total_price": "9000000.00",
            "modifiers": [],
            "available": True,
            "problem": None,
        }
    ],
    "item_count": 2,
    "subtotal": "9000000.00",
    "discount": "0.00",
    "delivery_fee": "15000.00",
    "total_amount": "9015000.00",
    "currency": "UZS",
    "promo_code": None,
    "updated_at": "2026-01-01T14:32:10Z",
    "expires_at": "2026-01-31T14:32:10Z",
}
_ITEM: dict[str, Any] = {
    "id": 51,
    "product_id": 7,
    "variant_id": 12,
    "name": "Phone X",
    "sku": "PHX-BLK-128",
    "attributes": {"color": "Black"},
    "modifiers": [],
    "image": "http://localhost:8000/media/a1/a1b2c3.webp",
    "quantity": 2,
    "unit_price": "4500000.00",
    "total_price": "9000000.00",
}
PLACED: dict[str, Any] = {
    "id": 7391054488120611,
    "order_id": 7391054488120611,
    "number": "1120-7F3QD611",
    "status": "pending",
    "total_amount": "9015000.00",
    "currency": "UZS",
    "items": [_ITEM],
    "estimated_delivery": "2026-11-20T15:15:00Z",
    "payment": {
        "method": "cash",
        "status": "pending",
        "amount": "9015000.00",
        "amount_due": "9015000.00",
        "currency": "UZS",
        "expires_at": None,
        "url": None,
    },
    "token": "q7Yk…",
}
ORDER: dict[str, Any] = {
    **{name: value for name, value in PLACED.items() if name != "token"},
    "status": "confirmed",
    "subtotal": "9000000.00",
    "discount": "0.00",
    "delivery_fee": "15000.00",
    "timeline": [
        {
            "status": "pending",
            "at": "2026-11-20T14:30:00Z",
            "by": "customer",
            "reason": "",
            "part_id": None,
        }
    ],
    "courier": None,
    "eta": "2026-11-20T15:15:00Z",
    "delivery_type": "delivery",
    "delivery_address": "Amir Temur 1, Tashkent",
    "scheduled_for": None,
    "note": "",
    "parts": [
        {
            "id": 31,
            "status": "confirmed",
            "merchant": {"id": 1, "username": "bazaar", "name": "Bazaar"},
            "branch": {"id": 2, "name": "Chilonzor"},
            "total_amount": "9015000.00",
        }
    ],
    "created_at": "2026-11-20T14:30:00Z",
    "updated_at": "2026-11-20T14:30:00Z",
}
