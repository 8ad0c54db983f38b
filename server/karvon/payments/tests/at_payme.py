"""What tests say in Payme's name."""

from __future__ import annotations

import json
from typing import Any

import orjson

from karvon.kernel import clock
from karvon.orders.models import Order
from karvon.payments.amounts import to_units
from karvon.payments.calls import to_ms
from karvon.payments.tests.calling import basic, call
from karvon.simulators.credentials import DEMO

METHODS = (
    "CheckPerformTransaction", "CreateTransaction", "PerformTransaction", "CancelTransaction", "CheckTransaction",
    "GetStatement", "SetFiscalData", "ChangePassword",
)  # fmt: skip


def send(body: bytes, *, key: str = DEMO.payme_key, **changes: Any) -> bytes:
    """The answer to a message; whatever it says, its status is 200."""
    headers = {"content-type": "text/json; charset=UTF-8", "authorization": basic("Paycom", key)}
    reply = call("payme", body, **{"headers": headers} | changes)
    assert reply.status == 200
    return reply.body


def ask(method: str, _key: str = DEMO.payme_key, _now: Any = None, **params: Any) -> dict[str, Any]:
    """`result`, or `error` under that name."""
    body = json.dumps({"id": 41, "method": method, "params": params}).encode()
    said = orjson.loads(send(body, key=_key, received_at=_now or clock.now()))
    assert said.pop("id") == 41
    assert len(said) == 1
    return said.get("result", said)


def code(said: dict[str, Any]) -> int | None:
    """The code of an error, whose sentence is there in three languages; None for a result."""
    if "error" not in said:
        return None
    message = said["error"]["message"]
    assert set(message) == {"ru", "uz", "en"}
    assert all(message.values())
    assert len(set(message.values())) == 3
    return said["error"]["code"]


def account(order: Order) -> dict[str, str]:
    return {"order_id": str(order.pk)}


def tiyin(order: Order) -> int:
    return to_units(order.total, "UZS")


def create(order: Order, name: str = "a1", _now: Any = None, **changes: Any) -> dict[str, Any]:
    params = {
        "id": name,
        "time": to_ms(_now or clock.now()),
        "amount": tiyin(order),
        "account": account(order),
    }
    return ask("CreateTransaction", _now=_now, **params | changes)
