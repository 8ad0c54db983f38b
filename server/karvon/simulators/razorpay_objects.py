"""The shapes of Razorpay's objects, its signatures, and what it refuses in a request."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from karvon.simulators.core import Refusal, Request, Response

Thing = dict[str, Any]
LEAST_INR = 100  # paise
IDEMPOTENCY = re.compile(r"[A-Za-z0-9_-]{10,}")
DECLINE = {
    "error_code": "BAD_REQUEST_ERROR", "error_description": "Payment failed because of insufficient balance",
    "error_source": "customer", "error_step": "payment_authorization", "error_reason": "insufficient_funds",
}  # fmt: skip
NO_ERROR = dict.fromkeys(DECLINE)
CHECKOUT_SCRIPT = """// stands in for Razorpay's Checkout.js: opens the hosted page
window.Razorpay = function (options) { this.options = options; };
window.Razorpay.prototype.open = function () {
  var query = new URLSearchParams({ key_id: this.options.key, order_id: this.options.order_id });
  if (this.options.callback_url) query.set("callback_url", this.options.callback_url);
  window.location = %s + "/v1/checkout/embedded?" + query;
};
window.Razorpay.prototype.on = function () {};
"""


def payment_signature(secret: str, *parts: str) -> str:
    """HMAC-SHA256 over the parts with bars between; for a checkout: order id, payment id, keyed with the key's secret."""
    return hmac.new(secret.encode(), "|".join(parts).encode(), hashlib.sha256).hexdigest()


def webhook_signature(secret: str, body: bytes) -> str:
    """X-Razorpay-Signature: HMAC-SHA256 over the raw body, keyed with the webhook's secret."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def refused(
    description: str, *, status: int = 400, code: str = "BAD_REQUEST_ERROR", field: str | None = None
) -> Refusal:
    error: Thing = {
        "code": code, "description": description, "source": "business", "step": "payment_initiation",
        "reason": "input_validation_failed", "field": field, "metadata": {},
    }  # fmt: skip
    return Refusal(Response.of({"error": error}, status))


def asked_of(request: Request) -> Thing:
    try:
        asked = request.json() if request.body else {}
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise refused("The request body is no JSON object")
    return asked


def amount_of(asked: Thing) -> int:
    amount = asked.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise refused("The amount must be an integer.", field="amount")
    if amount < 1:
        raise refused("The amount must be at least 1.", field="amount")
    return amount


def notes_of(asked: Thing) -> dict[str, Any]:
    notes = asked.get("notes") or {}
    if not isinstance(notes, dict) or len(notes) > 15 or any(len(str(each)) > 256 for each in notes.values()):
        raise refused("Notes are at most 15 pairs of 256 characters", field="notes")
    return notes


def shop_order(order: Thing) -> str:
    """What the shop calls the order: its note `order_id`, else the receipt."""
    return str(order["notes"].get("order_id") or order["receipt"] or "")


def fits(thing: Thing, request: Request, name: str) -> bool:
    return name not in request.query or thing[name] == request.query[name]


def collection_of(
    things: dict[str, Thing], request: Request, wanted: Callable[[Thing], bool] = lambda _each: True
) -> Response:
    """Newest first; `from` and `to` in seconds, `count` (10, at most 100) and `skip`."""
    query = request.query
    since, until = int(query.get("from", 0)), int(query.get("to", 2**53))
    found = [
        each for each in reversed(things.values()) if wanted(each) and since <= each["created_at"] <= until
    ]
    skip, count = int(query.get("skip", 0)), min(int(query.get("count", 10)), 100)
    page = found[skip : skip + count]
    return Response.of({"entity": "collection", "count": len(page), "items": page})


def date_of(at: int) -> list[int]:
    day = datetime.fromtimestamp(at, UTC)
    return [day.year, day.month, day.day]


def settled(thing: Thing) -> Thing:
    is_refund = thing["entity"] == "refund"
    return {
        "entity_id": thing["id"], "type": thing["entity"], "debit": thing["amount"] if is_refund else 0,
        "credit": 0 if is_refund else thing["amount"], "amount": thing["amount"], "currency": thing["currency"], "fee": 0,
        "tax": 0, "settled": True, "created_at": thing["created_at"], "order_id": thing.get("order_id"),
        "payment_id": thing.get("payment_id"),
    }  # fmt: skip


def checkout_link(base: str, key_id: str, order_id: str, **urls: str) -> str:
    """Where a browser finds the hosted page of an order; `urls`: callback_url, cancel_url."""
    return f"{base}/v1/checkout/embedded?{urlencode({'key_id': key_id, 'order_id': order_id, **urls})}"
