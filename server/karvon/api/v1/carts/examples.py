"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

CART = {
    "id": "5f0c0c0e-8a52-4a08-9c2f-6f0a6a1a2b3c",
    "user": None,
    "version": 3,
    "items": [
        {
            "id": 2417851639229258,
            "product": {
                "id": 7,
                "title": "Plov",
                "slug": "plov",
                "price": "45000.00",
                "image": "/media/a1/a1b2c3.jpg",
            },
            "variant": {"id": 12, "sku": "PLOV-1", "title": "", "options": {"portion": "Large"}},
            "merchant_id": 1,
            "quantity": 2,
            "unit_price": "50000.00",
            "previous_unit_price": None,
            "subtotal": "100000.00",
            "discount": "10000.00",
            "modifiers": [{"id": 3, "name": "Salad", "price_delta": "5000.00"}],
            "available": True,
            "available_quantity": 40,
            "problem": None,
        }
    ],
    "item_count": 2,
    "subtotal": "100000.00",
    "discount": "10000.00",
    "delivery_fee": "15000.00",
    "tax": "9642.86",
    "total": "105000.00",
    "currency": "UZS",
    "coupon": "NAVRUZ10",
    "coupon_status": {
        "code": "NAVRUZ10",
        "applied": True,
        "amount": "10000.00",
        "reason": None,
        "message": None,
        "missing": None,
    },
    "discounts": [
        {
            "promotion_id": 4,
            "code": "NAVRUZ10",
            "name": "Navruz: 10 % off",
            "kind": "percent",
            "amount": "10000.00",
        }
    ],
    "delivery_type": "delivery",
    "merchants": [
        {
            "merchant": {"id": 1, "username": "choyxona", "name": "Choyxona"},
            "branch": {"id": 2, "name": "Chilonzor"},
            "items": [2417851639229258],
            "subtotal": "100000.00",
            "discount": "10000.00",
            "delivery_fee": "15000.00",
            "free_delivery_from": "150000.00",
            "minimum_order": "50000.00",
            "minimum_reached": True,
            "total": "105000.00",
        }
    ],
    "is_orderable": True,
    "created_at": "2026-01-01T14:30:00Z",
    "updated_at": "2026-01-01T14:32:10Z",
    "expires_at": "2026-01-31T14:32:10Z",
}
CART_ANSWER = OpenApiExample("cart", value=CART, response_only=True)
ADD_REQUEST = OpenApiExample(
    "add", value={"variant_id": 12, "quantity": 2, "modifiers": [3]}, request_only=True
)
UPDATE_REQUEST = OpenApiExample("update", value={"quantity": 3}, request_only=True)
COUPON_REQUEST = OpenApiExample("coupon", value={"code": "NAVRUZ10"}, request_only=True)
CHOICE_REQUEST = OpenApiExample("pickup", value={"delivery_type": "pickup"}, request_only=True)
MERGE_REQUEST = OpenApiExample("merge", value={"cart_id": CART["id"]}, request_only=True)
