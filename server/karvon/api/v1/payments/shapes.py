"""From payments to the JSON that the API documents."""

from __future__ import annotations

from typing import Any

from karvon.kernel.money import money_json
from karvon.kernel.rendering import time_json
from karvon.payments.models import Payment, Refund
from karvon.payments.models.payment import OPEN

Json = dict[str, Any]


def payment_json(payment: Payment) -> Json:
    """A payment with its refunds. What to do next is told as long as there is something to do."""
    return {
        "id": payment.pk,
        "order_id": payment.order_id,
        "provider": payment.provider,
        "state": payment.state,
        "amount": money_json(payment.amount),
        "refunded_amount": money_json(payment.refunded_amount),
        "currency": payment.currency,
        "next_step": payment.next_step if payment.next_step and payment.state in OPEN else None,
        "failure": payment.failure,
        "expires_at": time_json(payment.expires_at),
        "paid_at": time_json(payment.paid_at),
        "created_at": time_json(payment.created_at),
        "refunds": [refund_json(each) for each in payment.refunds.all()],
    }


def refund_json(refund: Refund) -> Json:
    return {
        "id": str(refund.pk),
        "amount": money_json(refund.amount),
        "currency": refund.currency,
        "state": refund.state,
        "reason": refund.reason,
        "created_at": time_json(refund.created_at),
        "finished_at": time_json(refund.finished_at),
    }
