"""Payme's pay page and its Subscribe API, at the simulated Payme."""

from __future__ import annotations

import base64
from datetime import timedelta
from urllib.parse import unquote

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import Order, PaymentState
from karvon.orders.services import cancel_order
from karvon.payments.models import (
    AttemptState,
    PaymentAttempt,
    Refund,
    RefundState,
)
from karvon.payments.providers.payme_words import encode_link
from karvon.payments.services import (
    begin_payment,
    send_due_refunds,
)
from karvon.payments.tests.at_payme import create, tiyin
from karvon.payments.tests.calling import payment_state, states
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import simulated
from karvon.simulators.credentials import DEMO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("payme")


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
