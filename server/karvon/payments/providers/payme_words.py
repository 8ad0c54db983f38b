"""The words of Payme's Merchant API: codes, how a request is read, and what it is answered from what is written down."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.utils import translation

from karvon.kernel import errors as kernel
from karvon.orders.errors import OrderNotFound
from karvon.payments import errors
from karvon.payments.amounts import from_units, to_units
from karvon.payments.calls import is_whole, read_text, reply_json, to_ms
from karvon.payments.models import AttemptState, PaymentAttempt
from karvon.payments.protocol import Charged, Fact, Failed, RefundMade, Reply

CURRENCY = "UZS"
FIELD = "order_id"  # of `account`
LIFETIME = timedelta(milliseconds=43_200_000)
LANGUAGES = ("ru", "uz", "en")
CONTENT_TYPES = frozenset({"", "application/json", "text/json", "application/json-rpc", "text/plain"})

NOT_POST, NO_JSON, BAD_REQUEST, NO_METHOD, NO_RIGHT, TROUBLE = -32300, -32700, -32600, -32601, -32504, -32400
WRONG_AMOUNT, NO_TRANSACTION, HANDED_OVER, IMPOSSIBLE = -31001, -31003, -31007, -31008
NO_ORDER, PAID_ALREADY, CALLED_OFF = -31050, -31051, -31052  # of the range that is ours, -31050 … -31099
ANOTHER_LIVES = IMPOSSIBLE  # by the sandbox page; the template says -31050, libraries -31051 and -31099
NO_RECEIPT, BAD_FISCAL = -32001, -32602

STATES = {AttemptState.CREATED: 1, AttemptState.PAID: 2, AttemptState.REVERSED: -2}  # all others: -1
BY_TIMEOUT = 4  # reason of a cancellation
RECEIPT_PAID, RECEIPT_CANCELLING, RECEIPT_CANCELLED = 4, 21, 50


class Refused(Exception):
    """An `error` for Payme: its code, a sentence for the payer, and what it is about."""

    def __init__(self, code: int, message: Any, data: str | None = None) -> None:
        super().__init__(code)
        self.code, self.message, self.data = code, message, data

    @property
    def body(self) -> dict[str, Any]:
        texts = {}
        for language in LANGUAGES:
            with translation.override(language):
                texts[language] = str(self.message)
        return {"code": self.code, "message": texts, "data": self.data}


def encode_link(pairs: dict[str, str]) -> str:
    """The last part of a checkout link: base64 of `name=value;…`, fit for a path."""
    text = ";".join(f"{name}={value}" for name, value in pairs.items())
    return quote(base64.b64encode(text.encode()).decode(), safe="=")


def read_receipt(receipt: dict[str, Any], attempt: PaymentAttempt) -> Fact | None:
    state, units = receipt.get("state"), receipt.get("amount")
    amount = from_units(units, CURRENCY) if is_whole(units) else attempt.amount * 0
    if state == RECEIPT_PAID:
        return Charged(
            attempt.payment_id, charge_reference=attempt.reference, amount=amount, currency=CURRENCY
        )
    if state != RECEIPT_CANCELLED:
        return None
    if attempt.finished_at is None:
        return Failed(attempt.payment_id, reason="cancelled")
    return RefundMade(
        attempt.payment_id,
        charge_reference=attempt.reference,
        refund_reference=attempt.reference,
        amount=amount,
        currency=CURRENCY,
        is_cumulative=True,
    )


def number_of(asked: dict[str, Any] | None) -> int | str | None:
    """The id of the request, which its answer has to repeat."""
    number = asked.get("id") if asked else None
    is_fit = is_whole(number) or (isinstance(number, str) and len(number) <= 64)
    return number if is_fit else None


def refusal(asked: dict[str, Any] | None, refused: Refused, **written: Any) -> Reply:
    written = {"outcome": "refused", "note": str(refused.code)} | written
    return reply_json(200, {"id": number_of(asked), "error": refused.body}, **written)


def transaction_id(params: dict[str, Any]) -> str:
    given = params.get("id")
    if not isinstance(given, str) or not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", given):
        raise Refused(BAD_REQUEST, kernel.ValidationFailed.message, "id")
    return given


def order_text(params: dict[str, Any]) -> str:
    """What the payer calls the order. Raises OrderNotFound."""
    given = params.get("account")
    text = read_text(given.get(FIELD)) if isinstance(given, dict) else ""
    if not text:
        raise OrderNotFound
    return text


def amount_of(params: dict[str, Any]) -> int:
    units = params.get("amount")
    if not is_whole(units) or units <= 0:
        raise errors.AmountMismatch
    return int(units)


def is_flat(fiscal: Any) -> bool:
    """Whether it is an object of plain values that the database can keep as they are."""
    return isinstance(fiscal, dict) and all(
        value is None
        or isinstance(value, bool | float)
        or is_whole(value)
        or (isinstance(value, str) and len(value) <= 2048 and "\x00" not in value)
        for value in (*fiscal, *fiscal.values())
    )


def told_of(attempt: PaymentAttempt) -> dict[str, Any]:
    """All that Payme is ever told of a transaction, from what is written down: the same however often it asks."""
    return {
        "create_time": attempt.data.get("create_time", to_ms(attempt.begun_at)),
        "perform_time": to_ms(attempt.finished_at),
        "cancel_time": to_ms(attempt.cancelled_at),
        "transaction": str(attempt.pk),
        "state": STATES.get(AttemptState(attempt.state), -1),
        "reason": attempt.data.get("reason"),
        "receivers": None,
    }


def result_of(attempt: PaymentAttempt, *names: str) -> dict[str, Any]:
    told = told_of(attempt)
    return {name: told[name] for name in names}


def line_of(attempt: PaymentAttempt) -> dict[str, Any]:
    """A transaction in a statement."""
    return {
        "id": attempt.reference,
        "time": to_ms(attempt.begun_at),
        "amount": to_units(attempt.amount, CURRENCY),
        "account": {FIELD: attempt.data.get(FIELD)},
        **told_of(attempt),
    }
