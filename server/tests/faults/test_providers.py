"""Providers that are slow or down: nobody waits for them for longer than they are given, and soon nobody asks."""

from __future__ import annotations

import functools
from threading import Thread

import pytest
from django.db import connection

from karvon.inventory.tests.factories import make_variant
from karvon.kernel.redis import get_redis
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.orders.services import cancel_order
from karvon.payments import outside
from karvon.payments.errors import ProviderUnavailable
from karvon.payments.models import Payment
from karvon.payments.services import begin_payment
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import simulated
from karvon.simulators.razorpay import checkout_link
from tests.concurrency.crowds import count_of, run_crowd
from tests.concurrency.processes import run_processes
from tests.faults.shop import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clean_redis() -> None:
    """These need no shop of their own, and so the shared Redis is theirs."""
    get_redis().flushdb()


@pytest.fixture
def simulators(settings):
    with simulated(settings) as running:
        yield running
        assert running.complaints() == []


@pytest.fixture
def order() -> Order:
    goods = make_variant(merchant=make_merchant(currency="INR"), units=10)
    return make_unpaid("razorpay", (goods, 1))


def begin(order: Order) -> Payment | ProviderUnavailable:
    try:
        return begin_payment(order_id=order.pk, provider="razorpay", payer=order.customer)
    except ProviderUnavailable as error:
        return error


def asked(simulators) -> int:
    return len(simulators.world.journal.listed("razorpay", "request"))


def test_while_a_provider_thinks_it_holds_nobody(simulators, order):
    """Guarded by asking outside of transactions: no row is held, and whoever comes by does what he came for."""
    simulators.world.set_mode("razorpay", {"mode": "slow", "seconds": 60})

    def wait_for_it() -> None:
        begin(order)
        connection.close()

    waiting = Thread(target=wait_for_it, daemon=True)
    waiting.start()
    wait_for(lambda: asked(simulators), "the provider was asked")

    cancel_order(order_id=order.pk, actor=order.customer)

    assert waiting.is_alive(), "it should have waited for the provider until now"
    simulators.world.set_mode("razorpay", {"mode": "ok"})
    waiting.join(30)
    drain_outbox()
    assert Order.objects.get().state == OrderState.CANCELLED
    assert verify_books() == []


def test_after_five_silences_nobody_asks_until_one_may_try(simulators, order, monkeypatch):
    """Guarded by the breaker in Redis, which all processes share. What the provider says by itself is heard all the time."""
    monkeypatch.setattr(outside, "TIMEOUT", 0.3)
    payment = begin(order)
    other = make_unpaid("razorpay", (order.lines.get().variant, 1))
    simulators.world.set_mode("razorpay", {"mode": "slow", "seconds": 60})
    silences = run_crowd([functools.partial(begin, other)] * outside.FAILURES)
    assert count_of(silences, ProviderUnavailable) == outside.FAILURES
    assert asked(simulators) == 1 + outside.FAILURES

    simulators.world.set_mode("razorpay", {"mode": "ok"})
    told = run_processes([functools.partial(is_refused, other)] * 2)

    assert told == [True, True]
    assert asked(simulators) == 1 + outside.FAILURES, "the breaker is open"
    data = payment.next_step["data"]
    link = checkout_link(f"{simulators.base}/razorpay", data["key_id"], data["razorpay_order_id"])
    simulators.act(link, "pay")
    order.refresh_from_db()
    assert order.payment_state == PaymentState.PAID

    let_time_pass()
    simulators.world.set_mode("razorpay", {"mode": "down"})
    assert count_of(run_crowd([functools.partial(begin, other)] * 4), ProviderUnavailable) == 4
    assert asked(simulators) == 2 + outside.FAILURES, "one tried for all"
    let_time_pass()
    simulators.world.set_mode("razorpay", {"mode": "ok"})
    assert isinstance(begin(other), Payment)
    assert isinstance(begin(make_unpaid("razorpay", (order.lines.get().variant, 1))), Payment)


def is_refused(order: Order) -> bool:
    return isinstance(begin(order), ProviderUnavailable)


def let_time_pass() -> None:
    """What keeps everybody away for half a minute is over, and so is the trial that failed."""
    get_redis().delete("breaker:razorpay:open", "breaker:razorpay:trial")


def test_no_provider_is_waited_for_longer_than_five_seconds():
    assert outside.TIMEOUT <= 5
