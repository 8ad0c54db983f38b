"""Rows of the ledger as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from karvon.api.payouts import payout_json
from karvon.kernel import clock
from karvon.kernel.errors import DomainError
from karvon.kernel.money import money_json
from karvon.ledger.models import Account, AccountKind, BankDetails, CommissionRule, Payout, PayoutBatch
from karvon.ledger.statements import Statement, StatementLine

# column of a statement → its name in the API
AMOUNTS = {
    "goods": "goods",
    "discount": "discount",
    "delivery": "delivery",
    "commission": "commission",
    "at_the_door": "at_the_door",
    "payout": "paid_out",
    "amount": "amount",
}


def balance_json(account: Account) -> dict[str, Any]:
    is_payable = account.kind == AccountKind.PAYABLE
    return {
        "id": account.pk,
        "kind": account.kind,
        "merchant": account.merchant_id,
        "merchant_name": account.merchant.name if account.merchant else None,
        "method": account.method,
        "currency": account.currency,
        "balance": money_json(account.balance),
        "owed": money_json(-account.balance) if is_payable else None,
    }


def statement_json(statement: Statement) -> dict[str, Any]:
    timezone = statement.merchant.timezone
    return {
        "merchant": statement.merchant.pk,
        "currency": statement.currency,
        "date_from": clock.day_in(statement.since, timezone),
        "date_to": clock.day_in(statement.until - clock.MOMENT, timezone),
        "opening": money_json(statement.opening),
        "lines": [_line_json(line) for line in statement.lines],
        "totals": {name: money_json(statement.total(column)) for column, name in AMOUNTS.items()},
        "closing": money_json(statement.closing),
    }


def _line_json(line: StatementLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "kind": line.kind,
        "at": line.at,
        "order_number": line.order_number,
        "part_number": line.part_number,
        "payout": line.payout_id,
        **{name: money_json(getattr(line, column)) for column, name in AMOUNTS.items()},
        "balance": money_json(line.balance),
    }


def batch_json(
    batch: PayoutBatch, payouts: Iterable[Payout] | None = None, refused: Any = None
) -> dict[str, Any]:
    """`batch` with its `payouts_count` and `payouts_total`."""
    answer = {
        "id": batch.pk,
        "currency": batch.currency,
        "until": batch.until,
        "minimum": money_json(batch.minimum),
        "note": batch.note,
        "made_by": batch.made_by_id,
        "made_at": batch.made_at,
        "count": batch.payouts_count,  # type: ignore[attr-defined]  # annotated by the selector
        "total": money_json(batch.payouts_total or 0),  # type: ignore[attr-defined]
    }
    if payouts is not None:
        answer["payouts"] = [payout_json(each) for each in payouts]
    if refused is not None:
        answer["refused"] = [_refusal_json(payout, refusal) for payout, refusal in refused]
    return answer


def _refusal_json(payout: Payout, refusal: DomainError) -> dict[str, Any]:
    return {"payout": payout.pk, "code": refusal.code, "error": refusal.text}


def bank_details_json(details: BankDetails) -> dict[str, Any]:
    return {
        "merchant": details.merchant_id,
        "holder": details.holder,
        "bank": details.bank,
        "code": details.code,
        "number": details.masked_number,
        "changed_at": details.changed_at,
        "trusted_at": details.changed_at + settings.KARVON_PAYOUT_COOLING_OFF,
    }


def rule_json(rule: CommissionRule) -> dict[str, Any]:
    return {
        "id": rule.pk,
        "merchant": rule.merchant_id,
        "category": rule.category_id,
        "percent": money_json(rule.percent),
        "fixed": money_json(rule.fixed),
        "currency": rule.currency,
        "starts_at": rule.starts_at,
        "ends_at": rule.ends_at,
        "note": rule.note,
    }
