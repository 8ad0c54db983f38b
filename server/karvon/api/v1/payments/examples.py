"""Documented examples of payments."""

from drf_spectacular.utils import OpenApiExample

_PAYMENT = {
    "id": 7391054488120700,
    "order_id": 7391054488120611,
    "provider": "payme",
    "state": "pending",
    "amount": "45000.00",
    "refunded_amount": "0.00",
    "currency": "UZS",
    "next_step": {"kind": "redirect", "url": "https://checkout.paycom.uz/bT01ODdm…", "data": {}},
    "failure": "",
    "expires_at": None,
    "paid_at": None,
    "created_at": "2026-11-21T09:30:00Z",
    "refunds": [],
}
_REFUND = {
    "id": "0b9d5c1e-6f0e-4d0a-9a39-6f5f3b8d2c11",
    "amount": "45000.00",
    "currency": "UZS",
    "state": "pending",
    "reason": "requested",
    "created_at": "2026-11-22T10:00:00Z",
    "finished_at": None,
}
PAYMENT_REQUEST = OpenApiExample(
    "pay an order", value={"order_id": 7391054488120611, "provider": "bank_transfer"}, request_only=True
)
PAYMENT_ANSWER = OpenApiExample("payment", value=_PAYMENT, response_only=True)
REFUND_REQUEST = OpenApiExample("all that is due", value={"note": "by phone"}, request_only=True)
REFUND_ANSWER = OpenApiExample("refund", value=_REFUND, response_only=True)
EVENT_REQUEST = OpenApiExample("an event", value={"id": "evt_1"}, request_only=True)
EVENT_ANSWER = OpenApiExample("received", value={"received": True}, response_only=True)
