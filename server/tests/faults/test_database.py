"""PostgreSQL is killed under load, and comes back."""

from __future__ import annotations

import pytest
from django.db import connection

from karvon.inventory.tests.factories import make_variant
from karvon.notifications.models import MailState
from karvon.notifications.tests.mailserver import Behaviour
from tests.faults.buyers import Crowd, assert_is_away, assert_sold_once, make_buyers
from tests.faults.events import assert_counted_once, wait_until_all_are_handled
from tests.faults.mails import are_settled, hold_mails, states_of, taken_by_server
from tests.faults.shop import Shop, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]
READY_AGAIN = 15


def test_postgresql_killed_again_and_again_in_the_midst_of_checkouts(shop: Shop, mail: Behaviour) -> None:
    """Guarded by one transaction per order and by connections that are thrown away when they break: everybody is
    told 503 with `Retry-After`, nobody 500, no answered order is gone, and nobody had to be started again. A worker
    that has handed a mail over waits with its news for the database.
    """
    variant = make_variant(units=500)
    buyers = make_buyers(shop, variant, 42)
    early, buyers = buyers[:2], buyers[2:]
    before = shop.parents()
    hold_mails(mail)
    orders = Crowd(early).orders()
    wait_for(lambda: len(taken_by_server(mail, early)) == 2, "the worker has their mails in hand")
    crowd = Crowd(buyers, at_once=8)
    for number in range(1, 4):
        wait_for(lambda target=6 * number: crowd.answered > target, "orders are placed")
        shop.postgres.kill()
        connection.close()
        mail.may_answer.set()
        refused = sum(each.heard.count(503) for each in buyers)
        wait_for(
            lambda heard=refused: sum(each.heard.count(503) for each in buyers) > heard,
            "they are told to wait",
        )
        for path in ("/api/v1/products/", "/api/v1/products/any/", "/api/v1/cart/"):
            assert_is_away(shop.ask("GET", path, X_Cart_ID=buyers[-1].cart_id))
        status, body, headers = shop.ask("GET", "/health/ready")
        assert (status, body["checks"]["database"], body["checks"]["redis"]) == (503, "down", "up")
        assert headers["retry-after"]
        shop.postgres.start()
        wait_for(shop.is_ready, "the shop is ready", seconds=READY_AGAIN)
    orders += crowd.orders()

    assert {status for buyer in buyers for status in buyer.heard} == {503, 201}
    for buyer in buyers:
        for refusal in buyer.refusals:
            assert_is_away(refusal)
    assert_sold_once(variant, received=500, orders=orders)
    shop.let_minutes_pass(6)
    wait_until_all_are_handled(orders)
    assert_counted_once(variant, 42)
    wait_for(lambda: are_settled(early + buyers), "every mail has an end")
    assert states_of(early) == {MailState.SENT: 2}
    assert set(taken_by_server(mail, early + buyers).values()) == {1}
    assert shop.parents() == before
    wait_for(lambda: shop.ask("GET", "/health/")[1]["status"] == "healthy", "all is well")
