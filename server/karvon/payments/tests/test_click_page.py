"""Click's pay page and its Merchant API, at the simulated Click."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import Order, PaymentState
from karvon.orders.services import cancel_order
from karvon.payments.models import (
    PaymentAttempt,
    Refund,
    RefundState,
)
from karvon.payments.protocol import RefundOrder
from karvon.payments.providers.click import Click
from karvon.payments.services import (
    begin_payment,
    send_due_refunds,
)
from karvon.payments.tests.at_click import FORM, fields_of, prepared, sign
from karvon.payments.tests.calling import payment_state
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import platform, simulated
from karvon.simulators.credentials import DEMO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("click")


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
            str(refund.pk), "", payment.pk, order.pk, payment.charge_reference, "", order.total, "UZS", is_full=True,
            is_first=False,
        )  # fmt: skip
        account = platform(settings, "click")
        assert Click().refund(account, again).state == "succeeded"
        # but what is in error there before anything was asked may be another payment of the order
        assert Click().refund(account, replace(again, is_first=True)).state == "failed"
        returned = [each["returned"] for each in simulators.charges()]
        assert simulators.complaints() == []
    assert returned == [int(order.total * 100)]
    drain_outbox()
    assert payment_state(order) == PaymentState.REFUNDED
    assert books.verify_books() == []
