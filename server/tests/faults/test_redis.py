"""Redis goes away, and comes back with nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from karvon.accounts.tests.factories import PASSWORD
from karvon.carts.models import CartCheckpoint
from karvon.catalog.window import refresh_products
from karvon.inventory.tests.factories import make_variant
from karvon.notifications.models import MailState
from karvon.notifications.tests.mailserver import Behaviour
from tests.faults.buyers import Buyer, Crowd, assert_is_away, assert_sold_once, make_buyers
from tests.faults.events import assert_counted_once, wait_until_all_are_handled
from tests.faults.mails import are_settled, hold_mails, states_of, taken_by_server
from tests.faults.shop import Shop, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]

REDIS_SECONDS = 2.0  # KARVON_REDIS_TIMEOUT
PERSON = {"email": "aziza@example.com", "password": PASSWORD}


def test_redis_killed_and_back_empty(shop: Shop, mail: Behaviour) -> None:
    """Guarded by what is kept in SQL: copies of carts, answers by key, events, deliveries and mails. Without
    Redis the catalogue and logins answer, carts and checkouts are 503; afterwards nobody had to be started again,
    and what the broker has lost is handed over once more.
    """
    variant = make_variant(units=50)
    buyers = make_buyers(shop, variant, 6)
    early, late = buyers[:3], buyers[3:]
    assert shop.ask("POST", "/api/v1/auth/users/", PERSON)[0] == 201
    refresh_products([variant.product_id])
    wait_for(lambda: are_copied(buyers), "carts have their copies")
    before = shop.parents()
    hold_mails(mail)
    try:
        orders = Crowd(early).orders()
        wait_for(lambda: len(taken_by_server(mail, early)) == 2, "the worker has mails in hand")
        wait_for(shop.queue_length, "the broker has what no worker will see")
        shop.valkey.kill()
    finally:
        mail.may_answer.set()

    assert_reads_answer(shop, variant.product_id)
    assert_logs_in(shop)
    for method, path in (("GET", "/api/v1/cart/"), ("POST", "/api/v1/orders/")):
        assert_is_away(shop.ask(method, path, late[0].body if method == "POST" else None, **late[0].headers))
    status, body, _ = shop.ask("GET", "/health/ready")
    assert (status, body["checks"]["redis"], body["checks"]["database"]) == (503, "down", "up")

    crowd = Crowd(late)
    wait_for(lambda: all(503 in buyer.heard for buyer in late), "they ask again and again")
    shop.valkey.start()
    orders += crowd.orders()

    assert {status for buyer in late for status in buyer.heard} == {503, 201}
    assert [buyer.order()["id"] for buyer in early] == [order["id"] for order in orders[:3]]
    assert_sold_once(variant, received=50, orders=orders)
    shop.let_minutes_pass()
    wait_until_all_are_handled(orders)
    assert_counted_once(variant, 6)
    wait_for(lambda: are_settled(buyers), "every mail has an end")
    assert states_of(buyers) == {MailState.SENT: 6}
    assert taken_by_server(mail, buyers) == {buyer.email: 1 for buyer in buyers}
    assert shop.parents() == before
    wait_for(lambda: shop.ask("GET", "/health/")[1]["status"] == "healthy", "all is well")


def test_redis_that_does_not_answer_at_all(shop: Shop) -> None:
    """Guarded by short timeouts and by not asking again at once: readers do not wait for a Redis that takes its
    time, and a checkout is told so before the customer gives up.
    """
    variant = make_variant(units=5)
    (buyer,) = make_buyers(shop, variant, 1)
    os.kill(shop.valkey.process.pid, signal.SIGSTOP)
    try:
        moments = [time_of(lambda: shop.ask("GET", "/api/v1/products/")[0]) for _ in range(20)]
        checkout = time_of(lambda: shop.ask("POST", "/api/v1/orders/", buyer.body, **buyer.headers)[0])
    finally:
        os.kill(shop.valkey.process.pid, signal.SIGCONT)

    assert [status for status, _ in moments] == [200] * 20
    # once in each of the two web processes, and perhaps a second time
    assert sum(seconds > REDIS_SECONDS * 0.9 for _, seconds in moments) <= 4, moments
    assert checkout[0] == 503
    assert checkout[1] < 6
    assert_sold_once(variant, received=5, orders=[buyer.order()])


def time_of(ask: Callable[[], int]) -> tuple[int, float]:
    """A status, and how long it took."""
    started = time.monotonic()
    return ask(), time.monotonic() - started


def are_copied(buyers: list[Buyer]) -> bool:
    carts = [buyer.cart_id for buyer in buyers]
    return CartCheckpoint.objects.filter(cart_id__in=carts).count() == len(carts)


def assert_reads_answer(shop: Shop, product_id: int) -> None:
    for path in ("/api/v1/products/", f"/api/v1/products/{product_id}/", "/api/v1/categories/"):
        status, body, _ = shop.ask("GET", path)
        assert status == 200, (path, body)


def assert_logs_in(shop: Shop) -> None:
    status, body, _ = shop.ask("POST", "/api/v1/auth/jwt/create/", PERSON)
    assert (status, set(body)) == (200, {"access", "refresh"})
