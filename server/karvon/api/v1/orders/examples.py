"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

_AMOUNTS = {
    "subtotal": "90000.00",
    "discount": "0.00",
    "delivery_fee": "15000.00",
    "tax": "9642.86",
    "total": "105000.00",
}
_DUES = {"amount_paid": "0.00", "amount_due": "105000.00", "refund_due": "0.00"}
_ITEM = {
    "id": 51,
    "fulfilment_id": 31,
    "product_id": 7,
    "variant_id": 12,
    "title": "Plov",
    "sku": "PLOV-1",
    "options": {"portion": "Large"},
    "modifiers": [{"id": 3, "name": "Salad", "price_delta": "5000.00"}],
    "image": "/media/a1/a1b2c3.jpg",
    "quantity": 2,
    "cancelled_quantity": 0,
    "unit_price": "45000.00",
    "subtotal": "90000.00",
    "discount": "0.00",
    "tax": "9642.86",
    "total": "90000.00",
}
_PART = {
    "id": 31,
    "number": "1120-7F3QD",
    "merchant": {"id": 1, "username": "choyxona", "name": "Choyxona"},
    "branch": {"id": 2, "name": "Chilonzor"},
    "flow": "food_delivery",
    "status": "confirmed",
    **_AMOUNTS,
    **_DUES,
}
ORDER = {
    "id": 2417851639229258,
    "number": "1120-9KQ2M258",
    "status": "confirmed",
    "payment_status": "pending",
    "payment_method": "cash",
    "items": [_ITEM],
    **_AMOUNTS,
    **_DUES,
    "currency": "UZS",
    "discounts": [],
    "fulfilments": [_PART],
    "delivery_type": "delivery",
    "delivery_address": {"line1": "Amir Temur 1", "city": "Tashkent"},
    "contact": {"name": "Aziza", "phone": "+998901234567", "email": ""},
    "scheduled_for": None,
    "note": "",
    "placed_at": "2026-11-20T14:30:00Z",
    "confirmed_at": "2026-11-20T14:30:00Z",
    "payment_deadline": None,
}
_EVENT = {
    "kind": "placed",
    "fulfilment_id": None,
    "from": None,
    "to": "pending",
    "by": "customer",
    "reason": "",
    "at": "2026-11-20T14:30:00Z",
}
_DETAIL = ORDER | {"timeline": [_EVENT]}
_FULFILMENT = _PART | {
    "order_id": ORDER["id"],
    "order_number": ORDER["number"],
    "currency": "UZS",
    "delivery_type": "delivery",
    "note": "",
    "placed_at": "2026-11-20T14:30:00Z",
    "items": [_ITEM],
}
ORDER_ANSWER = OpenApiExample("order", value=ORDER, response_only=True)
DETAIL_ANSWER = OpenApiExample("order", value=_DETAIL, response_only=True)
PLACED_ANSWER = OpenApiExample("placed", value=_DETAIL | {"token": "q7Yk…"}, response_only=True)
TIMELINE_ANSWER = OpenApiExample("step", value=_EVENT, response_only=True)
FULFILMENT_ANSWER = OpenApiExample("fulfilment", value=_FULFILMENT, response_only=True)
REORDER_ANSWER = OpenApiExample(
    "reorder", value={"missing": [{"title": "Plov", "problem": "withdrawn"}]}, response_only=True
)
CREATE_REQUEST = OpenApiExample(
    "checkout",
    value={
        "payment_method": "cash",
        "delivery_address": {"line1": "Amir Temur 1", "city": "Tashkent"},
        "contact": {"name": "Aziza", "phone": "+998901234567"},
        "expected_total": "105000.00",
    },
    request_only=True,
)
ADVANCE_REQUEST = OpenApiExample("advance", value={"status": "preparing"}, request_only=True)
CANCEL_REQUEST = OpenApiExample("cancel", value={"reason": "Changed my mind"}, request_only=True)
PAID_REQUEST = OpenApiExample("paid", value={"reference": "transfer 4711"}, request_only=True)
TRANSITION_REQUEST = OpenApiExample("step", value={"to": "ready", "reason": ""}, request_only=True)
CANCEL_LINES_REQUEST = OpenApiExample(
    "lines", value={"lines": {"51": 1}, "reason": "Ran out"}, request_only=True
)
