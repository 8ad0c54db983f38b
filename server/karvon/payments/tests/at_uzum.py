"""What tests say in the name of Uzum Bank."""

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

SERVICE = int(DEMO.uzum_service_id)
A, B = "0b6f4c6e-0000-4000-8000-00000000000a", "0b6f4c6e-0000-4000-8000-00000000000b"
METHODS = ("check", "create", "confirm", "reverse", "status")


def token(user: str = DEMO.uzum_username, password: str = DEMO.uzum_password) -> str:
    return basic(user, password)


def send(action: str, body: bytes, **changes: Any) -> dict[str, Any]:
    """A success with HTTP 200, or with HTTP 400 a refusal, whose code is a text."""
    headers = {"content-type": "application/json", "authorization": token()}
    reply = call("uzum", body, **{"action": action, "headers": headers} | changes)
    said: dict[str, Any] = orjson.loads(reply.body)
    assert reply.status == (400 if "errorCode" in said else 200)
    if "errorCode" in said:
        assert isinstance(said["errorCode"], str)
        assert said["status"] == "FAILED"
    return said


def message(action: str, order: Order | None = None, trans: str = A) -> dict[str, Any]:
    said: dict[str, Any] = {"serviceId": SERVICE, "timestamp": to_ms(clock.now())}
    if action != "check":
        said["transId"] = trans
    if order is not None and action in ("check", "create"):
        said["params"] = {"order_id": str(order.pk)}
    if order is not None and action == "create":
        said["amount"] = to_units(order.total, "UZS")
    if action == "confirm":
        said |= {"paymentSource": "UZCARD", "phone": "998901234567", "cardType": 2, "tariff": None}
    return said


def ask(
    action: str, order: Order | None = None, trans: str = A, _now: Any = None, **changes: Any
) -> dict[str, Any]:
    body = json.dumps(message(action, order, trans) | changes).encode()
    return send(action, body, received_at=_now or clock.now())


def code(said: dict[str, Any]) -> str | None:
    return said.get("errorCode")
