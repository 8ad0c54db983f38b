"""Providers that speak all at once, again and again, in any order, and others in their name: money moves once."""

from __future__ import annotations

import functools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.models import OutboxEvent
from karvon.kernel.testing import drain_outbox
from karvon.ledger.models import Account as LedgerAccount
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.orders.services import cancel_order, expire_unpaid_orders
from karvon.payments.errors import NotRefundable
from karvon.payments.models import EventOutcome, Payment, PaymentStatus, ProviderEvent, Refund, RefundReason
from karvon.payments.services import (
    begin_payment,
    refund_order,
    refund_payment,
    send_due_refunds,
    send_refund,
)
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import Postbag, hear, simulated
from karvon.simulators.razorpay import checkout_link
from karvon.simulators.world import Call
from tests.concurrency.crowds import run_crowd
from tests.concurrency.processes import run_processes
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)

CALLBACKS = 1_000
PROCESSES = 8
ORDERS = 12


@pytest.fixture
def postbag():
    return Postbag()


@pytest.fixture
def simulators(settings, postbag):
    with simulated(settings, caller=postbag) as running:
        yield running
        assert running.complaints() == []


def unpaid(how_many: int = 1, method: str = "razorpay", units: int = 1) -> list[Order]:
    """Orders of one seller's one thing."""
    merchant = make_merchant(currency="INR")
    customer, goods = make_user(), make_variant(merchant=merchant, units=how_many * units)
    return [make_unpaid(method, (goods, units), customer=customer) for _ in range(how_many)]


def begin(order: Order, provider: str = "razorpay") -> Payment:
    return begin_payment(order_id=order.pk, provider=provider, payer=order.customer)


def link_of(simulators, payment: Payment) -> str:
    if payment.provider != "razorpay":
        return payment.next_step["url"]
    data = payment.next_step["data"]
    return checkout_link(f"{simulators.base}/razorpay", data["key_id"], data["razorpay_order_id"])


def hear_stubbornly(call: Call) -> int:
    """The shop's answer to a provider that says it again while it is told to."""
    for _ in range(20):
        answer = hear(call)
        if answer.status != 503:
            return answer.status
    return answer.status


def hear_all(calls: Sequence[Call]) -> Counter[int]:
    return Counter(map(hear_stubbornly, calls))


def shuffled(calls: Sequence[Call], forged: Sequence[Call], how_many: int) -> list[Call]:
    """So many messages, every one of `calls` several times, in an order that is the same in each run."""
    again = [calls[number % len(calls)] for number in range(how_many - len(forged))]
    mixed = [*again, *forged]
    random.Random(8).shuffle(mixed)
    return mixed


def forge(calls: Sequence[Call]) -> list[Call]:
    """Signed by nobody, by another message, and a good signature under another amount."""
    others = [*calls[1:], calls[0]]
    unsigned = [replace(each, headers={"Content-Type": "application/json"}) for each in calls]
    swapped = [replace(each, headers=other.headers) for each, other in zip(calls, others, strict=True)]
    changed = [replace(each, body=each.body.replace(b'"amount": ', b'"amount": 1')) for each in calls]
    return [*unsigned, *swapped, *changed]


def hear_in_processes(calls: Sequence[Call]) -> Counter[int]:
    shares = [calls[number::PROCESSES] for number in range(PROCESSES)]
    return sum(run_processes([functools.partial(hear_all, share) for share in shares]), Counter())


def assert_balanced() -> None:
    assert LedgerAccount.objects.aggregate(sum=Sum("balance"))["sum"] == 0
    assert verify_books() == []


def steps_of(kind: str) -> Counter[tuple[int, str]]:
    """How often each payment came to each state, as the outbox has it."""
    events = OutboxEvent.objects.filter(type=kind).values_list("payload", flat=True)
    return Counter((each["payment_id"], each["to_state"]) for each in events)


def test_a_thousand_callbacks_over_eight_processes(simulators, postbag):
    orders = unpaid(ORDERS)
    for number, order in enumerate(orders):
        simulators.act(link_of(simulators, begin(order)), "pay-twice" if number % 3 == 0 else "pay")
    calls = list(postbag.calls)
    forged = forge(calls)[:160]

    told = hear_in_processes(shuffled(calls, forged, CALLBACKS))

    assert told == {200: CALLBACKS - len(forged), 400: len(forged)}
    assert ProviderEvent.objects.filter(outcome=EventOutcome.FORGED).count() == len(forged)
    assert ProviderEvent.objects.filter(outcome=EventOutcome.APPLIED).count() == len(calls)
    assert not ProviderEvent.objects.filter(outcome=EventOutcome.MISMATCH).exists()
    drain_outbox()
    assert set(steps_of("payments.payment_changed").values()) == {1}
    assert set(Order.objects.values_list("state", "payment_state")) == {
        (OrderState.CONFIRMED, PaymentState.PAID)
    }
    charges = simulators.charges("razorpay")
    assert sorted(Payment.objects.values_list("charge_reference", flat=True)) == sorted(
        each["payment"] for each in charges
    )
    assert len(charges) == ORDERS + ORDERS // 3
    assert_balanced()

    give_back_what_came_twice(simulators, postbag)


def give_back_what_came_twice(simulators, postbag) -> None:
    """Sent by eight processes at once, and told of again and again."""
    sent = run_processes([send_due_refunds] * PROCESSES)
    assert sum(sent) == ORDERS // 3
    postbag.calls.clear()
    simulators.deliver()

    told = hear_in_processes(shuffled(postbag.calls, [], 80))

    assert told == {200: 80}
    drain_outbox()
    amount = Order.objects.values_list("total", flat=True)[0]
    charges = simulators.charges("razorpay")
    assert Counter(each["returned"] for each in charges) == {0: ORDERS, int(amount * 100): ORDERS // 3}
    assert Counter(Payment.objects.values_list("state", flat=True)) == {
        PaymentStatus.PAID: ORDERS, PaymentStatus.REFUNDED: ORDERS // 3,
    }  # fmt: skip
    assert set(Refund.objects.values_list("reason", "amount")) == {(RefundReason.DUPLICATE, amount)}
    assert_balanced()


def test_fifty_refunds_at_once_give_back_no_more_than_was_paid(simulators, postbag):
    (order,) = unpaid(units=10)
    payment = begin(order)
    simulators.act(link_of(simulators, payment), "pay")
    hear_all(postbag.calls)
    staff = make_user(role=Role.STAFF)
    cancel_order(order_id=order.pk, actor=staff)
    part = (order.total / 10).quantize(Decimal(1))
    ask = functools.partial(refund_payment, payment_id=payment.pk, amount=part, actor=staff)

    outcomes = run_crowd([ask] * 40 + [functools.partial(refund_order, order_id=order.pk)] * 10)

    assert {type(each) for each in outcomes} <= {Refund, list, NotRefundable}
    assert Refund.objects.aggregate(sum=Sum("amount"))["sum"] == order.total
    ids = [str(pk) for pk in Refund.objects.values_list("pk", flat=True)]
    run_crowd([functools.partial(send_refund, refund_id=pk) for pk in ids * 5])
    simulators.deliver()
    run_crowd([functools.partial(hear_stubbornly, each) for each in postbag.calls * 3])
    drain_outbox()
    assert [each["returned"] for each in simulators.charges()] == [int(order.total * 100)]
    payment.refresh_from_db()
    assert (payment.state, payment.refunded_amount) == (PaymentStatus.REFUNDED, order.total)
    assert_balanced()


def test_two_providers_at_once_pay_an_order_once(simulators, postbag):
    orders = unpaid(4)
    for order in orders:
        for provider in ("razorpay", "stripe"):
            simulators.act(link_of(simulators, begin(order, provider)), "pay")
    told = {
        provider: [each for each in postbag.calls if each.provider == provider]
        for provider in ("razorpay", "stripe")
    }

    race([functools.partial(hear_all, calls) for calls in (*told.values(), *told.values())])
    drain_outbox()

    kept = Payment.objects.filter(state=PaymentStatus.PAID, surplus_amount=0)
    assert sorted(kept.values_list("order", flat=True)) == sorted(each.pk for each in orders)
    back = Refund.objects.values_list("payment__order", "reason", "amount")
    assert sorted(back) == sorted((each.pk, RefundReason.DUPLICATE, each.total) for each in orders)
    assert send_due_refunds() == len(orders)
    drain_outbox()
    returned = {(each["order"], each["returned"]) for each in simulators.charges()}
    assert sum(amount > 0 for _, amount in returned) == len(orders)
    assert set(Order.objects.values_list("payment_state", flat=True)) == {PaymentState.PAID}
    assert_balanced()


def test_the_sweep_of_unpaid_orders_races_with_their_money(simulators, postbag):
    orders = unpaid(ORDERS)
    start = clock.now() + timedelta(days=2)
    Order.objects.update(payment_deadline=start + timedelta(days=1))
    for number, order in enumerate(orders):
        simulators.act(link_of(simulators, begin(order)), "pay")
        due = start + timedelta(minutes=number)
        Order.objects.filter(pk=order.pk).update(payment_deadline=due)
        calls = postbag.calls[-3:][number % 2 :]
        money, sweep = functools.partial(hear_all, calls), functools.partial(expire_unpaid_orders, now=due)

        if number % 3 == 0:
            assert sweep() == 1
        heard = [each for each in race([sweep, money, sweep, money]) if isinstance(each, Counter)]

        assert heard == [{200: len(calls)}] * 2
    drain_outbox()

    # its goods were there all the time: whoever came first, who has paid has got the order
    assert OutboxEvent.objects.filter(type="orders.order_expired").count() >= ORDERS // 3
    assert set(Order.objects.values_list("state", "payment_state")) == {
        (OrderState.CONFIRMED, PaymentState.PAID)
    }
    assert Payment.objects.filter(state=PaymentStatus.PAID).count() == Payment.objects.count() == ORDERS
    assert not Refund.objects.exists()
    assert_balanced()
