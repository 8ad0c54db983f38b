"""What tests say in Click's name."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson

from karvon.kernel import clock
from karvon.orders.models import Order
from karvon.payments.providers.click import signature_of
from karvon.payments.tests.calling import call
from karvon.simulators.credentials import DEMO

FORM = "application/x-www-form-urlencoded"


def send(action: str, body: bytes, **changes: Any) -> dict[str, Any]:
    """The answer: flat, with status 200 whatever it says."""
    reply = call("click", body, **{"action": action, "headers": {"content-type": FORM}} | changes)
    assert reply.status == 200
    said: dict[str, Any] = orjson.loads(reply.body)
    assert type(said["error"]) is int
    assert said["error_note"]
    return said


def fields_of(order: Order, **changes: Any) -> dict[str, str]:
    fields = {
        "click_trans_id": "9000000001", "service_id": DEMO.click_service_id, "click_paydoc_id": "77",
        "merchant_trans_id": str(order.pk), "amount": f"{order.total:.2f}", "action": "0", "error": "0", "error_note": "Success",
        "sign_time": "2026-01-15 12:30:45",
    } | changes  # fmt: skip
    return {name: str(value) for name, value in fields.items() if value is not None}


def sign(fields: dict[str, str], secret: str = DEMO.click_secret_key) -> bytes:
    return urlencode(fields | {"sign_string": signature_of(fields, secret)}).encode()


def prepare(order: Order, _now: Any = None, **changes: Any) -> dict[str, Any]:
    return send("prepare", sign(fields_of(order, **changes)), received_at=_now or clock.now())


def complete(order: Order, prepare_id: Any, _now: Any = None, **changes: Any) -> dict[str, Any]:
    fields = fields_of(order, action=1, merchant_prepare_id=prepare_id, **changes)
    return send("complete", sign(fields), received_at=_now or clock.now())


def prepared(order: Order, **changes: Any) -> int:
    said = prepare(order, **changes)
    assert said["error"] == 0, said
    return int(said["merchant_prepare_id"])
