"""What shoppers do, for Locust: browse, cart, register and log in, check out, pay - at the canonical and the storefront door.

`make load` runs it headless; by hand: `locust -f bench/shoppers.py --host http://localhost:8000`, with KARVON_LOAD_GOODS naming
a file that `python -m measuring.shop goods FILE` wrote. Every request asserts the documented status and fields.
"""

from __future__ import annotations

import json
import os
import random
import threading
import uuid
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task

GOODS = json.loads(Path(os.environ["KARVON_LOAD_GOODS"]).read_text())
DOORS = os.environ.get("KARVON_LOAD_DOORS", "v1").split(",")
PASSWORD = "a-long-word-for-load-7"  # noqa: S105 - of people who are made up
ADDRESS = {"line1": "Amir Temur 1", "city": "Tashkent", "country": "UZ"}
CONTACT = {"name": "Aziza", "phone": "+998901234567", "email": "aziza@example.com"}
SEARCHES = (
    "kettle",
    "nova keyboard",
    "клавиатура",
    "naushnik",
    "футб",
    "هاتف",
    "Sirdaryo",
    "lumio laptop",
    "смартфон",
)


class _Operator:
    """One login of the demo's administrator for all who need one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token = ""

    def headers(self, shopper: _Shopper) -> dict[str, str]:
        with self._lock:
            if not self._token:
                body = {"username": "admin", "password": "karvon-demo"}
                answer = shopper.ask(
                    "POST", "/api/v1/auth/jwt/create/", "operator login", 200, body, fields=("access",)
                )
                self._token = answer["access"]
        return {"Authorization": f"Bearer {self._token}"}


class _Shopper(HttpUser):
    """Looks, thinks for a second, looks again; each at one door."""

    abstract = True
    wait_time = between(0.6, 1.6)

    def on_start(self) -> None:
        self.door = random.choice(DOORS)
        self.is_store = self.door == "store"
        self.token: dict[str, str] = {}
        self.name = ""

    def ask(
        self,
        method: str,
        path: str,
        what: str,
        status: int,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        fields: tuple[str, ...] = (),
    ) -> Any:
        """The parsed answer; anything but the documented status and fields is a failure of the statistics, and {}."""
        name = f"{self.door}: {what}"
        with self.client.request(
            method, path, json=body, headers=headers, name=name, catch_response=True, timeout=30
        ) as answer:
            if answer.status_code != status:
                answer.failure(f"{answer.status_code} instead of {status}: {answer.text[:120]}")
                return {}
            found = answer.json() if answer.content else {}
            if missing := [field for field in fields if field not in found]:
                answer.failure(f"without {missing}")
                return {}
            answer.success()
            return found

    # --- what several of them do ---
    def register(self) -> None:
        self.name = f"load{uuid.uuid4().hex[:16]}"
        prefix = "" if self.is_store else "/api/v1"
        body = {
            "username": self.name, "email": f"{self.name}@example.com", "password": PASSWORD,
            "first_name": "Load", "last_name": "Test",
        }  # fmt: skip
        self.ask("POST", f"{prefix}/auth/users/", "register", 201, body, fields=("id",))
        self.log_in()

    def log_in(self) -> None:
        prefix = "" if self.is_store else "/api/v1"
        body = {"username": self.name, "password": PASSWORD}
        found = self.ask(
            "POST", f"{prefix}/auth/jwt/create/", "login", 200, body, fields=("access", "refresh")
        )
        if found:
            self.token = {"Authorization": f"{'JWT' if self.is_store else 'Bearer'} {found['access']}"}

    def fill_cart(self, lines: int = 2) -> str:
        """A new cart with lines; its id, or "" when something went wrong."""
        chosen = random.sample(GOODS, lines)
        if self.is_store:
            cart = self.ask(
                "POST", "/store/carts/", "cart create", 201, {}, fields=("id", "items", "total_price")
            )
            for product, _variant in chosen if cart else ():
                body = {"product_id": product, "quantity": 1}
                self.ask("POST", f"/store/carts/{cart['id']}/items/", "cart add", 201, body, fields=("id",))
            return str(cart.get("id", ""))
        cart = self.ask(
            "POST", "/api/v1/cart/", "cart create", 201, {}, headers=self.token, fields=("id", "items")
        )
        headers = self.cart_headers(cart.get("id", ""))
        for _product, variant in chosen if cart else ():
            body = {"variant_id": variant, "quantity": 1}
            path = "/api/v1/cart/add/"
            self.ask("POST", path, "cart add", 200, body, headers=headers, fields=("id", "items"))
        return str(cart.get("id", ""))

    def cart_headers(self, cart: str) -> dict[str, str]:
        """A customer's cart is found by the token, a guest's by its id."""
        return self.token or {"X-Cart-ID": cart}

    def order(self) -> Any:
        """A placed order, cash on delivery; {} when it did not work."""
        cart = self.fill_cart()
        if not cart:
            return {}
        if self.is_store:
            fields = ("id", "payment_status", "items")
            return self.ask(
                "POST",
                "/store/orders/",
                "order create",
                201,
                {"cart_id": cart},
                headers=self.token,
                fields=fields,
            )
        body = {"payment_method": "cash", "delivery_address": ADDRESS, "contact": CONTACT}
        headers = {"Idempotency-Key": str(uuid.uuid4()), **self.cart_headers(cart)}
        fields = ("id", "payment_status", "total")
        return self.ask("POST", "/api/v1/orders/", "order create", 201, body, headers=headers, fields=fields)


class Browser(_Shopper):
    """Lists, filters, searches, pages of products."""

    weight = 6

    def on_start(self) -> None:
        super().on_start()
        self.seen: list[int] = [product for product, _variant in GOODS]
        self.products = "/store/products/" if self.is_store else "/api/v1/products/"

    @task(5)
    def look_at_list(self) -> None:
        page = random.choice(("", "?page=2", "?page=3"))
        found = self.ask("GET", f"{self.products}{page}", "product list", 200, fields=("count", "results"))
        self.seen = [each["id"] for each in found.get("results", ())] or self.seen

    @task(4)
    def look_at_page(self) -> None:
        path = f"{self.products}{random.choice(self.seen)}/"
        self.ask("GET", path, "product detail", 200, fields=("id", "title", "slug"))

    @task(2)
    def search(self) -> None:
        path = f"{self.products}?search={random.choice(SEARCHES)}"
        self.ask("GET", path, "product search", 200, fields=("count", "results"))

    @task(1)
    def sort_by_price(self) -> None:
        name = "unit_price" if self.is_store else "price"
        path = f"{self.products}?ordering=-{name}"
        self.ask("GET", path, "product list by price", 200, fields=("count", "results"))

    @task(1)
    def look_at_categories(self) -> None:
        path = "/store/collections/" if self.is_store else "/api/v1/categories/"
        self.ask("GET", path, "categories", 200, fields=("results",))


class Hesitant(_Shopper):
    """Fills carts, changes them, and leaves."""

    weight = 2

    @task
    def fill_and_change(self) -> None:
        cart = self.fill_cart()
        if not cart:
            return
        headers = {} if self.is_store else self.cart_headers(cart)
        path = f"/store/carts/{cart}/" if self.is_store else "/api/v1/cart/"
        found = self.ask("GET", path, "cart", 200, headers=headers, fields=("id", "items"))
        for line in found.get("items", ())[:1]:
            lines = f"/store/carts/{cart}/items/" if self.is_store else "/api/v1/cart/update/"
            method = "PATCH" if self.is_store else "PUT"
            self.ask(method, f"{lines}{line['id']}/", "cart change", 200, {"quantity": 3}, headers=headers)


class Newcomer(_Shopper):
    """Registers, logs in, looks at the own profile."""

    weight = 1
    wait_time = between(3, 6)

    @task
    def join(self) -> None:
        self.register()
        path = "/auth/users/me/" if self.is_store else "/api/v1/auth/users/me/"
        self.ask("GET", path, "own profile", 200, headers=self.token, fields=("id", "username"))


class Buyer(_Shopper):
    """Fills a cart, orders, looks at the order."""

    weight = 2
    wait_time = between(1.5, 3)

    def on_start(self) -> None:
        super().on_start()
        self.register()

    @task
    def buy(self) -> None:
        placed = self.order()
        if placed:
            path = f"/store/orders/{placed['id']}/" if self.is_store else f"/api/v1/orders/{placed['id']}/"
            self.ask("GET", path, "order", 200, headers=self.token, fields=("id", "items"))


class Payer(_Shopper):
    """Orders with cash, has it marked as paid, and looks at the payment's state; providers come with their own contract."""

    weight = 1
    wait_time = between(2, 4)
    operator = _Operator()

    def on_start(self) -> None:
        super().on_start()
        self.register()

    @task
    def pay(self) -> None:
        placed = self.order()
        if not placed:
            return
        headers = self.operator.headers(self)
        if self.is_store:
            order = f"/store/orders/{placed['id']}/"
            self.ask("PATCH", order, "mark paid", 200, {"payment_status": "C"}, headers=headers)
            path, fields = f"/payments/status/{placed['id']}/", ("order_id", "payment_status", "payments")
        else:
            order = f"/api/v1/orders/{placed['id']}/"
            self.ask("POST", f"{order}mark-paid/", "mark paid", 200, {}, headers=headers)
            path, fields = order, ("payment_status",)
        self.ask("GET", path, "payment status", 200, headers=self.token, fields=fields)


@events.test_start.add_listener
def refuse_without_goods(**_: Any) -> None:
    if len(GOODS) < 2:
        raise SystemExit("the shop has nothing to sell")
