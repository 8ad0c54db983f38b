"""Examples shown in the API's documents."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

from karvon.api.payouts import PAYOUT_ANSWER

_FIGURES = {
    "orders": 3,
    "units": 7,
    "gross": "205000.00",
    "discounts": "5000.00",
    "delivery": "15000.00",
    "called_off": "45000.00",
    "refunds": "0.00",
    "net": "125000.00",
    "awaited": "45000.00",
    "average_order": "56666.67",
}
_NOTHING = dict.fromkeys(_FIGURES, "0.00") | {"orders": 0, "units": 0}
_REPORT: dict[str, Any] = {
    "period": {"from": "2026-01-31", "to": "2026-01-31", "days": 1},
    "currency": "UZS",
    "currencies": ["UZS"],
    "orders": {"total": 3, "previous": 0, "by_state": {"confirmed": 1, "delivered": 1, "cancelled": 1}},
    "revenue": _FIGURES,
    "previous": _NOTHING,
}
_PRODUCT = {
    "id": 7,
    "slug": "green-tea",
    "title": "Green tea",
    "merchant_id": 1,
    "units": 7,
    "sales": "155000.00",
}
PLATFORM_ANSWER = OpenApiExample(
    "platform",
    value={
        **_REPORT,
        "users": {"total": 120, "new": 4},
        "merchants": {"total": 6, "by_state": {"active": 5, "suspended": 1, "closed": 0}},
        "products": 240,
        "conversion": {"carts": 10, "orders": 3, "rate": 0.3},
        "by_day": [{"date": "2026-01-31", "orders": 3, "revenue": "125000.00", "users": 4}],
        "top_merchants": [
            {"id": 1, "username": "bazaar", "name": "Bazaar", "orders": 3, "revenue": "125000.00"}
        ],
        "top_products": [_PRODUCT],
    },
    response_only=True,
)
MERCHANT_ANSWER = OpenApiExample(
    "merchant",
    value={
        **_REPORT,
        "customers": {"total": 40, "new": 1},
        "by_day": [{"date": "2026-01-31", "orders": 3, "revenue": "125000.00"}],
        "best_sellers": [_PRODUCT],
        "low_stock": {
            "count": 1,
            "items": [
                {
                    "level_id": 31,
                    "product_id": 7,
                    "title": "Green tea",
                    "sku": "TEA-100",
                    "branch": "Chilonzor",
                    "available": 2,
                    "threshold": 5,
                }
            ],
        },
        "payouts": {"balance": "420000.00", "pending": "0.00", "latest": [PAYOUT_ANSWER.value]},
    },
    response_only=True,
)
CUSTOMER_ANSWER = OpenApiExample(
    "customer",
    value={
        "id": 11,
        "name": "Aziza Karimova",
        "phone": "+99890*****67",
        "is_guest": False,
        "orders": 5,
        "spent": "625000.00",
        "currency": "UZS",
        "first_order_at": "2026-01-01T14:30:00Z",
        "last_order_at": "2026-01-31T09:12:00Z",
        "last_order_id": 244021584224088,
    },
    response_only=True,
)
