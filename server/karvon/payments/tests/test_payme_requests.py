"""Who may speak in Payme's name, and how."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from karvon.kernel import clock
from karvon.orders.models import Order, PaymentState
from karvon.payments.calls import to_ms
from karvon.payments.models import (
    AttemptState,
    EventOutcome,
    ProviderEvent,
)
from karvon.payments.tests.at_payme import METHODS, account, ask, code, create, send, tiyin
from karvon.payments.tests.calling import basic, payment_state, states
from karvon.payments.tests.factories import make_unpaid
from karvon.simulators.credentials import DEMO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("payme")


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
        (b'{"id":1,"method":"CancelTransaction","params":{"id":"a1","reason":true}}', -32600),
        (b'{"id":1.0,"method":"CheckTransaction","params":{"id":"a1"}}', -32600),
        (b'{"id":9223372036854775808,"method":"CheckTransaction","params":{"id":"a1"}}', -32600),
        (b'{"id":1,"method":"CheckTransaction","params":{"id":"\\ud800"}}', -32700),
        (b'{"id":1,"method":"CheckTransaction","params":{"id":1e999}}', -32700),
        (b'{"id":1,"method":"checktransaction","params":{"id":"a1"}}', -32601),
        (b'{"id":1,"method":"ChangePassword","params":{"password":"x"}}', -32601),
        (b'{"id":1,"method":"__init__","params":{}}', -32601),
        (b'{"id":1,"method":"\\u0000","params":{}}', -32601),
    ],
    ids=range(25),
)
def test_what_is_no_request(body, expected, db):
    said = orjson.loads(send(body))
    assert said["error"]["code"] == expected
    if expected == -32601:
        assert said["error"]["data"] == orjson.loads(body)["method"]


def test_of_several_wrongs_the_first_is_told(order):
    """Each call is wrong in what it is refused for, and in whatever is checked after it."""
    said = [
        send(b"{", method="GET", key="x"),
        send(b"{", key="x"),
        send(b"{"),
        send(b'{"id":1,"method":"Pay"}'),
        send(b'{"id":1,"method":"Pay","params":{}}'),
    ]
    codes = [orjson.loads(each)["error"]["code"] for each in said]
    assert codes == [-32300, -32504, -32700, -32600, -32601]
    nobodys = {"account": {"order_id": "5"}, "amount": 1}
    assert code(create(order, time=None, **nobodys)) == -32600
    assert code(create(order, **nobodys)) == -31050
    assert code(ask("CheckPerformTransaction", **nobodys)) == -31050
    assert code(create(order, amount=1)) == -31001


def test_only_post_and_only_json(db):
    body = orjson.dumps({"id": 3, "method": "CheckTransaction", "params": {"id": "a"}})
    for method in ("GET", "PUT", "DELETE"):
        assert orjson.loads(send(body, method=method))["error"]["code"] == -32300
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/html"):
        headers = {"authorization": basic("Paycom", DEMO.payme_key), "content-type": kind}
        assert orjson.loads(send(body, headers=headers))["error"]["code"] == -32700


WRONG_CREATES: list[tuple[dict[str, Any], int]] = [
    ({"amount": 0}, -31001),
    ({"amount": -5}, -31001),
    ({"amount": True}, -31001),
    ({"amount": "500"}, -31001),
    ({"amount": 10**30}, -31001),
    ({"amount": None}, -31001),
    ({"amount": 1e3}, -31001),
    ({"amount": 2**63}, -31001),
    ({"account": {}}, -31050),
    ({"account": None}, -31050),
    ({"account": "1"}, -31050),
    ({"account": {"order_id": [1]}}, -31050),
    ({"account": {"order_id": "\x00"}}, -31050),
    ({"account": {"order_id": "9" * 400}}, -31050),
    ({"account": {"order_id": -1}}, -31050),
    ({"account": {"order_id": "9" * 19}}, -31050),
    ({"account": {"order_id": True}}, -31050),
    ({"account": {"order_id": "\u0663"}}, -31050),
    ({"id": None}, -32600),
    ({"id": "x" * 65}, -32600),
    ({"id": 5}, -32600),
    ({"time": None}, -32600),
    ({"time": 10**18}, -32600),
    ({"time": "1"}, -32600),
]


def test_a_create_that_is_not_right_changes_nothing(order):
    spaces = {"account": {"order_id": " " * 200 + str(order.pk)}}
    for changes, expected in [*WRONG_CREATES, (spaces, -31050)]:
        assert code(create(order, **changes)) == expected, changes
    # of a key that is there twice the last counts, for what is compared as for what is booked
    twice = orjson.dumps(
        {"id": "a1", "time": to_ms(clock.now()), "amount": tiyin(order), "account": account(order)}
    )
    twice = twice[:-1] + b',"amount":1}'
    said = send(b'{"id":1,"method":"CreateTransaction","params":' + twice + b"}")
    assert code(orjson.loads(said)) == -31001
    assert states() == []
    assert payment_state(order) == PaymentState.PENDING
