"""Payme's Merchant API as its sandbox tests it: transactions, their times, statements."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import orjson
import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders import books
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.orders.services import cancel_order
from karvon.orders.tests.factories import part_of, put_at
from karvon.payments.calls import to_ms
from karvon.payments.models import (
    AttemptState,
    Payment,
    PaymentAttempt,
    PaymentStatus,
)
from karvon.payments.providers.payme_words import LIFETIME
from karvon.payments.services import (
    expire_attempts,
)
from karvon.payments.tests.at_payme import account, ask, code, create, send, tiyin
from karvon.payments.tests.calling import BIT, basic, expire, payment_state, sell_out, states
from karvon.payments.tests.factories import make_account, make_unpaid
from karvon.simulators.credentials import DEMO
from tests.concurrency.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("payme")


# --- the sandbox's two scenarios ---
def test_scenario_a_created_and_cancelled(order):
    to_pay = {"amount": tiyin(order), "account": account(order)}
    assert code(ask("CheckPerformTransaction", **to_pay | {"amount": tiyin(order) + 1})) == -31001
    assert code(create(order, amount=tiyin(order) - 1)) == -31001
    for said in (
        ask("CheckPerformTransaction", **to_pay | {"account": {"order_id": "5"}}),
        create(order, account={"order_id": "5"}),
    ):
        assert (code(said), said["error"]["data"]) == (-31050, "order_id")
    assert ask("CheckPerformTransaction", **to_pay) == {"allow": True}
    assert states() == []

    created = create(order)
    assert created["state"] == 1
    assert create(order) == created
    checked = ask("CheckTransaction", id="a1")
    assert checked == {
        "create_time": created["create_time"], "perform_time": 0, "cancel_time": 0,
        "transaction": created["transaction"], "state": 1, "reason": None,
    }  # fmt: skip
    assert code(create(order, "a2")) == -31008

    cancelled = ask("CancelTransaction", id="a1", reason=3)
    assert cancelled["state"] == -1
    assert ask("CancelTransaction", id="a1", reason=5) == cancelled
    checked = ask("CheckTransaction", id="a1")
    assert (checked["state"], checked["reason"], checked["cancel_time"]) == (-1, 3, cancelled["cancel_time"])
    assert code(ask("PerformTransaction", id="a1")) == -31008
    assert code(create(order)) == -31008
    assert create(order, "a3")["state"] == 1  # the order may be paid by another


def test_scenario_b_performed_and_given_back(order):
    created = create(order)
    performed = ask("PerformTransaction", id="a1")
    assert (performed["state"], performed["transaction"]) == (2, created["transaction"])
    assert ask("PerformTransaction", id="a1") == performed
    assert payment_state(order) == PaymentState.PAID
    assert ask("CheckTransaction", id="a1")["perform_time"] == performed["perform_time"]
    assert code(create(order)) == -31008
    for said in (
        create(order, "a2"),
        ask("CheckPerformTransaction", amount=tiyin(order), account=account(order)),
    ):
        assert (code(said), said["error"]["data"]) == (-31051, "order_id")

    cancelled = ask("CancelTransaction", id="a1", reason=5)
    assert cancelled["state"] == -2
    assert ask("CancelTransaction", id="a1", reason=5) == cancelled
    assert code(ask("PerformTransaction", id="a1")) == -31008
    checked = ask("CheckTransaction", id="a1")
    assert (checked["state"], checked["reason"]) == (-2, 5)
    assert checked["perform_time"] == performed["perform_time"]
    drain_outbox()
    order.refresh_from_db()
    assert (order.state, order.payment_state) == (OrderState.CANCELLED, PaymentState.REFUNDED)
    assert Payment.objects.get().state == PaymentStatus.REFUNDED
    assert books.verify_books() == []
    said = create(order, "a4")
    assert (code(said), said["error"]["data"]) == (-31052, "order_id")


def test_repeats_are_the_same_bytes(order):
    calls = [
        ("CreateTransaction", {"id": "a1", "time": to_ms(clock.now()), "amount": tiyin(order), "account": account(order)}),
        ("PerformTransaction", {"id": "a1"}),
        ("CancelTransaction", {"id": "a1", "reason": 5}),
    ]  # fmt: skip
    for method, params in calls:
        body = orjson.dumps({"id": 9, "method": method, "params": params})
        assert send(body) == send(body, received_at=clock.now() + timedelta(hours=1))


# --- transactions ---
def test_unknown_transactions(db):
    for method, params in (
        ("PerformTransaction", {}),
        ("CancelTransaction", {"reason": 1}),
        ("CheckTransaction", {}),
    ):
        assert code(ask(method, id="5f0c0de0000000000000aaaa", **params)) == -31003


def test_the_order_may_be_named_by_its_number(order):
    assert create(order, account={"order_id": order.number})["state"] == 1
    assert create(order, account={"order_id": order.pk})["state"] == 1
    assert states() == [AttemptState.CREATED]


def test_the_same_id_for_something_else_is_refused(order):
    other = make_unpaid("payme")
    first = create(order)
    assert code(create(order, amount=tiyin(order) + 1)) == -31001
    assert code(create(other)) == -31050
    assert create(order) == first


def test_another_sellers_order_is_not_to_be_found(order):
    """Its money would go into another account."""
    seller = make_merchant()
    theirs = make_unpaid("payme", (make_variant(merchant=seller, units=9), 1))
    make_account("payme", seller, PAYME_MERCHANT_ID="b", PAYME_KEY="their-own-key")
    assert code(create(theirs)) == -31050
    assert create(order)["state"] == 1


def test_a_transaction_ends_after_twelve_hours(order):
    begun = clock.now()
    created = create(order, _now=begun)
    at_end = begun + LIFETIME
    assert create(order, time=to_ms(begun), _now=at_end - BIT * 2) == created
    assert code(create(order, time=to_ms(begun), _now=at_end)) == -31008
    checked = ask("CheckTransaction", id="a1", _now=at_end)
    assert (checked["state"], checked["reason"], checked["cancel_time"]) == (-1, 4, to_ms(at_end))
    assert code(ask("PerformTransaction", id="a1", _now=at_end)) == -31008
    assert ask("CancelTransaction", id="a1", reason=5, _now=at_end)["cancel_time"] == to_ms(at_end)
    assert code(create(order, "old", time=to_ms(clock.now() - LIFETIME - BIT))) == -31008


@pytest.mark.parametrize("method", ["PerformTransaction", "CancelTransaction", "GetStatement"])
def test_each_method_sees_that_the_time_is_over(order, method):
    begun = clock.now()
    create(order, _now=begun)
    ask(method, id="a1", reason=5, **{"from": 0, "to": 10**13}, _now=begun + LIFETIME)
    assert states() == [AttemptState.EXPIRED]


def test_the_sweep_ends_it_too(order):
    begun = clock.now()
    create(order, _now=begun - timedelta(hours=11), time=to_ms(begun - timedelta(hours=11)))
    assert expire_attempts(now=begun) == 0
    assert expire_attempts(now=begun + timedelta(hours=1)) == 1
    checked = ask("CheckTransaction", id="a1")
    assert (checked["state"], checked["reason"]) == (-1, 4)
    assert checked["cancel_time"] > 0


def test_payme_says_that_the_time_is_over(order):
    create(order)
    assert ask("CancelTransaction", id="a1", reason=4)["state"] == -1
    assert (ask("CheckTransaction", id="a1")["reason"], states()) == (4, [AttemptState.EXPIRED])


@pytest.mark.parametrize("state", ["packed", "delivered"])
def test_nothing_is_given_back_once_the_shop_has_begun(order, state):
    create(order)
    ask("PerformTransaction", id="a1")
    put_at(part_of(order), state)
    assert code(ask("CancelTransaction", id="a1", reason=5)) == -31007
    assert ask("CheckTransaction", id="a1")["state"] == 2


def test_late_money_brings_the_order_back(order):
    create(order)
    expire(order)
    assert ask("PerformTransaction", id="a1")["state"] == 2
    assert payment_state(order) == PaymentState.PAID
    assert books.verify_books() == []


def test_late_money_is_not_taken_when_the_goods_are_gone(order):
    create(order)
    expire(order)
    sell_out(order)
    assert code(ask("PerformTransaction", id="a1")) == -31008
    assert states() == [AttemptState.CREATED]
    assert ask("CancelTransaction", id="a1", reason=3)["state"] == -1
    assert payment_state(order) == PaymentState.EXPIRED


def test_an_order_that_was_called_off_takes_no_money(order):
    create(order)
    cancel_order(order_id=order.pk, actor=make_user(role="staff"))
    assert code(ask("PerformTransaction", id="a1")) == -31008
    assert code(ask("CheckPerformTransaction", amount=tiyin(order), account=account(order))) == -31052


# --- statements and receipts ---
def test_a_statement_is_of_paymes_time_inclusive_and_ascending(order):
    now = clock.now()
    times = [to_ms(now - timedelta(hours=hours)) for hours in (1, 3, 2)]
    for number, time in enumerate(times):
        create(order, f"t{number}", time=time)
        ask("CancelTransaction", id=f"t{number}", reason=3)
    said = ask("GetStatement", **{"from": times[1], "to": times[0]})["transactions"]
    assert [each["id"] for each in said] == ["t1", "t2", "t0"]
    assert said[0]["time"] == times[1]
    assert set(said[0]) == {
        "id", "time", "amount", "account", "create_time", "perform_time", "cancel_time", "transaction", "state", "reason",
        "receivers",
    }  # fmt: skip
    assert (said[0]["amount"], said[0]["account"]) == (tiyin(order), account(order))
    inner = ask("GetStatement", **{"from": times[1] + 1, "to": times[0] - 1})["transactions"]
    assert [each["id"] for each in inner] == ["t2"]
    assert ask("GetStatement", **{"from": 0, "to": 1}) == {"transactions": []}
    for period in ({"from": 1}, {"to": 1}, {"from": "1", "to": 2}, {"from": 0, "to": 10**17}):
        assert code(ask("GetStatement", **period)) == -31050


def test_fiscal_data_is_kept_as_it_came(order):
    create(order)
    ask("PerformTransaction", id="a1")
    fiscal = {"receipt_id": 121, "status_code": 0, "message": "accepted", "qr_code_url": "https://ofd.uz/x"}
    said = ask("SetFiscalData", id="a1", type="PERFORM", fiscal_data=fiscal)
    assert said == {"success": True}
    assert PaymentAttempt.objects.get().data["fiscal_perform"] == fiscal
    assert code(ask("SetFiscalData", id="a9", type="PERFORM", fiscal_data=fiscal)) == -32001
    for wrong in ({"type": "X"}, {"fiscal_data": []}, {"fiscal_data": {"message": "\x00"}}):
        params = {"id": "a1", "type": "PERFORM", "fiscal_data": fiscal} | wrong
        assert code(ask("SetFiscalData", **params)) == -32602


def test_through_the_address_that_payme_is_given(order, client):
    body = {
        "id": 1,
        "method": "CheckPerformTransaction",
        "params": {"amount": tiyin(order), "account": account(order)},
    }
    for headers, said in (({"Authorization": basic("Paycom", DEMO.payme_key)}, "result"), ({}, "error")):
        answer = client.post("/api/v1/payments/callbacks/payme/", body, "application/json", headers=headers)
        assert answer.status_code == 200
        assert set(answer.json()) == {"id", said}
    assert client.get("/api/v1/payments/callbacks/payme/").json()["error"]["code"] == -32300


# --- many at once ---
@pytest.mark.django_db(transaction=True)
def test_one_create_sent_by_eight_makes_one_transaction(settings):
    order = make_unpaid("payme")
    time = to_ms(clock.now())
    said = race([partial(create, order, time=time)] * 8)
    answers = {orjson.dumps(each) for each in said if not isinstance(each, Exception)}
    assert not [each for each in said if isinstance(each, Exception)]
    assert len({each for each in answers if b'"state":1' in each}) == 1
    assert PaymentAttempt.objects.count() == 1
    performed = race([partial(ask, "PerformTransaction", id="a1")] * 8)
    assert len({orjson.dumps(each) for each in performed if "error" not in each}) == 1
    assert payment_state(order) == PaymentState.PAID
    drain_outbox()
    assert books.verify_books() == []
