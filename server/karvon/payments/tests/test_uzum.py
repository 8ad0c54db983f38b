"""Uzum Bank's Merchant API, rule by rule, and a payment at the simulated bank."""

from __future__ import annotations

from functools import partial

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.orders.services import cancel_order
from karvon.orders.tests.factories import part_of, put_at
from karvon.payments.amounts import to_units
from karvon.payments.calls import to_ms
from karvon.payments.models import (
    AttemptState,
    Payment,
    PaymentAttempt,
    PaymentStatus,
    Refund,
    RefundState,
)
from karvon.payments.providers.uzum import LIFETIME
from karvon.payments.services import begin_payment, expire_attempts
from karvon.payments.tests.at_uzum import SERVICE, A, B, ask, code
from karvon.payments.tests.calling import BIT, expire, payment_state, sell_out, states
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import simulated
from tests.concurrency.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("uzum")


# --- the road of a payment ---
def test_checked_created_confirmed(order):
    said = ask("check", order)
    assert said == {"serviceId": SERVICE, "timestamp": said["timestamp"], "status": "OK"}
    assert states() == []

    now = clock.now()
    amount = to_units(order.total, "UZS")
    said = ask("create", order, _now=now)
    assert said == {
        "serviceId": SERVICE, "transId": A, "status": "CREATED", "transTime": to_ms(now), "amount": amount,
    }  # fmt: skip
    assert code(ask("create", order)) == "10010"
    said = ask("status")
    assert said == {
        "serviceId": SERVICE, "transId": A, "status": "CREATED", "transTime": to_ms(now), "confirmTime": None,
        "reverseTime": None, "amount": amount,
    }  # fmt: skip
    assert payment_state(order) == PaymentState.PENDING

    confirmed = clock.now()
    said = ask("confirm", _now=confirmed)
    assert said == {
        "serviceId": SERVICE, "transId": A, "status": "CONFIRMED", "confirmTime": to_ms(confirmed), "amount": amount,
    }  # fmt: skip
    assert code(ask("confirm")) == "10016"
    said = ask("status")
    assert (said["status"], said["confirmTime"]) == ("CONFIRMED", to_ms(confirmed))
    assert payment_state(order) == PaymentState.PAID
    for again in (ask("check", order), ask("create", order), ask("create", order, B)):
        assert code(again) == "10008"
    drain_outbox()
    assert books.verify_books() == []


def test_reversed_before_it_was_paid(order):
    ask("create", order)
    now = clock.now()
    said = ask("reverse", _now=now)
    assert (said["status"], said["reverseTime"], said["transId"]) == ("REVERSED", to_ms(now), A)
    assert code(ask("reverse")) == "10018"
    assert code(ask("confirm")) == "10015"
    assert code(ask("create", order)) == "10010"
    said = ask("status")
    assert (said["status"], said["confirmTime"], said["reverseTime"]) == ("REVERSED", None, to_ms(now))
    assert ask("create", order, B)["status"] == "CREATED"  # the order may be paid by another


def test_reversed_after_it_was_paid(order):
    ask("create", order)
    ask("confirm")
    assert ask("reverse")["status"] == "REVERSED"
    assert code(ask("reverse")) == "10018"
    assert code(ask("confirm")) == "10015"
    said = ask("status")
    assert said["status"] == "REVERSED"
    assert said["confirmTime"]
    drain_outbox()
    order.refresh_from_db()
    assert (order.state, order.payment_state) == (OrderState.CANCELLED, PaymentState.REFUNDED)
    assert Payment.objects.get().state == PaymentStatus.REFUNDED
    assert books.verify_books() == []
    assert code(ask("check", order)) == "10009"
    assert code(ask("create", order, B)) == "10009"


def test_nothing_is_given_back_after_handing_over(order):
    ask("create", order)
    ask("confirm")
    put_at(part_of(order), "delivered")
    assert code(ask("reverse")) == "10017"
    assert ask("status")["status"] == "CONFIRMED"


def test_what_is_called_off_waits_for_a_person_or_the_bank(order):
    """There is nothing here that could ask the bank for a refund."""
    ask("create", order)
    ask("confirm")
    cancel_order(order_id=order.pk, actor=make_user(role="staff"))
    drain_outbox()
    assert Refund.objects.get().state == RefundState.MANUAL
    assert ask("reverse")["status"] == "REVERSED"  # by a person in the bank's cabinet
    drain_outbox()
    assert Refund.objects.get().state == RefundState.SUCCEEDED
    assert payment_state(order) == PaymentState.REFUNDED
    assert books.verify_books() == []


def test_a_second_live_transaction_is_refused(order):
    ask("create", order)
    assert code(ask("create", order, B)) == "10008"
    assert states() == [AttemptState.CREATED]


def test_unknown_transactions(db):
    for action in ("confirm", "reverse", "status"):
        assert code(ask(action)) == "10014"


# --- time ---
def test_a_transaction_fails_after_thirty_minutes(order):
    begun = clock.now()
    ask("create", order, _now=begun)
    assert ask("status", _now=begun + LIFETIME - BIT)["status"] == "CREATED"
    assert code(ask("confirm", _now=begun + LIFETIME)) == "10015"
    said = ask("status", _now=begun + LIFETIME)
    assert (said["status"], said["confirmTime"], said["reverseTime"]) == ("FAILED", None, None)
    assert code(ask("reverse")) == "10018"
    assert ask("create", order, B)["status"] == "CREATED"
    assert states() == [AttemptState.EXPIRED, AttemptState.CREATED]


@pytest.mark.parametrize(
    ("action", "expected"), [("status", None), ("reverse", "10018"), ("create", "10010")]
)
def test_each_call_sees_that_the_time_is_over(order, action, expected):
    begun = clock.now()
    ask("create", order, _now=begun)
    assert code(ask(action, order, _now=begun + LIFETIME)) == expected
    assert states() == [AttemptState.EXPIRED]


def test_the_sweep_ends_it_too(order):
    begun = clock.now()
    ask("create", order, _now=begun)
    assert expire_attempts(now=begun + LIFETIME - BIT) == 0
    assert expire_attempts(now=begun + LIFETIME) == 1
    assert ask("status")["status"] == "FAILED"


def test_late_money_brings_the_order_back(order):
    ask("create", order)
    expire(order)
    assert ask("confirm")["status"] == "CONFIRMED"
    assert payment_state(order) == PaymentState.PAID
    assert books.verify_books() == []


def test_late_money_is_not_taken_when_the_goods_are_gone(order):
    ask("create", order)
    expire(order)
    sell_out(order)
    assert code(ask("confirm")) == "10015"
    assert ask("status")["status"] == "FAILED"  # which ends the bank's polling
    assert payment_state(order) == PaymentState.EXPIRED


# --- at the simulated bank, over HTTP ---
def test_paid_there_and_reversed(order, settings):
    with simulated(settings) as simulators:
        link = begin_payment(order_id=order.pk, provider="uzum", payer=order.customer).next_step["url"]
        assert simulators.act(link, "wrong-signature").is_taken is False
        simulators.act(link, "decline")
        assert simulators.act(link, "callback-lost").is_taken is False
        assert payment_state(order) == PaymentState.PENDING
        assert simulators.act(link, "pay-twice").is_taken
        assert payment_state(order) == PaymentState.PAID
        simulators.act(link, "refund")
        drain_outbox()
        kept = [each["amount"] - each["returned"] for each in simulators.charges()]
        assert simulators.complaints() == []
    assert set(kept) == {0}
    assert payment_state(order) == PaymentState.REFUNDED
    assert books.verify_books() == []


def test_told_late_or_shuffled(settings, db):
    with simulated(settings) as simulators:
        for behaviour in ("callback-shuffled", "callback-late", "pay-late"):
            order = make_unpaid("uzum")
            payment = begin_payment(order_id=order.pk, provider="uzum", payer=order.customer)
            simulators.act(payment.next_step["url"], behaviour)
            simulators.deliver()
            assert payment_state(order) == PaymentState.PAID, behaviour
        assert simulators.complaints() == []
    assert set(states()) == {AttemptState.PAID}
    assert books.verify_books() == []


# --- many at once ---
@pytest.mark.django_db(transaction=True)
def test_one_create_sent_by_eight_makes_one_transaction(settings):
    order = make_unpaid("uzum")
    created = race([partial(ask, "create", order)] * 8)
    assert [each.get("status") for each in created].count("CREATED") == 1
    assert {code(each) for each in created} <= {None, "10010", "99999"}
    assert PaymentAttempt.objects.count() == 1
    confirmed = race([partial(ask, "confirm")] * 8)
    assert [each.get("status") for each in confirmed].count("CONFIRMED") == 1
    assert {code(each) for each in confirmed} <= {None, "10016", "99999"}
    assert payment_state(order) == PaymentState.PAID
    drain_outbox()
    assert books.verify_books() == []
