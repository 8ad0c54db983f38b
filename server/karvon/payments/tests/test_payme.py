"""Payme's Merchant API, rule by rule as its sandbox tests them, and a payment at the simulated Payme."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote

import orjson
import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.demand import Demand
from karvon.inventory.models import StockLevel
from karvon.inventory.services import take_stock
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders import books
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.orders.services import cancel_order, expire_unpaid_orders
from karvon.orders.tests.factories import part_of, put_at
from karvon.payments.amounts import to_units
from karvon.payments.calls import to_ms
from karvon.payments.models import (
    AttemptState,
    EventOutcome,
    Payment,
    PaymentAttempt,
    PaymentStatus,
    ProviderEvent,
    Refund,
    RefundState,
)
from karvon.payments.protocol import CallbackRequest
from karvon.payments.providers.payme import Payme
from karvon.payments.providers.payme_words import LIFETIME, encode_link
from karvon.payments.services import (
    ask_about_open,
    begin_payment,
    expire_attempts,
    receive_callback,
    send_due_refunds,
)
from karvon.payments.tests.factories import make_account, make_unpaid
from karvon.payments.tests.simulated import platform, simulated
from karvon.settings.providers import read_accounts
from karvon.simulators.credentials import DEMO, environment
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db
BIT = timedelta(milliseconds=1)
METHODS = (
    "CheckPerformTransaction", "CreateTransaction", "PerformTransaction", "CancelTransaction", "CheckTransaction",
    "GetStatement", "SetFiscalData", "ChangePassword",
)  # fmt: skip


@pytest.fixture(autouse=True)
def contract(settings):
    settings.KARVON_PROVIDERS = read_accounts(defaultdict(str, environment("http://127.0.0.1:9")))


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("payme")


def send(body: bytes, *, key: str = DEMO.payme_key, **changes: Any) -> bytes:
    """The answer to a message; whatever it says, its status is 200."""
    token = base64.b64encode(f"Paycom:{key}".encode()).decode()
    fields: dict[str, Any] = {
        "method": "POST",
        "action": "",
        "body": body,
        "headers": {"content-type": "text/json; charset=UTF-8", "authorization": f"Basic {token}"},
        "address": "185.234.113.1",
        "received_at": clock.now(),
    }
    reply = receive_callback(provider="payme", request=CallbackRequest(**fields | changes))
    assert reply.status == 200
    return reply.body


def ask(method: str, _key: str = DEMO.payme_key, _now: Any = None, **params: Any) -> dict[str, Any]:
    """`result`, or `error` under that name."""
    body = json.dumps({"id": 41, "method": method, "params": params}).encode()
    said = orjson.loads(send(body, key=_key, received_at=_now or clock.now()))
    assert said.pop("id") == 41
    assert len(said) == 1
    return said.get("result", said)


def code(said: dict[str, Any]) -> int | None:
    """The code of an error, whose sentence is there in three languages; None for a result."""
    if "error" not in said:
        return None
    message = said["error"]["message"]
    assert set(message) == {"ru", "uz", "en"}
    assert all(message.values())
    assert len(set(message.values())) == 3
    return said["error"]["code"]


def account(order: Order) -> dict[str, str]:
    return {"order_id": str(order.pk)}


def tiyin(order: Order) -> int:
    return to_units(order.total, "UZS")


def create(order: Order, name: str = "a1", _now: Any = None, **changes: Any) -> dict[str, Any]:
    params = {
        "id": name,
        "time": to_ms(_now or clock.now()),
        "amount": tiyin(order),
        "account": account(order),
    }
    return ask("CreateTransaction", _now=_now, **params | changes)


def states() -> list[str]:
    return list(PaymentAttempt.objects.order_by("pk").values_list("state", flat=True))


def payment_state(order: Order) -> str:
    return Order.objects.get(pk=order.pk).payment_state


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


# --- who may speak, and how ---
def test_nobody_without_the_key_is_heard(order):
    create(order)
    for method in METHODS:
        for key in ("", "wrong", DEMO.payme_key + "x", DEMO.payme_key[:-1], f"x:{DEMO.payme_key}"):
            said = ask(method, _key=key, id="a1", amount=tiyin(order), account=account(order), reason=1)
            assert code(said) == -32504
    assert states() == [AttemptState.CREATED]
    forged = ProviderEvent.objects.filter(outcome=EventOutcome.FORGED)
    assert forged.count() == len(METHODS) * 5
    assert not forged.filter(is_verified=True).exists()


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !!", "Basic UGF5Y29t", "Bearer UGF5Y29tOnRlc3RrZXk=", "Basic \u0443\u0437", "basic " + "QQ==" * 9999],
)  # fmt: skip
def test_a_malformed_key_is_a_wrong_one(header, db):
    body = orjson.dumps({"id": 1, "method": "CheckTransaction", "params": {"id": "a"}})
    assert orjson.loads(send(body, headers={"authorization": header}))["error"]["code"] == -32504


def test_the_key_that_the_template_shows(settings, db):
    settings.KARVON_PROVIDERS["payme"]["PAYME_KEY"] = "KeyFromMerchantCabinet"
    body = orjson.dumps({"id": 1, "method": "CheckTransaction", "params": {"id": "a"}})
    header = "Basic UGF5Y29tOktleUZyb21NZXJjaGFudENhYmluZXQ="
    assert orjson.loads(send(body, headers={"authorization": header}))["error"]["code"] == -31003


def test_a_shop_without_payme_refuses_all(settings, order):
    settings.KARVON_PROVIDERS["payme"]["PAYME_KEY"] = ""
    assert code(create(order, _key="")) == -32504


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"[]", -32700),
        (b"\xff\xfe", -32700),
        (b'{"id":1,"method":"CheckTransaction","params":{"id":NaN}}', -32700),
        (b'{"id":1,"params":' + b"[" * 50_000, -32700),
        (b'{"id":1,"params":' + b'{"a":' * 900 + b"1" + b"}" * 901, -32600),
        (b'{"method":"CheckTransaction","params":{}}', -32600),
        (b'{"id":1,"params":{}}', -32600),
        (b'{"id":1,"method":5,"params":{}}', -32600),
        (b'{"id":1,"method":"CheckTransaction"}', -32600),
        (b'{"id":1,"method":"CheckTransaction","params":[]}', -32600),
        (b'{"id":1,"method":"CheckTransaction","params":{}}', -32600),
        (b'{"id":1,"method":"CheckTransaction","params":{"id":"\\u0000"}}', -32600),
        (b'{"id":1,"method":"CancelTransaction","params":{"id":"a1"}}', -32600),
        (b'{"id":1,"method":"CancelTransaction","params":{"id":"a1","reason":1e99}}', -32600),
        (b'{"id":1,"method":"ChangePassword","params":{"password":"x"}}', -32601),
        (b'{"id":1,"method":"__init__","params":{}}', -32601),
        (b'{"id":1,"method":"\\u0000","params":{}}', -32601),
    ],
    ids=range(19),
)
def test_what_is_no_request(body, expected, db):
    said = orjson.loads(send(body))
    assert said["error"]["code"] == expected
    if expected == -32601:
        assert said["error"]["data"] == orjson.loads(body)["method"]


def test_only_post_and_only_json(db):
    body = orjson.dumps({"id": 3, "method": "CheckTransaction", "params": {"id": "a"}})
    for method in ("GET", "PUT", "DELETE"):
        assert orjson.loads(send(body, method=method))["error"]["code"] == -32300
    token = base64.b64encode(f"Paycom:{DEMO.payme_key}".encode()).decode()
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/html"):
        headers = {"authorization": f"Basic {token}", "content-type": kind}
        assert orjson.loads(send(body, headers=headers))["error"]["code"] == -32700


WRONG_CREATES: list[tuple[dict[str, Any], int]] = [
    ({"amount": 0}, -31001),
    ({"amount": -5}, -31001),
    ({"amount": True}, -31001),
    ({"amount": "500"}, -31001),
    ({"amount": 10**30}, -31001),
    ({"amount": None}, -31001),
    ({"account": {}}, -31050),
    ({"account": None}, -31050),
    ({"account": "1"}, -31050),
    ({"account": {"order_id": [1]}}, -31050),
    ({"account": {"order_id": "\x00"}}, -31050),
    ({"account": {"order_id": "9" * 400}}, -31050),
    ({"account": {"order_id": -1}}, -31050),
    ({"id": None}, -32600),
    ({"id": "x" * 65}, -32600),
    ({"id": 5}, -32600),
    ({"time": None}, -32600),
    ({"time": 10**18}, -32600),
    ({"time": "1"}, -32600),
]


def test_a_create_that_is_not_right_changes_nothing(order):
    for changes, expected in WRONG_CREATES:
        assert code(create(order, **changes)) == expected, changes
    assert states() == []
    assert payment_state(order) == PaymentState.PENDING


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


@pytest.mark.parametrize("state", ["packed", "delivered"])
def test_nothing_is_given_back_once_the_shop_has_begun(order, state):
    create(order)
    ask("PerformTransaction", id="a1")
    put_at(part_of(order), state)
    assert code(ask("CancelTransaction", id="a1", reason=5)) == -31007
    assert ask("CheckTransaction", id="a1")["state"] == 2


def test_late_money_brings_the_order_back(order):
    create(order)
    expire_unpaid_orders(now=clock.now() + timedelta(hours=2))
    drain_outbox()
    assert ask("PerformTransaction", id="a1")["state"] == 2
    assert payment_state(order) == PaymentState.PAID
    assert books.verify_books() == []


def test_late_money_is_not_taken_when_the_goods_are_gone(order):
    create(order)
    expire_unpaid_orders(now=clock.now() + timedelta(hours=2))
    drain_outbox()
    for line in order.lines.all():
        for level in StockLevel.objects.filter(variant=line.variant_id):
            left = level.on_hand - level.reserved
            take_stock(order_id=1, demands=[Demand(level.variant_id, level.branch_id, left)], commit=True)
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
    token = base64.b64encode(f"Paycom:{DEMO.payme_key}".encode()).decode()
    body = {
        "id": 1,
        "method": "CheckPerformTransaction",
        "params": {"amount": tiyin(order), "account": account(order)},
    }
    for headers, said in (({"Authorization": f"Basic {token}"}, "result"), ({}, "error")):
        answer = client.post("/api/v1/payments/callbacks/payme/", body, "application/json", headers=headers)
        assert answer.status_code == 200
        assert set(answer.json()) == {"id", said}
    assert client.get("/api/v1/payments/callbacks/payme/").json()["error"]["code"] == -32300


# --- the pay page ---
def test_the_checkout_link_of_the_documents():
    pairs = {"m": "587f72c72cac0d162c722ae2", "ac.order_id": "197", "a": "500"}
    assert encode_link(pairs) == "bT01ODdmNzJjNzJjYWMwZDE2MmM3MjJhZTI7YWMub3JkZXJfaWQ9MTk3O2E9NTAw"


def test_the_customer_is_sent_to_a_link_with_everything(order):
    payment = begin_payment(order_id=order.pk, provider="payme", payer=order.customer)
    base, _, last = payment.next_step["url"].rpartition("/")
    pairs = dict(part.split("=", 1) for part in base64.b64decode(unquote(last)).decode().split(";"))
    assert base == "http://127.0.0.1:9/payme"
    assert pairs["m"] == DEMO.payme_merchant_id
    assert (pairs["ac.order_id"], pairs["a"]) == (str(order.pk), str(tiyin(order)))
    assert pairs["c"].startswith("http")
    create(order)
    assert PaymentAttempt.objects.get().payment_id == payment.pk


# --- at the simulated Payme, over HTTP ---
def test_paid_there_and_given_back_by_its_api(order, settings):
    with simulated(settings) as simulators:
        link = begin_payment(order_id=order.pk, provider="payme", payer=order.customer).next_step["url"]
        assert simulators.act(link, "wrong-signature").is_taken is False
        simulators.act(link, "decline")
        assert payment_state(order) == PaymentState.PENDING
        assert simulators.act(link, "pay-twice").is_taken
        assert payment_state(order) == PaymentState.PAID
        drain_outbox()

        cancel_order(order_id=order.pk, actor=make_user(role="staff"))
        drain_outbox()
        send_due_refunds(now=clock.now() + timedelta(minutes=2))
        assert Refund.objects.get().state == RefundState.PROCESSING
        simulators.deliver()
        assert Refund.objects.get().state == RefundState.SUCCEEDED
        charges = simulators.charges()
        assert simulators.complaints() == []
    assert [(each["amount"], each["returned"]) for each in charges] == [(tiyin(order), tiyin(order))]
    drain_outbox()
    assert payment_state(order) == PaymentState.REFUNDED
    assert states()[-1] == AttemptState.REVERSED
    assert books.verify_books() == []


def test_told_late_lost_or_shuffled(settings, db):
    with simulated(settings) as simulators:
        for behaviour in ("callback-shuffled", "callback-late", "callback-lost"):
            order = make_unpaid("payme")
            payment = begin_payment(order_id=order.pk, provider="payme", payer=order.customer)
            simulators.act(payment.next_step["url"], behaviour)
            simulators.deliver()
            if behaviour == "callback-lost":
                assert payment_state(order) == PaymentState.PENDING
                assert ask_about_open(now=clock.now() + timedelta(minutes=20)) == 1
            assert payment_state(order) == PaymentState.PAID, behaviour
        assert simulators.complaints() == []
    assert set(states()) == {AttemptState.PAID}
    assert books.verify_books() == []


def test_the_connection_is_tested_with_the_key(settings):
    with simulated(settings):
        account = platform(settings, "payme")
        Payme().check(account)
        wrong = type(account)("payme", dict(account.values) | {"PAYME_KEY": "x"}, account.base_url)
        with pytest.raises(Exception, match="refused"):
            Payme().check(wrong)


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
