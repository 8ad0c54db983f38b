"""Click's SHOP-API, rule by rule, its Merchant API, and a payment at the simulated Click."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.demand import Demand
from karvon.inventory.models import StockLevel
from karvon.inventory.services import take_stock
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import Order, PaymentState
from karvon.orders.services import cancel_order, expire_unpaid_orders
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
from karvon.payments.protocol import CallbackRequest, RefundOrder
from karvon.payments.providers.click import LIFETIME, Click, digest_of, signature_of
from karvon.payments.services import (
    ask_about_open,
    begin_payment,
    expire_attempts,
    receive_callback,
    send_due_refunds,
)
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import platform, simulated
from karvon.settings.providers import read_accounts
from karvon.simulators.credentials import DEMO, environment
from tests.concurrency.racing import race

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def contract(settings):
    settings.KARVON_PROVIDERS = read_accounts(defaultdict(str, environment("http://127.0.0.1:9")))


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("click")


def send(action: str, body: bytes, **changes: Any) -> dict[str, Any]:
    """The answer: flat, with status 200 whatever it says."""
    fields: dict[str, Any] = {
        "method": "POST",
        "action": action,
        "body": body,
        "headers": {"content-type": FORM},
        "address": "198.51.100.9",
        "received_at": clock.now(),
    }
    reply = receive_callback(provider="click", request=CallbackRequest(**fields | changes))
    assert reply.status == 200
    said: dict[str, Any] = orjson.loads(reply.body)
    assert type(said["error"]) is int
    assert said["error_note"]
    return said


def fields_of(order: Order, **changes: Any) -> dict[str, str]:
    fields = {
        "click_trans_id": "9000000001", "service_id": DEMO.click_service_id, "click_paydoc_id": "77",
        "merchant_trans_id": str(order.pk), "amount": f"{order.total:.2f}", "action": "0", "error": "0", "error_note": "Success",
        "sign_time": "2026-01-15 12:30:45",
    } | changes  # fmt: skip
    return {name: str(value) for name, value in fields.items() if value is not None}


def sign(fields: dict[str, str], secret: str = DEMO.click_secret_key) -> bytes:
    return urlencode(fields | {"sign_string": signature_of(fields, secret)}).encode()


def prepare(order: Order, _now: Any = None, **changes: Any) -> dict[str, Any]:
    return send("prepare", sign(fields_of(order, **changes)), received_at=_now or clock.now())


def complete(order: Order, prepare_id: Any, _now: Any = None, **changes: Any) -> dict[str, Any]:
    fields = fields_of(order, action=1, merchant_prepare_id=prepare_id, **changes)
    return send("complete", sign(fields), received_at=_now or clock.now())


def prepared(order: Order, **changes: Any) -> int:
    said = prepare(order, **changes)
    assert said["error"] == 0, said
    return int(said["merchant_prepare_id"])


def states() -> list[str]:
    return list(PaymentAttempt.objects.order_by("pk").values_list("state", flat=True))


def payment_state(order: Order) -> str:
    return Order.objects.get(pk=order.pk).payment_state


# --- vectors ---
def test_signatures_of_the_documents():
    fields = {
        "click_trans_id": "1111", "service_id": "2222", "merchant_trans_id": "11111", "amount": "1000.0", "action": "0",
        "sign_time": "2026-01-15 12:30:45",
    }  # fmt: skip
    assert signature_of(fields, "AAAAAAAA") == "58af4d69993816bd0a10df8d3d789705"
    fields |= {"action": "1", "merchant_prepare_id": "77"}
    assert signature_of(fields, "AAAAAAAA") == "7349ff09cee368acafa42cfbd415d623"
    assert digest_of("AAAAAAAA", "1519051543") == "d68137d799e1436eb45457c9bb289c072b5012e5"


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


# --- the order of checks ---
WRONG: list[tuple[dict[str, Any], int]] = [
    ({"amount": "1"}, -2),
    ({"amount": "NaN"}, -2),
    ({"amount": "Infinity"}, -2),
    ({"amount": "1e9"}, -2),
    ({"amount": "-1"}, -2),
    ({"amount": "9" * 400}, -2),
    ({"amount": "\u0661\u0660"}, -2),
    ({"action": "2"}, -3),
    ({"action": "01"}, -3),
    ({"merchant_trans_id": "5"}, -5),
    ({"merchant_trans_id": "\x00"}, -5),
    ({"merchant_trans_id": "9" * 300}, -5),
    ({"service_id": "2"}, -8),
    ({"click_trans_id": "x"}, -8),
    ({"click_trans_id": "9" * 20}, -8),
    ({"click_trans_id": "0"}, -8),
    ({"error": "x"}, -8),
    ({"error": ""}, -8),
    ({"sign_time": "now"}, -8),
    ({"sign_time": "2026-01-15 12:30:45\n"}, -8),
    ({"click_trans_id": None}, -8),
    ({"merchant_trans_id": ""}, -8),
    ({"click_paydoc_id": None}, -8),
]


def test_what_is_not_right_changes_nothing(order):
    for changes, expected in WRONG:
        body = sign(fields_of(order) | {name: text or "" for name, text in changes.items()})
        for name, text in changes.items():
            if text is None:
                body = body.replace(name.encode(), b"x")
        assert send("prepare", body)["error"] == expected, changes
    assert states() == []


def test_amounts_are_numbers_not_texts(order):
    total = order.total
    for number, text in enumerate((f"{total:.0f}", f"{total:.1f}", f"{total:.2f}", f"{total:.6f}"), 1):
        assert prepare(order, amount=text, click_trans_id=number)["error"] == 0, text
    assert prepare(order, amount=f"0{total:.2f}")["error"] == -2


def test_addresses_and_actions_go_together(order):
    prepare_id = prepared(order)
    assert send("complete", sign(fields_of(order)))["error"] == -3
    body = sign(fields_of(order, action=1, merchant_prepare_id=prepare_id))
    assert send("prepare", body)["error"] == -3
    assert send("refund", body)["error"] == -3
    assert states() == [AttemptState.CREATED]


def test_only_whole_forms_are_read(order):
    good = sign(fields_of(order))
    for body in (b"", b"{}", b"\xff" * 9, good + b"&amount=1", good + b"&a=b" * 100, b"a=%FF&" + good):
        assert send("prepare", body)["error"] == -8
    for kind in ("", "application/json", "multipart/form-data", "text/plain"):
        assert send("prepare", good, headers={"content-type": kind})["error"] == -8
    assert send("prepare", good, method="GET")["error"] == -8
    missing = sign(fields_of(order, action=1))
    assert send("complete", missing)["error"] == -8
    assert states() == []


def test_nothing_is_done_without_the_key(order):
    fields = fields_of(order)
    other = signature_of(fields_of(make_unpaid("click")), DEMO.click_secret_key)
    complete_sign = signature_of(fields | {"action": "1", "merchant_prepare_id": "1"}, DEMO.click_secret_key)
    right = signature_of(fields, DEMO.click_secret_key)
    for forged in ("0", "0" * 32, right.upper(), right[:-1], right + "0", other, complete_sign, "\u0443"):
        assert send("prepare", urlencode(fields | {"sign_string": forged}).encode())["error"] == -1
    assert send("prepare", sign(fields, "AAAAAAAA"))["error"] == -1
    assert send("prepare", sign(fields, ""))["error"] == -1
    # the raw texts are signed: a number that is worth the same is another text
    changed = fields | {"sign_string": right, "amount": f"{order.total:.1f}"}
    assert send("prepare", urlencode(changed).encode())["error"] == -1
    assert states() == []
    events = ProviderEvent.objects.all()
    assert {event.outcome for event in events} == {EventOutcome.FORGED}


def test_a_shop_without_click_signs_nothing(settings, order):
    settings.KARVON_PROVIDERS["click"]["CLICK_SECRET_KEY"] = ""
    assert send("prepare", sign(fields_of(order), ""))["error"] == -1


# --- time ---
def test_late_money_brings_the_order_back(order):
    prepare_id = prepared(order)
    expire_unpaid_orders(now=clock.now() + timedelta(hours=2))
    drain_outbox()
    assert prepare(order, click_trans_id=2)["error"] == -9
    assert complete(order, prepare_id)["error"] == 0
    assert payment_state(order) == PaymentState.PAID
    assert books.verify_books() == []


def test_late_money_is_not_taken_when_the_goods_are_gone(order):
    prepare_id = prepared(order)
    expire_unpaid_orders(now=clock.now() + timedelta(hours=2))
    drain_outbox()
    for line in order.lines.all():
        for level in StockLevel.objects.filter(variant=line.variant_id):
            left = level.on_hand - level.reserved
            take_stock(order_id=1, demands=[Demand(level.variant_id, level.branch_id, left)], commit=True)
    for _ in range(2):
        assert complete(order, prepare_id)["error"] == -9
    assert (states(), payment_state(order)) == ([AttemptState.CANCELLED], PaymentState.EXPIRED)


def test_a_prepared_transaction_is_left_after_a_day(order):
    prepare_id = prepared(order)
    assert expire_attempts(now=clock.now() + LIFETIME) == 1
    assert complete(order, prepare_id)["error"] == -9


# --- the pay page ---
def test_each_value_of_the_link_is_encoded(order):
    payment = begin_payment(order_id=order.pk, provider="click", payer=order.customer)
    link = urlsplit(payment.next_step["url"])
    asked = {name: values[0] for name, values in parse_qs(link.query, strict_parsing=True).items()}
    back = asked.pop("return_url")
    assert (link.path, back.startswith("http")) == ("/click/services/pay", True)
    assert "://" not in link.query
    assert asked == {
        "service_id": DEMO.click_service_id, "merchant_id": DEMO.click_merchant_id, "amount": f"{order.total:.2f}",
        "transaction_param": str(order.pk),
    }  # fmt: skip
    prepared(order)
    assert PaymentAttempt.objects.get().payment_id == payment.pk


def test_through_the_addresses_that_click_is_given(order, client):
    fields = fields_of(order)
    said = client.post("/api/v1/payments/callbacks/click/prepare/", sign(fields), FORM).json()
    assert said["error"] == 0
    fields |= {"action": "1", "merchant_prepare_id": str(said["merchant_prepare_id"])}
    answer = client.post("/api/v1/payments/callbacks/click/complete/", sign(fields), FORM)
    assert (answer.status_code, answer.json()["error"]) == (200, 0)


# --- at the simulated Click, over HTTP ---
def test_paid_there_and_reversed(order, settings):
    with simulated(settings) as simulators:
        link = begin_payment(order_id=order.pk, provider="click", payer=order.customer).next_step["url"]
        assert simulators.act(link, "wrong-signature").is_taken is False
        simulators.act(link, "decline")
        assert payment_state(order) == PaymentState.PENDING
        assert simulators.act(link, "pay").is_taken
        simulators.act(link, "pay")
        drain_outbox()
        assert payment_state(order) == PaymentState.PAID

        cancel_order(order_id=order.pk, actor=make_user(role="staff"))
        drain_outbox()
        send_due_refunds(now=clock.now())
        refund = Refund.objects.get()
        assert refund.state == RefundState.SUCCEEDED
        # as after an answer that was lost: asked again, it is not reversed again
        payment = refund.payment
        again = RefundOrder(
            str(refund.pk),
            "",
            payment.pk,
            order.pk,
            payment.charge_reference,
            "",
            order.total,
            "UZS",
            is_full=True,
        )
        assert Click().refund(platform(settings, "click"), again).state == "succeeded"
        returned = [each["returned"] for each in simulators.charges()]
        assert simulators.complaints() == []
    assert returned == [int(order.total * 100)]
    drain_outbox()
    assert payment_state(order) == PaymentState.REFUNDED
    assert books.verify_books() == []


def test_told_late_lost_or_shuffled(settings, db):
    with simulated(settings) as simulators:
        for behaviour in ("callback-shuffled", "callback-late", "callback-lost"):
            order = make_unpaid("click")
            payment = begin_payment(order_id=order.pk, provider="click", payer=order.customer)
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
        account = platform(settings, "click")
        Click().check(account)
        wrong = type(account)("click", dict(account.values) | {"CLICK_SECRET_KEY": "x"}, account.base_url)
        with pytest.raises(Exception, match="refused"):
            Click().check(wrong)


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
