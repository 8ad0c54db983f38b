"""Uzum Bank's Merchant API, rule by rule, and a payment at the simulated bank."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.demand import Demand
from karvon.inventory.models import StockLevel
from karvon.inventory.services import take_stock
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
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
from karvon.payments.providers.uzum import LIFETIME
from karvon.payments.services import begin_payment, expire_attempts, receive_callback
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import simulated
from karvon.settings.providers import read_accounts
from karvon.simulators.credentials import DEMO, environment
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db
SERVICE = int(DEMO.uzum_service_id)
A, B = "0b6f4c6e-0000-4000-8000-00000000000a", "0b6f4c6e-0000-4000-8000-00000000000b"
METHODS = ("check", "create", "confirm", "reverse", "status")
BIT = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def contract(settings):
    settings.KARVON_PROVIDERS = read_accounts(defaultdict(str, environment("http://127.0.0.1:9")))


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("uzum")


def token(user: str = DEMO.uzum_username, password: str = DEMO.uzum_password) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def send(action: str, body: bytes, **changes: Any) -> dict[str, Any]:
    """A success with HTTP 200, or with HTTP 400 a refusal, whose code is a text."""
    fields: dict[str, Any] = {
        "method": "POST",
        "action": action,
        "body": body,
        "headers": {"content-type": "application/json", "authorization": token()},
        "address": "198.51.100.10",
        "received_at": clock.now(),
    }
    reply = receive_callback(provider="uzum", request=CallbackRequest(**fields | changes))
    said: dict[str, Any] = orjson.loads(reply.body)
    assert reply.status == (400 if "errorCode" in said else 200)
    if "errorCode" in said:
        assert isinstance(said["errorCode"], str)
        assert said["status"] == "FAILED"
    return said


def message(action: str, order: Order | None = None, trans: str = A) -> dict[str, Any]:
    said: dict[str, Any] = {"serviceId": SERVICE, "timestamp": to_ms(clock.now())}
    if action != "check":
        said["transId"] = trans
    if order is not None and action in ("check", "create"):
        said["params"] = {"order_id": str(order.pk)}
    if order is not None and action == "create":
        said["amount"] = to_units(order.total, "UZS")
    if action == "confirm":
        said |= {"paymentSource": "UZCARD", "phone": "998901234567", "cardType": 2, "tariff": None}
    return said


def ask(
    action: str, order: Order | None = None, trans: str = A, _now: Any = None, **changes: Any
) -> dict[str, Any]:
    body = json.dumps(message(action, order, trans) | changes).encode()
    return send(action, body, received_at=_now or clock.now())


def code(said: dict[str, Any]) -> str | None:
    return said.get("errorCode")


def states() -> list[str]:
    return list(PaymentAttempt.objects.order_by("pk").values_list("state", flat=True))


def payment_state(order: Order) -> str:
    return Order.objects.get(pk=order.pk).payment_state


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
    expire_unpaid_orders(now=clock.now() + timedelta(hours=2))
    drain_outbox()
    assert ask("confirm")["status"] == "CONFIRMED"
    assert payment_state(order) == PaymentState.PAID
    assert books.verify_books() == []


def test_late_money_is_not_taken_when_the_goods_are_gone(order):
    ask("create", order)
    expire_unpaid_orders(now=clock.now() + timedelta(hours=2))
    drain_outbox()
    for line in order.lines.all():
        for level in StockLevel.objects.filter(variant=line.variant_id):
            left = level.on_hand - level.reserved
            take_stock(order_id=1, demands=[Demand(level.variant_id, level.branch_id, left)], commit=True)
    assert code(ask("confirm")) == "10015"
    assert ask("status")["status"] == "FAILED"  # which ends the bank's polling
    assert payment_state(order) == PaymentState.EXPIRED


# --- who may speak, and how ---
def test_nobody_without_the_password_is_heard(order):
    ask("create", order)
    known = ProviderEvent.objects.count()
    headers = (
        token(password="x"), token(user="x"), token(password=""), token("", ""), "", "Basic", "Basic %%", "Basic \u0443",
        token().replace("Basic", "Bearer"), token(password=DEMO.uzum_password + "x"),
    )  # fmt: skip
    for action in METHODS:
        for header in headers:
            body = orjson.dumps(message(action, order))
            said = send(action, body, headers={"content-type": "application/json", "authorization": header})
            assert code(said) == "10001"
    assert states() == [AttemptState.CREATED]
    forged = ProviderEvent.objects.filter(outcome=EventOutcome.FORGED, is_verified=False)
    assert (forged.count(), ProviderEvent.objects.count()) == (50, known + 50)


def test_a_shop_without_uzum_refuses_all(settings, order):
    settings.KARVON_PROVIDERS["uzum"] |= {"UZUM_USERNAME": "", "UZUM_PASSWORD": ""}
    header = {"content-type": "application/json", "authorization": token("", "")}
    assert code(send("check", orjson.dumps(message("check", order)), headers=header)) == "10001"


def test_methods_and_content(order):
    body = orjson.dumps(message("check", order))
    for method in ("GET", "PUT"):
        assert code(send("check", body, method=method)) == "10003"
    for action in ("", "pay", "METHODS", "check_order"):
        assert code(send(action, body)) == "10003"
    for kind in ("", "text/plain", "application/x-www-form-urlencoded"):
        headers = {"content-type": kind, "authorization": token()}
        assert code(send("check", body, headers=headers)) == "10002"
    deep = b'{"params":' + b"[" * 60_000
    for content in (b"", b"{", b"[]", b"null", b"\xff", b'{"amount":NaN}', deep, body + body):
        for action in METHODS:
            assert code(send(action, content)) == "10002"


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("check", {"params": None}, "10005"),
    ("check", {"params": []}, "10005"),
    ("check", {"params": {}}, "10005"),
    ("check", {"params": {"order_id": ""}}, "10005"),
    ("check", {"timestamp": None}, "10005"),
    ("check", {"serviceId": None}, "10005"),
    ("check", {"serviceId": SERVICE + 1}, "10006"),
    ("check", {"serviceId": 10**30}, "10005"),
    ("check", {"params": {"order_id": "5"}}, "10007"),
    ("check", {"params": {"order_id": "\x00"}}, "10007"),
    ("check", {"params": {"order_id": {"a": [1]}}}, "10007"),
    ("check", {"params": {"order_id": "9" * 500}}, "10007"),
    ("create", {"serviceId": SERVICE + 1, "amount": 1}, "10006"),
    ("create", {"transId": None}, "10005"),
    ("create", {"transId": 5}, "10005"),
    ("create", {"transId": "\x00"}, "10005"),
    ("create", {"transId": "a" * 65}, "10005"),
    ("create", {"amount": None}, "10005"),
    ("create", {"amount": "100"}, "10005"),
    ("create", {"amount": 1.5}, "10005"),
    ("create", {"amount": True}, "10005"),
    ("create", {"amount": 10**40}, "10005"),
    ("create", {"amount": 0}, "10011"),
    ("create", {"amount": -1}, "10011"),
    ("create", {"amount": 2**62}, "10011"),
    ("create", {"params": {"order_id": "5"}, "amount": 1}, "10007"),
    ("confirm", {"paymentSource": None}, "10005"),
    ("confirm", {"phone": ""}, "10005"),
    ("confirm", {"serviceId": SERVICE + 1}, "10014"),
    ("reverse", {"transId": None}, "10005"),
    ("status", {"transId": ["x"]}, "10005"),
]


def test_what_is_not_right_changes_nothing(order):
    for action, changes, expected in WRONG:
        assert code(ask(action, order, **changes)) == expected, (action, changes)
    total = to_units(order.total, "UZS")
    for amount in (total - 1, total + 1):
        assert code(ask("create", order, amount=amount)) == "10011"
    assert states() == []
    assert payment_state(order) == PaymentState.PENDING


def test_names_of_orders_and_sources_that_nobody_knew(order):
    assert ask("check", params={"account": order.number})["status"] == "OK"
    assert ask("create", order, params={"order_id": order.pk})["status"] == "CREATED"
    assert ask("confirm", paymentSource="A NEW CARD\x00", tariff={"x": 1})["status"] == "CONFIRMED"


# --- the pay page and the addresses ---
def test_the_customer_is_sent_to_a_link_with_everything(order):
    payment = begin_payment(order_id=order.pk, provider="uzum", payer=order.customer)
    link = urlsplit(payment.next_step["url"])
    asked = {name: values[0] for name, values in parse_qs(link.query, strict_parsing=True).items()}
    assert asked.pop("redirectUrl").startswith("http")
    assert link.path == "/uzum/open-service"
    assert asked == {
        "serviceId": str(SERVICE), "order_id": str(order.pk), "amount": str(to_units(order.total, "UZS")),
    }  # fmt: skip
    ask("create", order)
    assert PaymentAttempt.objects.get().payment_id == payment.pk


def test_through_the_addresses_that_the_bank_is_given(order, client):
    for address in ("/api/v1/payments/callbacks/uzum/check", "/api/v1/payments/callbacks/uzum/check/"):
        for headers, status in (({"Authorization": token()}, 200), ({}, 400)):
            body = orjson.dumps(message("check", order))
            assert client.post(address, body, "application/json", headers=headers).status_code == status


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
