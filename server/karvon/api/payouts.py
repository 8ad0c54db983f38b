"""Payouts as the canonical API and the merchant door show them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from karvon.kernel.money import money_json
from karvon.ledger.models import Payout, PayoutState


class PayoutQuery(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=PayoutState.choices, required=False)


class PayoutDetail(serializers.Serializer[Any]):
    """`account` is masked; `held_until` is set while the bank details are too new to be trusted."""

    id = serializers.IntegerField()
    batch = serializers.IntegerField()
    merchant = serializers.IntegerField()
    merchant_name = serializers.CharField()
    amount = serializers.CharField()
    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=PayoutState.choices)
    earned_until = serializers.DateTimeField()
    bank = serializers.CharField()
    account = serializers.CharField()
    held_until = serializers.DateTimeField(allow_null=True)
    reference = serializers.CharField()
    reason = serializers.CharField()
    made_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


PAYOUT_ANSWER = OpenApiExample(
    "payout",
    value={
        "id": 12,
        "batch": 3,
        "merchant": 1,
        "merchant_name": "Registon Oshxona",
        "amount": "1830000.00",
        "currency": "UZS",
        "state": "paid",
        "earned_until": "2026-03-01T00:00:00Z",
        "bank": "Ipak Yoʻli",
        "account": "••••••••••••••••4417",
        "held_until": None,
        "reference": "PP-4711",
        "reason": "",
        "made_at": "2026-03-01T08:00:00Z",
        "approved_at": "2026-03-01T09:30:00Z",
        "closed_at": "2026-03-02T06:00:00Z",
    },
    response_only=True,
)


def payout_json(payout: Payout) -> dict[str, Any]:
    """One payout, with its merchant and batch at hand."""
    return {
        "id": payout.pk,
        "batch": payout.batch_id,
        "merchant": payout.merchant_id,
        "merchant_name": payout.merchant.name,
        "amount": money_json(payout.amount),
        "currency": payout.currency,
        "state": payout.state,
        "earned_until": payout.batch.until,
        "bank": payout.bank,
        "account": payout.masked_number,
        "held_until": payout.held_until,
        "reference": payout.reference,
        "reason": payout.reason,
        "made_at": payout.made_at,
        "approved_at": payout.approved_at,
        "closed_at": payout.closed_at,
    }
