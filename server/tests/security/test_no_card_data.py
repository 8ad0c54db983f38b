"""Card numbers, providers' keys and tokens are nowhere: not in the database, not in the log.

Every test that pays at the simulators looks at the end (`payments.tests.simulated`), and every test at all reads along in the
log (`conftest`). Here: that they would find something, and payments in which somebody tries.
"""

from __future__ import annotations

import logging

import pytest
import structlog
from django.db import connection

from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.models import OutboxEvent, StoredAnswer
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.services import cancel_order
from karvon.payments.errors import ProviderUnavailable, SignatureInvalid
from karvon.payments.models import EventOutcome, Payment, ProviderEvent
from karvon.payments.protocol import CallbackRequest
from karvon.payments.services import ask_provider, begin_payment, receive_callback, send_due_refunds
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.leaks import CARDS, KEYS, SIGNED_ON, Watch, find_in_database, find_in_text
from karvon.payments.tests.simulated import simulated
from karvon.simulators.razorpay import checkout_link

pytestmark = pytest.mark.django_db

TOKEN = "A21AA" + "x" * 60
EVERY = (*CARDS, *(card.replace(" ", "") for card in CARDS), *KEYS, *SIGNED_ON, TOKEN)


# --- it would be found ---
def test_everything_is_found_in_a_text():
    assert [each for each in EVERY if not find_in_text(f"so they say: {each}.")] == []
    assert find_in_text("4242 4242 4242 4243 and sk_test_somebody_else") == []


def keep_message(text: str) -> None:
    ProviderEvent.objects.create(provider="stripe", body=text.encode(), outcome=EventOutcome.APPLIED)


def keep_header(text: str) -> None:
    ProviderEvent.objects.create(provider="stripe", body=b"", headers={"authorization": f"Basic {text}"})


def keep_answer(text: str) -> None:
    StoredAnswer.objects.create(
        scope="x", key=str(StoredAnswer.objects.count()), fingerprint="z", body=b"\x00\xff" + text.encode()
    )


def keep_news(text: str) -> None:
    OutboxEvent.objects.create(type="test.something", payload={"deep": [{"card": text}]})


def keep_audit(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (actor_label, actor_role, action, change, object_type, object_id, request_id, after) "
            "VALUES ('', '', 'x', 'insert', 'x', '1', '', jsonb_build_object('secrets', %s::text))",
            [text],
        )


def keep_failure(text: str) -> None:
    order = make_unpaid("bank_transfer")
    Payment.objects.create(
        order=order, provider="bank_transfer", amount=1, currency=order.currency, failure=text
    )


@pytest.mark.parametrize(
    ("keep", "place"),
    [
        (keep_message, "payments_providerevent.body"),
        (keep_header, "payments_providerevent.headers"),
        (keep_answer, "kernel_storedanswer.body"),
        (keep_news, "kernel_outboxevent.payload"),
        (keep_audit, "audit_entry.after"),
        (keep_failure, "payments_payment.failure"),
    ],
    ids=["message", "header", "answer", "news", "audit", "failure"],
)
def test_what_is_kept_is_found(keep, place):
    assert find_in_database() == []
    for each in EVERY[::3]:
        keep(each)
        assert find_in_database() == [place]
    keep("4242 4242 4242 4243")
    assert find_in_database() == [place]


def test_what_is_logged_is_found():
    watch, logger = Watch(), logging.getLogger("tests.leaking")
    logger.addHandler(watch)
    logger.propagate = False
    try:
        logger.warning("they have %s", KEYS[0])
        assert len(watch.take()) == 1
        # masked on the way
        structlog.get_logger("tests.leaking").warning("declined", card=CARDS[0], secret=KEYS[0])
        logger.warning("Authorization: Basic %s", SIGNED_ON[0])
        logger.warning("paid with %s", CARDS[3])
        assert watch.take() == []
    finally:
        logger.removeHandler(watch)


# --- it is not there ---
@pytest.mark.parametrize("provider", ["razorpay", "stripe", "paypal"])
def test_money_leaves_no_trace_of_cards_and_keys(settings, caplog, provider):
    """Declined, silent, paid, given back, and a stranger who says a card number in the provider's name."""
    caplog.set_level(logging.DEBUG)
    with simulated(settings) as simulators:
        goods = make_variant(
            merchant=make_merchant(currency="INR" if provider == "razorpay" else "USD"), units=5
        )
        order = make_unpaid(provider, (goods, 1))
        simulators.world.set_mode(provider, {"mode": "down"})
        with pytest.raises(ProviderUnavailable):
            begin_payment(order_id=order.pk, provider=provider, payer=order.customer)
        simulators.world.set_mode(provider, {"mode": "ok"})
        payment = begin_payment(order_id=order.pk, provider=provider, payer=order.customer)
        data = payment.next_step["data"]
        link = payment.next_step["url"] or checkout_link(
            f"{simulators.base}/razorpay", data["key_id"], data["razorpay_order_id"]
        )
        if provider != "paypal":  # who declines there does it when the money is taken
            simulators.act(link, "decline")
        simulators.act(link, "pay")
        ask_provider(payment_id=payment.pk)
        with pytest.raises(SignatureInvalid):
            receive_callback(provider=provider, request=a_strangers(CARDS[0]))
        cancel_order(order_id=order.pk, actor=None)
        drain_outbox()
        assert send_due_refunds() == 1
        simulators.deliver()
        drain_outbox()

        assert simulators.charges()[0]["returned"] > 0
        forged = ProviderEvent.objects.filter(outcome=EventOutcome.FORGED)
        assert {bytes(each) for each in forged.values_list("body", flat=True)} == {
            b'{"card": "[number]", "again": "[number]"}'
        }
        assert find_in_database() == []
    assert [each for each in map(Watch().format, caplog.records) if find_in_text(each)] == []


def a_strangers(card: str) -> CallbackRequest:
    body = f'{{"card": "{card}", "again": "{card.replace(" ", "-")}"}}'.encode()
    headers = {"content-type": "application/json", "authorization": f"Basic {SIGNED_ON[0]}"}
    return CallbackRequest("POST", "", body, headers, "198.51.100.7", clock.now())
