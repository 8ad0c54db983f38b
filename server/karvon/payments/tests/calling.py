"""Providers that call procedures here (Payme, Click, Uzum): their messages, straight into the service."""

from __future__ import annotations

import base64
from collections import defaultdict
from datetime import timedelta
from typing import Any

from karvon.inventory.demand import Demand
from karvon.inventory.models import StockLevel
from karvon.inventory.services import take_stock
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders.models import Order
from karvon.orders.services import expire_unpaid_orders
from karvon.payments.models import PaymentAttempt
from karvon.payments.protocol import CallbackRequest, Reply
from karvon.payments.services import receive_callback
from karvon.settings.providers import read_accounts
from karvon.simulators.credentials import environment

BIT = timedelta(milliseconds=1)


def contracts() -> Any:
    """The platform's accounts with every provider, none of which is there."""
    return read_accounts(defaultdict(str, environment("http://127.0.0.1:9")))


def call(provider: str, body: bytes, *, key: str = "", **changes: Any) -> Reply:
    """What is answered to a message; `changes` are fields of the request."""
    fields: dict[str, Any] = {
        "method": "POST",
        "action": "",
        "body": body,
        "headers": {},
        "address": "185.234.113.1",
        "received_at": clock.now(),
    }
    return receive_callback(provider=provider, key=key, request=CallbackRequest(**fields | changes))


def basic(user: str, password: str) -> str:
    """The header of somebody who signs on."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def states() -> list[str]:
    """Of all transactions, oldest first."""
    return list(PaymentAttempt.objects.order_by("pk").values_list("state", flat=True))


def payment_state(order: Order) -> str:
    return Order.objects.get(pk=order.pk).payment_state


def expire(order: Order) -> None:
    """Nobody paid in time."""
    expire_unpaid_orders(now=clock.now() + timedelta(hours=2))
    drain_outbox()


def sell_out(order: Order) -> None:
    """Others buy all that is left of what was ordered."""
    for line in order.lines.all():
        for level in StockLevel.objects.filter(variant=line.variant_id):
            left = level.on_hand - level.reserved
            take_stock(order_id=1, demands=[Demand(level.variant_id, level.branch_id, left)], commit=True)
