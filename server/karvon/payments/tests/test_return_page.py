"""Where customers come back to: what it says is ours to say, whatever they bring along."""

from __future__ import annotations

import pytest
from django.test import Client

from karvon.accounts.tests.factories import make_user
from karvon.kernel.testing import drain_outbox
from karvon.orders.services import cancel_order
from karvon.payments.models import Payment, PaymentStatus
from karvon.payments.services import begin_payment, confirm_by_hand
from karvon.payments.tests.factories import BANK, bank_account, make_unpaid
from karvon.payments.tests.simulated import simulated

pytestmark = pytest.mark.django_db


def page_of(order, browser=None, **query) -> tuple[int, str]:
    answer = (browser or Client()).get(f"/pay/return/{order.token}/", query)
    assert (answer["Cache-Control"], answer["Referrer-Policy"], answer["X-Robots-Tag"]) == (
        "no-store", "no-referrer", "noindex",
    )  # fmt: skip
    assert "<script" not in answer.content.decode()
    return answer.status_code, answer.content.decode()


def test_nothing_in_the_address_makes_an_order_paid():
    order = make_unpaid("razorpay", language="en")
    Payment.objects.create(
        order=order, provider="razorpay", amount=order.total, currency=order.currency, state="pending"
    )

    status, html = page_of(order, status="paid", payment_status="succeeded", razorpay_payment_id="pay_1")

    assert status == 200
    assert "We are checking your payment" in html
    assert f'http-equiv="refresh" content="4;url=/pay/return/{order.token}/"' in html


def test_what_a_provider_posts_is_left_unread_and_the_page_is_the_same():
    order = make_unpaid("razorpay", language="en")
    browser = Client(enforce_csrf_checks=True)

    answer = browser.post(f"/pay/return/{order.token}/?x=1", {"razorpay_signature": "00", "order_id": "1"})

    assert (answer.status_code, answer["Location"]) == (303, f"/pay/return/{order.token}/")
    assert answer["Referrer-Policy"] == "no-referrer"


def test_it_says_paid_when_it_is_and_that_money_goes_back():
    bank_account()
    order, operator = make_unpaid("bank_transfer", language="en"), make_user(role="staff")
    assert "No payment is under way" in page_of(order)[1]
    payment = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
    waiting = page_of(order)[1]
    assert "We are waiting for your transfer" in waiting
    assert "refresh" not in waiting
    assert all(text in waiting for text in (BANK["HOLDER"], BANK["NUMBER"], order.number))

    confirm_by_hand(payment_id=payment.pk, actor=operator, reference="statement 1")
    assert "Thank you, it is paid" in page_of(order)[1]

    cancel_order(order_id=order.pk, actor=operator, reason="broken")
    drain_outbox()
    assert "Your money goes back to you" in page_of(order)[1]


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (PaymentStatus.FAILED, "The payment did not go through"),
        (PaymentStatus.EXPIRED, "The time to pay is over"),
        (PaymentStatus.CANCELLED, "The payment was cancelled"),
    ],
)
def test_a_payment_that_came_to_nothing_is_told(state, sentence):
    order = make_unpaid("stripe", language="en")
    Payment.objects.create(
        order=order, provider="stripe", amount=order.total, currency=order.currency, state=state
    )

    html = page_of(order)[1]

    assert sentence in html
    assert "refresh" not in html
    assert 'class="button" href="/"' in html


@pytest.mark.parametrize("token", ["unknown", "%D0%B0", "x" * 500])
def test_an_unknown_token_is_not_found(token):
    answer = Client().get(f"/pay/return/{token}/")

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_it_speaks_the_customers_language():
    html = page_of(make_unpaid("payme", language="ar"))[1]

    assert '<html lang="ar" dir="rtl">' in html


def test_the_provider_is_asked_once_however_often_somebody_looks(settings, monkeypatch):
    from karvon.payments import tasks

    asked: list[int] = []
    with simulated(settings):
        order = make_unpaid("razorpay", language="en")
        payment = begin_payment(order_id=order.pk, provider="razorpay", payer=order.customer)
        monkeypatch.setattr(tasks.ask_provider, "apply_async", lambda args, **_options: asked.append(args[0]))
        for _look in range(3):
            page_of(order)
        Client().head(f"/pay/return/{order.token}/")

    assert asked == [payment.pk]
