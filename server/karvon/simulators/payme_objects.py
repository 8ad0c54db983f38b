"""What Payme writes: receipts, links, the header that its calls come with."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

CREATED, PAID, CANCELLING, CANCELLED = 0, 4, 21, 50  # states of a receipt
NO_RIGHT, NO_METHOD, NO_RECEIPT, NO_JSON = -32504, -32601, -31601, -32700  # -31601: not verified
DEBIT_FAILED, FAILED, TIMEOUT, REFUND = 2, 3, 4, 5  # reasons of a cancellation
HEX = "0123456789abcdef"


@dataclass
class Receipt:
    """One attempt to pay; its id is the `id` of the Merchant API's transaction. Times in ms, 0 for never."""

    id: str
    order: str
    account: dict[str, str]
    amount: int  # tiyin
    time: int
    state: int = CREATED
    pay_time: int = 0
    cancel_time: int = 0
    create_result: Any = None

    def shown(self, merchant: str) -> dict[str, Any]:
        return {
            "_id": self.id, "create_time": self.time, "pay_time": self.pay_time, "cancel_time": self.cancel_time,
            "state": self.state, "type": 1, "external": False, "operation": -1, "category": None, "error": None,
            "description": "", "detail": None, "amount": self.amount, "currency": 860, "commission": 0,
            "account": [{"name": name, "title": name, "value": text, "main": True} for name, text in self.account.items()],
            "card": None, "merchant": {"_id": merchant, "name": "Karvon"}, "meta": None,
        }  # fmt: skip


def authorization(key: str) -> str:
    """The header that the Merchant API comes with."""
    return "Basic " + base64.b64encode(f"Paycom:{key}".encode()).decode()


def read_link(encoded: str) -> dict[str, str]:
    """`m`, `a`, `ac.<field>`, `l`, `c`, `ct`, `cr` of a checkout link's last part. Raises ValueError."""
    try:
        text = base64.b64decode(unquote(encoded), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(f"the link is no base64: {error}") from error
    pairs = dict(part.partition("=")[::2] for part in text.split(";") if part)
    if not re.fullmatch(r"[1-9]\d{0,14}", pairs.get("a", "")):
        raise ValueError("`a` is no amount in tiyin")
    return pairs


def write_link(pairs: dict[str, str]) -> str:
    return base64.b64encode(";".join(f"{name}={text}" for name, text in pairs.items()).encode()).decode()
