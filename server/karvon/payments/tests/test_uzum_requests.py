"""Who may speak in the bank's name, and how; the pay page and the addresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from karvon.orders.models import Order, PaymentState
from karvon.payments.amounts import to_units
from karvon.payments.models import (
    AttemptState,
    EventOutcome,
    PaymentAttempt,
    ProviderEvent,
)
from karvon.payments.services import begin_payment
from karvon.payments.tests.at_uzum import METHODS, SERVICE, B, ask, code, message, send, token
from karvon.payments.tests.calling import payment_state, states
from karvon.payments.tests.factories import make_unpaid
from karvon.simulators.credentials import DEMO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("uzum")


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
    ("create", {"amount": 2**63}, "10005"),
    ("create", {"amount": 1e3}, "10005"),
    ("check", {"serviceId": str(SERVICE)}, "10005"),
    ("check", {"serviceId": True}, "10005"),
    ("check", {"timestamp": 1.0}, "10005"),
    ("check", {"params": {"order_id": True}}, "10007"),
    ("check", {"params": {"order_id": "9" * 19}}, "10007"),
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


def test_of_several_wrongs_the_first_is_told(order):
    """Each call is wrong in what it is refused for, and in whatever is checked after it."""
    stranger = {"content-type": "application/json", "authorization": token(password="x")}
    assert code(send("create", b"{", method="GET", headers=stranger)) == "10003"
    assert code(send("create", b"{", headers=stranger)) == "10001"
    assert code(send("create", b"{")) == "10002"
    nobodys = {"params": {"order_id": "5"}, "amount": 1}
    assert code(ask("create", order, serviceId=1, transId=None, **nobodys)) == "10005"
    assert code(ask("create", order, serviceId=1, **nobodys)) == "10006"
    assert code(ask("create", order, **nobodys)) == "10007"
    assert ask("create", order)["status"] == "CREATED"
    assert code(ask("create", order, amount=1)) == "10010"
    assert code(ask("create", order, B, amount=1)) == "10011"
    assert ask("confirm")["status"] == "CONFIRMED"
    assert code(ask("create", order, amount=1)) == "10008"
    for changes in ({"serviceId": 1}, {}):
        assert code(ask("confirm", trans=B, **changes)) == "10014"


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
