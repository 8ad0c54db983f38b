"""Buyers as their phones behave: one key for one order, sent again until there is an answer."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.core.management import call_command

from karvon.carts.tests.factories import cart_id_of, fill_cart
from karvon.catalog.models import Variant
from karvon.inventory.tests.factories import level_of
from karvon.orders.models import Order
from tests.faults.shop import Shop

PATIENCE = 60.0
PAUSE = 0.2


@dataclass
class Buyer:
    """A guest with a full cart. `heard` is every answer: its status, or None for a line that broke."""

    shop: Shop
    cart_id: str
    name: str
    key: str = field(default_factory=lambda: uuid4().hex)
    heard: list[int | None] = field(default_factory=list)
    refusals: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    timeout: float = 20

    @property
    def headers(self) -> dict[str, str]:
        return {"X_Cart_ID": self.cart_id, "Idempotency_Key": self.key}

    @property
    def email(self) -> str:
        return f"{self.name}@example.com"

    @property
    def body(self) -> dict[str, Any]:
        return {
            "payment_method": "cash",
            "delivery_address": {"line1": "Amir Temur 1", "city": "Tashkent"},
            "contact": {"name": self.name, "phone": "+998901234567", "email": self.email},
        }

    def order(self) -> dict[str, Any]:
        """The order; asks again with the same key while the shop is away. Raises AssertionError for any other
        answer, and when there is none in time.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = self.shop.ask(
                    "POST", "/api/v1/orders/", self.body, timeout=self.timeout, **self.headers
                )
            except (OSError, http.client.HTTPException):
                self.heard.append(None)
            else:
                self.heard.append(answer[0])
                if answer[0] == 201:
                    return dict(answer[1])
                self.refusals.append(answer)
                code = answer[1]["code"] if answer[1] else None
                # "busy": the first attempt is still at it
                assert (answer[0], code) in ((503, "dependency_down"), (409, "busy")), answer
            time.sleep(PAUSE)
        raise AssertionError(f"{self.name} has no answer; heard {self.heard}")

    def order_and_hang_up(self, when: Callable[[], object] = lambda: None) -> None:
        """Send the order and do not wait for the answer. `when` returns once the shop is at work on it: of a caller who
        is gone before that it may take no notice.
        """
        payload = json.dumps(self.body).encode()
        head = "".join(
            f"{name}: {text}\r\n"
            for name, text in {
                "Host": "localhost",
                "Content-Type": "application/json",
                "Content-Length": str(len(payload)),
                "X-Cart-ID": self.cart_id,
                "Idempotency-Key": self.key,
            }.items()
        )
        with socket.create_connection(self.shop.plan.local_address, timeout=5) as line:
            line.sendall(f"POST /api/v1/orders/ HTTP/1.1\r\n{head}\r\n".encode() + payload)
            when()


def make_buyers(shop: Shop, variant: Variant, how_many: int, *, units: int = 1) -> list[Buyer]:
    """Each with a cart of `units` of the variant."""
    return [
        Buyer(shop, str(cart_id_of(fill_cart((variant, units)))), f"buyer-{variant.pk}-{number}")
        for number in range(how_many)
    ]


class Crowd:
    """Buyers who order at the same time, `at_once` of them."""

    def __init__(self, buyers: list[Buyer], *, at_once: int = 12) -> None:
        self.buyers = buyers
        self.answered = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(at_once)
        self._orders: list[Future[dict[str, Any]]] = [self._pool.submit(self._buy, each) for each in buyers]

    def _buy(self, buyer: Buyer) -> dict[str, Any]:
        order = buyer.order()
        with self._lock:
            self.answered += 1
        return order

    def orders(self) -> list[dict[str, Any]]:
        """Everybody's order, in the buyers' order. Raises what a buyer raised."""
        try:
            return [each.result(PATIENCE + 10) for each in self._orders]
        finally:
            self._pool.shutdown(cancel_futures=True)


def assert_sold_once(
    variant: Variant, *, received: int, orders: list[dict[str, Any]], units: int = 1
) -> None:
    """Every answer is an order of its own, there are no others, and every book agrees."""
    ids = [order["id"] for order in orders]
    assert len(set(ids)) == len(ids)
    placed = Order.objects.filter(lines__variant=variant)
    assert sorted(placed.values_list("pk", flat=True)) == sorted(ids)
    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (received - units * len(ids), 0)
    call_command("verify_books")


def assert_is_away(answer: tuple[int, Any, dict[str, str]]) -> None:
    """The documented 503."""
    status, body, headers = answer
    assert (status, body["code"], set(body)) == (503, "dependency_down", {"error", "code", "details"}), answer
    assert int(headers["retry-after"]) > 0
