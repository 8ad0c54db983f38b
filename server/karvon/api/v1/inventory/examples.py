"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

LEVEL = {
    "id": 31,
    "variant": {"id": 12, "sku": "TEA-100", "title": "100 g"},
    "product": {"id": 7, "title": "Green tea"},
    "branch": {"id": 2, "name": "Chilonzor"},
    "merchant_id": 1,
    "on_hand": 48,
    "reserved": 3,
    "available": 45,
    "low_threshold": 5,
    "is_low": False,
    "updated_at": "2026-01-01T14:30:00Z",
}
LEVEL_ANSWER = OpenApiExample("level", value=LEVEL, response_only=True)
ADJUST_REQUEST = OpenApiExample(
    "adjust", value={"variant": 12, "branch": 2, "on_hand": 48, "reason": "Counted"}, request_only=True
)
RECEIVE_REQUEST = OpenApiExample(
    "receive", value={"variant": 12, "branch": 2, "quantity": 24, "reason": "Delivery 118"}, request_only=True
)
TRANSFER_REQUEST = OpenApiExample(
    "transfer",
    value={"variant": 12, "from_branch": 2, "to_branch": 3, "quantity": 6, "reason": "Weekend"},
    request_only=True,
)
TRANSFER_ANSWER = OpenApiExample(
    "levels", value={"from": LEVEL, "to": LEVEL | {"id": 32}}, response_only=True
)
THRESHOLD_REQUEST = OpenApiExample("threshold", value={"low_threshold": 5}, request_only=True)
MOVEMENT_ANSWER = OpenApiExample(
    "movement",
    value={
        "id": 900,
        "level": 31,
        "variant": {"id": 12, "sku": "TEA-100", "title": "100 g"},
        "branch": {"id": 2, "name": "Chilonzor"},
        "kind": "receive",
        "quantity": 24,
        "reason": "Delivery 118",
        "actor": {"id": 5, "name": "Aziza Karimova"},
        "order_id": None,
        "created_at": "2026-01-01T14:30:00Z",
    },
    response_only=True,
)
