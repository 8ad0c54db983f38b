"""Processes that die between a provider's deed and our writing it down. What was charged and given back is the simulators' to say."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.redis import get_redis
from karvon.kernel.testing import drain_outbox
from karvon.ledger.models import Account as LedgerAccount
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.orders.services import cancel_order
from karvon.payments.models import Payment, PaymentStatus, Refund, RefundState
from karvon.payments.services import ask_about_open, ask_provider, begin_payment, send_due_refunds
from karvon.payments.services.refunding import LEASE
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import Postbag, hear, simulated
from karvon.simulators.razorpay import checkout_link
from tests.concurrency.crowds import wait_until_blocked
from tests.concurrency.processes import Victim
from tests.faults.shop import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PROVIDERS = ["razorpay", "stripe", "paypal"]


@pytest.fixture(autouse=True)
def clean_redis() -> None:
    """These need no shop of their own, and so the shared Redis is theirs."""
    get_redis().flushdb()


@pytest.fixture
def postbag() -> Postbag:
    return Postbag()


@pytest.fixture
def simulators(settings, postbag):
    with simulated(settings, caller=postbag) as running:
        yield running
        assert running.complaints() == []


def unpaid(provider: str) -> Order:
    currency = "INR" if provider == "razorpay" else "USD"
    goods = make_variant(merchant=make_merchant(currency=currency), units=2)
    return make_unpaid(provider, (goods, 1))


def begin(order: Order) -> Payment:
    return begin_payment(order_id=order.pk, provider=order.payment_method, payer=order.customer)


def link_of(simulators, payment: Payment) -> str:
    if payment.provider != "razorpay":
        return payment.next_step["url"]
    data = payment.next_step["data"]
    return checkout_link(f"{simulators.base}/razorpay", data["key_id"], data["razorpay_order_id"])


def kill_before_it_writes(order: Order, work: Callable[[], Any]) -> None:
    """Killed when it waits for the order's row: the provider has answered, and nothing is written."""
    victim = Victim(work)
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        victim.go()
        wait_until_blocked()
        victim.kill()


def pay(simulators, postbag, payment: Payment) -> None:
    """Paid, and written down."""
    simulators.act(link_of(simulators, payment), "pay")
    for call in postbag.calls:
        hear(call)
    if payment.provider == "paypal":
        ask_provider(payment_id=payment.pk)
    drain_outbox()


def assert_paid_once(simulators, order: Order) -> None:
    drain_outbox()
    order.refresh_from_db()
    assert (order.state, order.payment_state) == (OrderState.CONFIRMED, PaymentState.PAID)
    payment = Payment.objects.get()
    assert (payment.state, payment.refunds.count()) == (PaymentStatus.PAID, 0)
    charge = only(simulators.charges())
    assert (charge["payment"], charge["returned"]) == (payment.charge_reference, 0)
    assert charge["amount"] == int(order.total * 100)
    assert_balanced()


def assert_balanced() -> None:
    assert LedgerAccount.objects.aggregate(sum=Sum("balance"))["sum"] == 0
    assert verify_books() == []


def only(things: list[Any]) -> Any:
    assert len(things) == 1, things
    return things[0]


@pytest.mark.parametrize("provider", ["razorpay", "stripe"])
def test_killed_while_it_hears_of_a_charge(simulators, postbag, provider):
    """Guarded by one transaction for the event and what it does, and by the provider, which says again what nobody took."""
    order = unpaid(provider)
    simulators.act(link_of(simulators, begin(order)), "pay")

    kill_before_it_writes(order, functools.partial(list, map(hear, postbag.calls)))
    assert Payment.objects.get().state == PaymentStatus.PENDING
    assert {hear(call).status for call in postbag.calls} == {200}

    assert_paid_once(simulators, order)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_killed_between_a_charge_and_its_writing(simulators, postbag, provider):
    """Guarded by the sweep that asks about what is open: what was taken is told, not taken a second time, and the provider's own
    message says nothing new.
    """
    order = unpaid(provider)
    payment = begin(order)
    # paid and never told, or left to us to take
    does = {"razorpay": "authorize", "paypal": "pay", "stripe": "callback-lost"}[provider]
    simulators.act(link_of(simulators, payment), does)
    later = clock.now() + timedelta(hours=2)

    kill_before_it_writes(order, functools.partial(ask_about_open, now=later))
    assert len(simulators.charges()) == 1
    assert Payment.objects.get().state == PaymentStatus.PENDING
    assert ask_about_open(now=later + timedelta(hours=2)) == 1
    simulators.deliver()
    for call in postbag.calls:
        assert hear(call).status == 200
    ask_provider(payment_id=payment.pk)

    assert_paid_once(simulators, order)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_killed_between_a_refund_and_its_writing(simulators, postbag, provider):
    """Guarded by the lease on a refund that is being sent, which ends, and by its key, under which it is made once."""
    order = unpaid(provider)
    payment = begin(order)
    pay(simulators, postbag, payment)
    cancel_order(order_id=order.pk, actor=None)
    drain_outbox()

    kill_before_it_writes(order, send_due_refunds)
    units = int(order.total * 100)
    assert only(simulators.charges())["returned"] == units
    assert Refund.objects.get().state == RefundState.PROCESSING
    assert send_due_refunds() == 0, "its sender may be alive"
    assert send_due_refunds(now=clock.now() + LEASE) == 1

    simulators.deliver()
    for call in postbag.calls:
        hear(call)
    drain_outbox()
    assert only(simulators.charges())["returned"] == units
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.state, payment.refunded_amount) == (PaymentStatus.REFUNDED, order.total)
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert order.payment_state == PaymentState.REFUNDED
    assert_balanced()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_killed_while_it_begins(simulators, postbag, provider):
    """Guarded by the key of a payment, which is the same when it is begun again: one page to pay on."""
    order = unpaid(provider)
    victim = Victim(functools.partial(begin, order))
    simulators.world.set_mode(provider, {"mode": "slow", "seconds": 60})
    victim.go()
    wait_for(lambda: simulators.world.journal.listed(provider, "request"), "the provider was asked")
    victim.kill()
    simulators.world.set_mode(provider, {"mode": "ok"})

    payment = begin(order)

    assert Payment.objects.get() == payment
    pay(simulators, postbag, payment)
    assert_paid_once(simulators, order)
