"""Web processes that die, freeze or are asked to end while customers check out."""

from __future__ import annotations

import os
import signal
from functools import partial

import pytest

from karvon.inventory.tests.factories import level_of, make_variant
from karvon.runtime import pids
from tests.faults.buyers import Crowd, assert_sold_once, make_buyers
from tests.faults.locks import IDLE, count_sessions, held, wait_until_blocked
from tests.faults.shop import Shop, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def test_web_workers_killed_in_the_midst_of_checkouts(shop: Shop) -> None:
    """Guarded by the key's row and the order in one transaction: what died left neither, so the same key goes
    on, and an answer that was lost on the way is given again.
    """
    variant = make_variant(units=500)
    buyers = make_buyers(shop, variant, 40)
    for buyer in buyers[::4]:
        buyer.order_and_hang_up()
    with held(shop, "inventory_stocklevel", level_of(variant).pk):
        crowd = Crowd(buyers)
        wait_until_blocked(4)
        os.kill(shop.web_workers()[0], signal.SIGKILL)
    wait_for(lambda: crowd.answered > 8, "orders go on")
    os.kill(shop.web_workers()[-1], signal.SIGKILL)

    orders = crowd.orders()

    assert any(None in buyer.heard for buyer in buyers), "nobody was hit"
    assert_sold_once(variant, received=500, orders=orders)
    wait_for(lambda: len(shop.web_workers()) == 2, "both web workers are back")


def test_a_key_whose_web_worker_froze_is_free_again(shop: Shop) -> None:
    """Nothing tells PostgreSQL that the machine at the other end is gone. Guarded by the limit on idle
    transactions (`KARVON_IDLE_TRANSACTION_TIMEOUT_MS`, less than a minute): without it the key and the stock
    row stay locked for as long as the connection seems to stand.
    """
    variant = make_variant(units=5)
    (buyer,) = make_buyers(shop, variant, 1)
    with held(shop, "inventory_stocklevel", level_of(variant).pk):
        buyer.order_and_hang_up(when=partial(wait_until_blocked, 1))
        frozen = shop.freeze("web")
    try:
        wait_for(lambda: count_sessions(IDLE) == 1, "the row is the frozen checkout's", seconds=5)
        wait_for(lambda: count_sessions(IDLE) == 0, "PostgreSQL ends it", seconds=15)
    finally:
        shop.thaw(frozen)

    order = buyer.order()

    assert_sold_once(variant, received=5, orders=[order])
    assert buyer.heard == [201]
    assert "unforeseen_error" not in shop.said()


def test_web_is_asked_to_end_while_customers_check_out(shop: Shop) -> None:
    """Guarded by granian's graceful stop, and its supervisor's patience: what came in is answered."""
    variant = make_variant(units=50)
    buyers = make_buyers(shop, variant, 6)
    parent = shop.pids_of("web")[0]
    with held(shop, "inventory_stocklevel", level_of(variant).pk):
        crowd = Crowd(buyers, at_once=len(buyers))
        wait_until_blocked(3)
        busy = shop.web_workers()
        os.kill(parent, signal.SIGTERM)
        wait_for(lambda: "Shutting down" in shop.said(), "it has heard")
        assert pids.wait_gone(busy, 1.5), "nobody waits for the customers"

    orders = crowd.orders()

    assert [buyer.heard for buyer in buyers] == [[201]] * len(buyers)
    assert_sold_once(variant, received=50, orders=orders)
    assert not pids.wait_gone([parent], 15)
    wait_for(shop.is_ready, "another one is up")
    assert [buyer.order()["id"] for buyer in buyers] == [order["id"] for order in orders]
