"""From payments to the JSON of the storefront."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from karvon.api.doors.capstone.letters import PAYMENT_LETTERS
from karvon.kernel.money import money_json
from karvon.orders.models import Order, PaymentState
from karvon.payments.models import Payment, PaymentStatus

INTENT = ("razorpay_order_id", "amount", "currency", "key_id", "order_id")
PAID = (PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED)


def intent_json(payment: Payment) -> dict[str, Any]:
    """What Razorpay's Checkout needs."""
    data = payment.next_step["data"]
    return {name: data[name] for name in INTENT}


def verified_json(payment: Payment) -> dict[str, str]:
    return {"status": "paid" if payment.state in PAID else str(payment.state)}


def state_json(order: Order, payments: Sequence[Payment]) -> dict[str, Any]:
    """How an order stands, and the payments that were begun for it, oldest first."""
    return {
        "order_id": order.pk,
        "payment_status": PAYMENT_LETTERS[PaymentState(order.payment_state)],
        "payments": [
            {
                "id": each.pk,
                "provider": each.provider,
                "status": each.state,
                "amount": money_json(each.amount),
            }
            for each in payments
        ],
    }
