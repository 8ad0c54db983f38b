"""Examples shown in the API's documents."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

from karvon.api.payouts import PAYOUT_ANSWER

BALANCE_ANSWER = OpenApiExample(
    "payable",
    value={
        "id": 7,
        "kind": "payable",
        "merchant": 1,
        "merchant_name": "Registon Oshxona",
        "method": "",
        "currency": "UZS",
        "balance": "-1830000.00",
        "owed": "1830000.00",
    },
    response_only=True,
)
_AMOUNTS = {
    "goods": "90000.00",
    "discount": "0.00",
    "delivery": "12000.00",
    "commission": "-13500.00",
    "at_the_door": "0.00",
    "paid_out": "0.00",
    "amount": "88500.00",
}
STATEMENT_ANSWER = OpenApiExample(
    "statement",
    value={
        "merchant": 1,
        "currency": "UZS",
        "date_from": "2026-03-01",
        "date_to": "2026-03-31",
        "opening": "120000.00",
        "lines": [
            {
                "id": 81,
                "kind": "sale",
                "at": "2026-03-02T11:04:09Z",
                "order_number": "0302-7KQ3D118",
                "part_number": "0302-7KQ3D",
                "payout": None,
                **_AMOUNTS,
                "balance": "208500.00",
            }
        ],
        "totals": _AMOUNTS,
        "closing": "208500.00",
    },
    response_only=True,
)
_BANK = {"holder": "Registon Oshxona MChJ", "bank": "Ipak Yoʻli", "code": "00444"}
BANK_REQUEST = OpenApiExample("account", value={**_BANK, "number": "20208000900123454417"}, request_only=True)
BANK_ANSWER = OpenApiExample(
    "account",
    value={
        "merchant": 1,
        **_BANK,
        "number": "••••••••••••••••4417",
        "changed_at": "2026-03-01T08:00:00Z",
        "trusted_at": "2026-03-04T08:00:00Z",
    },
    response_only=True,
)
PAID_REQUEST = OpenApiExample("paid", value={"reference": "PP-4711"}, request_only=True)
REASON_REQUEST = OpenApiExample("reason", value={"reason": "The account is closed."}, request_only=True)
BATCH_REQUEST = OpenApiExample(
    "February",
    value={
        "currency": "UZS",
        "until": "2026-03-01T00:00:00Z",
        "minimum": "50000.00",
        "note": "February",
    },
    request_only=True,
)
_BRIEF = {
    "id": 3,
    "currency": "UZS",
    "until": "2026-03-01T00:00:00Z",
    "minimum": "50000.00",
    "note": "February",
    "made_by": 4,
    "made_at": "2026-03-01T08:00:00Z",
    "count": 1,
    "total": "1830000.00",
}
BATCH_BRIEF = OpenApiExample("batch", value=_BRIEF, response_only=True)
BATCH_ANSWER = OpenApiExample("batch", value={**_BRIEF, "payouts": [PAYOUT_ANSWER.value]}, response_only=True)
BATCH_APPROVED = OpenApiExample(
    "approved", value={**_BRIEF, "payouts": [PAYOUT_ANSWER.value], "refused": []}, response_only=True
)
_RULE = {"merchant": 1, "category": 12, "percent": "7.50", "fixed": "500.00", "currency": "UZS", "note": ""}
RULE_REQUEST = OpenApiExample("rule", value=_RULE, request_only=True)
RULE_ANSWER = OpenApiExample(
    "rule",
    value={"id": 5, **_RULE, "starts_at": "2026-03-01T00:00:00Z", "ends_at": None},
    response_only=True,
)
