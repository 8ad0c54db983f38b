"""The ledger under crowds: a balance is paid out once, news is posted once, and nothing is lost between refunds and payouts."""

from __future__ import annotations

import functools
from decimal import Decimal

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.kernel import clock, delivery
from karvon.kernel.db import run_transaction
from karvon.kernel.models import DeliveryState, EventDelivery
from karvon.kernel.testing import drain_outbox
from karvon.ledger.handlers import post_money
from karvon.ledger.models import Account, Payout, Transaction
from karvon.ledger.services import BatchInput, approve_payout, cancel_payout, make_batch, mark_payout_paid
from karvon.ledger.tests.factories import (
    balances,
    earn,
    make_bank_details,
    make_goods,
    make_paid_order,
    make_payouts,
    owe,
    owed_to,
)
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.events import MoneyMoved
from karvon.orders.services import cancel_order, record_refund
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def batch_of(actor, *merchants):
    data = BatchInput(
        currency="UZS",
        until=clock.now(),
        merchant_ids=tuple(each.pk for each in merchants),
    )
    return functools.partial(make_batch, data=data, actor=actor)


def test_twenty_batches_at_once_pay_a_balance_once():
    staff, merchants = make_user(role=Role.STAFF), [make_merchant() for _ in range(3)]
    for merchant in merchants:
        make_bank_details(merchant)
        owe(merchant)

    outcomes = race([batch_of(staff, *merchants) for _ in range(20)])

    codes = sorted(getattr(each, "code", "made") for each in outcomes)
    assert codes.count("made") == 1
    assert set(codes) <= {"made", "nothing_to_pay_out", "busy"}
    assert Payout.objects.count() == 3
    assert [owed_to(merchant) for merchant in merchants] == [0, 0, 0]
    assert verify_books() == []


def test_batches_of_overlapping_merchants_do_not_wait_for_each_other_in_a_ring():
    staff, merchants = make_user(role=Role.STAFF), [make_merchant() for _ in range(4)]
    for merchant in merchants:
        make_bank_details(merchant)
        owe(merchant)
    rings = [
        batch_of(staff, merchants[number], merchants[(number + step) % 4])
        for number in range(4)
        for step in (1, 3)
    ]

    race(rings)

    assert sum(Payout.objects.values_list("amount", flat=True)) == 400_000 - sum(map(owed_to, merchants))
    assert Account.objects.filter(kind="payable", balance__gt=0).count() == 0
    assert verify_books() == []


def test_a_refund_races_a_payout():
    staff, merchant = make_user(role=Role.STAFF), make_merchant()
    make_bank_details(merchant)
    earn(merchant, units=1)
    order = make_paid_order((make_goods(merchant), 2))
    drain_outbox()
    cancel_order(order_id=order.pk, actor=None)

    race([batch_of(staff, merchant), drain_quietly, functools.partial(record_refund, order_id=order.pk)])
    drain_outbox()

    # whichever came first: what was paid out and what is still owed (or owed back) is the one sale that stands
    paid_out = sum(Payout.objects.values_list("amount", flat=True), Decimal(0))
    assert paid_out in (Decimal(14_000), Decimal(37_000))
    assert paid_out + owed_to(merchant) == 14_000
    assert balances()["clearing"] == 15_000
    assert verify_books() == []


def drain_quietly():
    delivery.relay_batch()
    for pk, _queue in delivery.claim_due():
        delivery.deliver(pk)


def test_one_event_delivered_eight_times_at_once_is_posted_once():
    make_paid_order()
    delivery.relay_batch()
    sent = EventDelivery.objects.get(handler="ledger.post_money")
    event = MoneyMoved(**sent.event.payload)

    race([functools.partial(delivery.deliver, sent.pk)] * 8)
    outcomes = race([functools.partial(post_in_transaction, event, sent.event_id)] * 8)

    assert outcomes == [None] * 8
    assert Transaction.objects.count() == 1
    assert EventDelivery.objects.get(pk=sent.pk).state == DeliveryState.DONE
    assert balances() == {"clearing": 25_000, "payable": -23_000, "commission": -2_000}


def test_news_of_a_merchants_many_sales_at_once_adds_up():
    merchant = make_merchant()
    for _ in range(8):
        make_paid_order((make_goods(merchant), 1))
    delivery.relay_batch()
    sent = EventDelivery.objects.filter(handler="ledger.post_money")

    race([functools.partial(delivery.deliver, each.pk) for each in sent])
    drain_outbox()

    assert owed_to(merchant) == 8 * 14_000
    assert verify_books() == []


def post_in_transaction(event, event_id):
    run_transaction(lambda: post_money(event, event_id=event_id))


def test_a_payout_is_approved_paid_or_cancelled_by_one_of_many():
    maker, other = make_user(role=Role.STAFF), make_user(role=Role.STAFF)
    merchant = make_merchant()
    (payout,) = make_payouts(merchant, actor=maker)
    steps = [
        functools.partial(verb, payout_id=payout.pk, actor=other) for verb in (approve_payout, cancel_payout)
    ]

    outcomes = race(steps * 4)

    assert sum(isinstance(each, Payout) for each in outcomes) == 1
    state = Payout.objects.get(pk=payout.pk).state
    if state == "approved":
        paid = race([functools.partial(mark_payout_paid, payout_id=payout.pk, actor=maker)] * 6)
        assert sum(isinstance(each, Payout) for each in paid) == 1
    else:
        assert owed_to(merchant) == 100_000
    assert verify_books() == []
