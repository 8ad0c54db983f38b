"""Click's SHOP-API, rule by rule."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest

from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import Order, PaymentState
from karvon.payments.models import (
    AttemptState,
    Payment,
    PaymentAttempt,
    PaymentStatus,
)
from karvon.payments.providers.click import LIFETIME
from karvon.payments.services import (
    expire_attempts,
)
from karvon.payments.tests.at_click import complete, fields_of, prepare, prepared, send, sign
from karvon.payments.tests.calling import expire, payment_state, sell_out, states
from karvon.payments.tests.factories import make_unpaid
from tests.concurrency.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("click")


# --- the road of a payment ---
def test_prepared_and_completed(order):
    said = prepare(order)
    prepare_id = said["merchant_prepare_id"]
    assert said == {
        "click_trans_id": 9000000001, "merchant_trans_id": str(order.pk), "merchant_prepare_id": prepare_id, "error": 0,
        "error_note": "Success",
    }  # fmt: skip
    assert type(prepare_id) is int
    assert prepare(order) == said
    assert payment_state(order) == PaymentState.PENDING

    said = complete(order, prepare_id)
    assert set(said) == {"click_trans_id", "merchant_trans_id", "merchant_confirm_id", "error", "error_note"}
    assert said["error"] == 0
    assert type(said["merchant_confirm_id"]) is int
    assert payment_state(order) == PaymentState.PAID
    for again in (complete(order, prepare_id), complete(order, prepare_id, error=-1), prepare(order)):
        assert again["error"] == -4
    assert prepare(order, click_trans_id=9000000002)["error"] == -4
    drain_outbox()
    assert (states(), Payment.objects.get().state) == ([AttemptState.PAID], PaymentStatus.PAID)
    assert books.verify_books() == []


def test_what_click_gives_up_is_over_and_another_may_follow(order):
    prepare_id = prepared(order)
    assert complete(order, prepare_id, error=-5017)["error"] == -9
    for again in (complete(order, prepare_id, error=-5017), complete(order, prepare_id), prepare(order)):
        assert again["error"] == -9
    assert prepare(order, click_trans_id=9, error=-1)["error"] == -9
    assert states() == [AttemptState.CANCELLED]
    assert complete(order, prepared(order, click_trans_id=2), click_trans_id=2)["error"] == 0
    assert payment_state(order) == PaymentState.PAID


def test_of_two_that_are_prepared_one_is_paid(order):
    first, second = prepared(order), prepared(order, click_trans_id=2)
    assert complete(order, second, click_trans_id=2)["error"] == 0
    assert complete(order, first)["error"] == -4
    assert states() == [AttemptState.CREATED, AttemptState.PAID]
    assert Payment.objects.get().amount == order.total


def test_of_several_wrongs_the_first_is_told(order):
    """Each call is wrong in what it is refused for, and in whatever is checked after it."""
    over = prepared(order)
    assert complete(order, over, error=-5017)["error"] == -9
    assert complete(order, over, amount="1")["error"] == -2
    paid = prepared(order, click_trans_id=2)
    assert complete(order, paid, click_trans_id=2)["error"] == 0
    assert complete(order, paid, click_trans_id=2, amount="1", error=-1)["error"] == -4
    assert complete(order, "0", click_trans_id=2, amount="1")["error"] == -6
    assert complete(order, "0", click_trans_id=2, merchant_trans_id="5")["error"] == -5
    fields = fields_of(order, action=7, merchant_trans_id="5")
    assert send("prepare", sign(fields))["error"] == -3
    assert send("prepare", sign(fields, "another key"))["error"] == -1
    assert send("prepare", sign(fields | {"click_paydoc_id": ""}, "another key"))["error"] == -8


def test_a_complete_fits_its_prepare(order):
    other = make_unpaid("click")
    mine, theirs = prepared(order), prepared(other, click_trans_id=2)
    for wrong in (theirs, mine + 100_000, "0", "x", "-1", "9" * 40, " "):
        assert complete(order, wrong)["error"] == -6
    assert complete(order, mine, click_trans_id=2)["error"] == -6
    assert complete(order, mine, click_trans_id=3)["error"] == -6
    assert complete(other, mine)["error"] == -6
    assert prepare(other)["error"] == -8  # the same transaction for another order
    assert complete(order, mine, amount=f"{order.total + Decimal('0.01')}")["error"] == -2
    assert complete(order, mine, amount=f"{order.total - Decimal('0.01')}")["error"] == -2
    assert set(states()) == {AttemptState.CREATED}


# --- time ---
def test_late_money_brings_the_order_back(order):
    prepare_id = prepared(order)
    expire(order)
    assert prepare(order, click_trans_id=2)["error"] == -9
    assert complete(order, prepare_id)["error"] == 0
    assert payment_state(order) == PaymentState.PAID
    assert books.verify_books() == []


def test_late_money_is_not_taken_when_the_goods_are_gone(order):
    prepare_id = prepared(order)
    expire(order)
    sell_out(order)
    for _ in range(2):
        assert complete(order, prepare_id)["error"] == -9
    assert (states(), payment_state(order)) == ([AttemptState.CANCELLED], PaymentState.EXPIRED)


def test_a_prepared_transaction_is_left_after_a_day(order):
    prepare_id = prepared(order)
    assert expire_attempts(now=clock.now() + LIFETIME) == 1
    assert complete(order, prepare_id)["error"] == -9


# --- many at once ---
@pytest.mark.django_db(transaction=True)
def test_one_prepare_sent_by_eight_makes_one_transaction(settings):
    order = make_unpaid("click")
    said = race([partial(prepare, order)] * 8)
    ids = {each["merchant_prepare_id"] for each in said if not each["error"]}
    assert len(ids) == 1
    assert PaymentAttempt.objects.count() == 1
    said = race([partial(complete, order, ids.pop())] * 8)
    assert {each["error"] for each in said} <= {0, -4, -7}
    assert [each["error"] for each in said].count(0) == 1
    assert payment_state(order) == PaymentState.PAID
    drain_outbox()
    assert books.verify_books() == []
