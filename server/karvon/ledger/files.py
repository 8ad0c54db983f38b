"""Statements and batches as files for spreadsheets and banks. No cell is a formula, whatever people have called themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from karvon.catalog.exchange.guarding import guard
from karvon.kernel.money import money_json
from karvon.ledger.models import PayoutBatch
from karvon.ledger.selectors import approved_payouts_of
from karvon.ledger.statements import COLUMNS, Statement

AMOUNTS = (*COLUMNS, "amount")


def statement_file(statement: Statement) -> HttpResponse:
    """The same as a table, with the opening and closing balance as its first and last row."""
    rows: list[Sequence[Any]] = [
        ["at", "kind", "order", "part", "payout", *COLUMNS[:-1], "paid_out", "amount", "balance", "currency"],
        [statement.since.isoformat(), "opening", *[""] * (len(AMOUNTS) + 3), money_json(statement.opening), statement.currency],
        *(
            [line.at.isoformat(), line.kind, guard(line.order_number), guard(line.part_number), line.payout_id or "",
             *[money_json(getattr(line, name)) for name in AMOUNTS], money_json(line.balance), statement.currency]
            for line in statement.lines
        ),
        [statement.until.isoformat(), "closing", *[""] * (len(AMOUNTS) + 3), money_json(statement.closing), statement.currency],
    ]  # fmt: skip
    return _download(rows, f"statement-{statement.merchant.username}-{statement.currency}.csv")


def batch_file(batch: PayoutBatch) -> HttpResponse:
    """For the bank: whole account numbers of what was approved."""
    rows: list[Sequence[Any]] = [
        ["payout", "merchant", "holder", "bank", "code", "account", "amount", "currency", "state"],
        *(
            [payout.pk, guard(payout.merchant.name), guard(payout.holder), guard(payout.bank), guard(payout.code),
             guard(payout.number), money_json(payout.amount), payout.currency, payout.state]
            for payout in approved_payouts_of(batch)
        ),
    ]  # fmt: skip
    return _download(rows, f"payouts-{batch.pk}.csv")


def _download(rows: Iterable[Sequence[Any]], file_name: str) -> HttpResponse:
    """The mark at its beginning tells spreadsheets that it is UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response["Cache-Control"] = "no-store"
    return response
