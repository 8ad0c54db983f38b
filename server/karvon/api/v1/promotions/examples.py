"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

REQUEST = {
    "merchant": 1,
    "code": "NAVRUZ10",
    "name": "Navruz: 10 % off",
    "name_uz": "Navro‘z: 10 % chegirma",
    "kind": "percent",
    "value": "10",
    "minimum_subtotal": "100000.00",
    "maximum_discount": "50000.00",
    "ends_at": "2026-03-31T19:00:00Z",
    "total_limit": 500,
    "per_customer_limit": 1,
}
PROMOTION_REQUEST = OpenApiExample("coupon", value=REQUEST, request_only=True)
PROMOTION_ANSWER = OpenApiExample(
    "coupon",
    value={
        "id": 4,
        **REQUEST,
        "value": "10.00",
        "name_ru": "",
        "name_en": "Navruz: 10 % off",
        "name_ar": "",
        "currency": "UZS",
        "starts_at": None,
        "used_count": 17,
        "products": [],
        "categories": [],
        "priority": 100,
        "is_stackable": True,
        "borne_by": "merchant",
        "is_active": True,
        "created_at": "2026-03-01T09:00:00Z",
    },
    response_only=True,
)
