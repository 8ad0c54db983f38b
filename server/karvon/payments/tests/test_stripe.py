"""Stripe: what is asked of it, and how money comes in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from karvon.inventory.tests.factories import level_of
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import PaymentState
from karvon.orders.services import expire_unpaid_orders
from karvon.payments import outside
from karvon.payments.errors import (
    AmountOutOfRange,
    CurrencyNotSupported,
    ProviderRefused,
    ProviderUnavailable,
    SignatureInvalid,
)
from karvon.payments.models import (
    Difference,
    EventOutcome,
    Payment,
    PaymentStatus,
    ProviderEvent,
    Refund,
    RefundReason,
)
from karvon.payments.protocol import Account, Intent
from karvon.payments.providers import stripe as ours
from karvon.payments.providers.stripe import Stripe
from karvon.payments.services import receive_callback, send_due_refunds
from karvon.payments.tests.at_stripe import (
    begin,
    event_of,
    fetch,
    page_of,
    paid,
    request_of,
    session_of,
    state_of,
    tell,
)
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import hear, platform
from karvon.simulators.credentials import DEMO
from karvon.simulators.world import Call

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(db):
    return make_unpaid("stripe")


def test_a_session_has_our_amounts_and_names(stripe, order):
    payment = begin(order, return_url="")
    session = session_of(stripe, payment)
    (line,) = stripe.world.providers["stripe"].books.lines[payment.reference]

    assert (payment.state, payment.next_step["kind"]) == (PaymentStatus.PENDING, "redirect")
    assert session["amount_total"] == int(order.total * 100)
    assert (line["description"], line["quantity"]) == (f"Order {order.number}", 1)
    assert session["currency"] == order.currency.lower()
    assert session["client_reference_id"] == str(order.pk)
    assert session["metadata"] == {"order_id": str(order.pk), "payment_id": str(payment.pk)}
    data = stripe.world.providers["stripe"].books.intent_data[payment.reference]
    assert data == {"metadata": session["metadata"]}
    assert (session["success_url"], session["cancel_url"]) == (
        session["cancel_url"],
        session["success_url"],
    )
    assert session["success_url"].startswith("http")
    lifetime = payment.expires_at - clock.now()
    assert timedelta(minutes=30) < lifetime <= timedelta(minutes=41)
    assert stripe.complaints() == []


@pytest.mark.parametrize(("language", "locale"), [("ru", "ru"), ("en", "en"), ("uz", "auto"), ("ar", "auto"), ("", "auto")])  # fmt: skip
def test_the_page_is_in_the_customers_language_where_there_is_one(language, locale):
    asked = ours._session_request(intent_of(language=language), 1)

    assert asked["locale"] == locale
    assert ("customer_email" in asked) is False
    assert ours._session_request(intent_of(email="a@example.com"), 1)["customer_email"] == "a@example.com"


def intent_of(**changes) -> Intent:
    fields = {
        "payment_id": 2, "order_id": 1, "order_number": "A-1", "amount": Decimal("12.34"), "currency": "USD", "key": "order-1",
        "email": "", "language": "en", "return_url": "http://shop.example/", "cancel_url": "http://shop.example/",
        "expires_at": None,
    }  # fmt: skip
    return Intent(**fields | changes)


def test_the_same_try_is_the_same_session(stripe, settings):
    account, way = platform(settings, "stripe"), Stripe()

    first, again = (way.begin(account, intent_of()) for _ in range(2))
    other = way.begin(account, intent_of(key="order-2"))

    assert first == again
    assert other.reference != first.reference


def test_what_stripe_refuses_is_told_in_its_words(stripe, settings):
    values = platform(settings, "stripe").values
    foreign = Account("stripe", {**values, "STRIPE_SECRET_KEY": "sk_test_wrong_wrong"}, values["BASE_URL"])

    with pytest.raises(ProviderRefused) as refused:
        Stripe().check(foreign)
    assert "Invalid API Key" in refused.value.details["stripe"][0]
    assert "wrong_wrong" not in refused.value.details["stripe"][0]
    Stripe().check(platform(settings, "stripe"))
    with pytest.raises(ProviderRefused):
        Stripe().begin(platform(settings, "stripe"), intent_of(return_url="nowhere"))


@pytest.mark.parametrize(("amount", "currency"), [("1.234", "KWD"), ("5.50", "MGA")])
def test_what_stripe_cannot_count_is_out_of_its_range(stripe, settings, amount, currency):
    with pytest.raises(AmountOutOfRange):
        Stripe().begin(platform(settings, "stripe"), intent_of(amount=Decimal(amount), currency=currency))


def test_currencies_can_be_named(stripe, settings):
    values = platform(settings, "stripe").values | {"STRIPE_CURRENCIES": "EUR, UZS"}
    account = Account("stripe", values, values["BASE_URL"])

    with pytest.raises(CurrencyNotSupported):
        Stripe().begin(account, intent_of())
    assert Stripe().begin(account, intent_of(currency="EUR")).url


@pytest.mark.parametrize("mode", [{"mode": "slow", "seconds": 30}, {"mode": "down"}, {"mode": "drop"}, {"mode": "lost"}])  # fmt: skip
def test_a_provider_that_is_away_costs_no_more_than_its_time(stripe, order, monkeypatch, mode):
    monkeypatch.setattr(outside, "TIMEOUT", 0.5)
    stripe.world.set_mode("stripe", mode)
    begun = clock.now()

    with pytest.raises(ProviderUnavailable):
        begin(order)

    assert clock.now() - begun < timedelta(seconds=1.5)
    assert state_of(order)[1] == PaymentState.PENDING
    stripe.world.set_mode("stripe", {"mode": "ok"})
    monkeypatch.undo()
    assert page_of(begin(order))


def test_a_provider_that_stays_away_is_not_asked_any_more(stripe, order):
    stripe.world.set_mode("stripe", {"mode": "drop"})
    for _ in range(outside.FAILURES + 2):
        with pytest.raises(ProviderUnavailable):
            begin(order)

    assert len(stripe.world.journal.listed("stripe", "request")) == outside.FAILURES


# --- money comes in ---
def test_a_paid_session_pays_the_order_once(stripe, order):
    payment = paid(stripe, order)

    assert payment.state == PaymentStatus.PAID
    assert payment.charge_reference == session_of(stripe, payment)["payment_intent"]
    assert state_of(order) == ("confirmed", PaymentState.PAID)
    kinds = dict(ProviderEvent.objects.values_list("kind", "outcome"))
    assert kinds["checkout.session.completed"] == EventOutcome.APPLIED
    assert kinds["payment_intent.succeeded"] == EventOutcome.IGNORED
    assert stripe.complaints() == []
    assert books.verify_books() == []


def test_told_thrice_in_a_wrong_order_it_is_paid_once(stripe, order):
    payment = begin(order)
    stripe.act(page_of(payment), "callback-shuffled")
    drain_outbox()

    assert Payment.objects.get().state == PaymentStatus.PAID
    assert ProviderEvent.objects.count() == 3  # each event is kept once
    assert state_of(order) == ("confirmed", PaymentState.PAID)
    assert not Refund.objects.exists()
    assert books.verify_books() == []


def test_two_events_of_one_thing_are_one_payment(stripe, order):
    payment = paid(stripe, order)
    tell(stripe, "checkout.session.completed", session_of(stripe, payment))
    drain_outbox()

    assert Payment.objects.count() == 1
    assert books.verify_books() == []


def test_nobody_else_says_that_it_is_paid(stripe, order):
    payment = begin(order)
    stripe.act(page_of(payment), "wrong-signature")
    drain_outbox()

    assert state_of(order)[1] == PaymentState.PENDING
    assert set(ProviderEvent.objects.values_list("outcome", "is_verified")) == {(EventOutcome.FORGED, False)}


@pytest.mark.parametrize("age", [-301, 301])
def test_a_good_event_that_is_stale_or_early_changes_nothing(stripe, order, age):
    payment = begin(order)
    stripe.act(page_of(payment), "callback-lost")
    event = event_of("checkout.session.completed", session_of(stripe, payment))
    at = int(clock.now().timestamp()) + age

    with pytest.raises(SignatureInvalid):
        receive_callback(
            provider="stripe", request=request_of(event, secret=DEMO.stripe_webhook_secret, at=at)
        )
    assert state_of(order)[1] == PaymentState.PENDING


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_total": 1}, {"by": -1}, {"by": 1}, {"currency": "usd"}, {"amount_total": 0, "payment_status": "no_payment_required"},
    ],
)  # fmt: skip
def test_another_amount_or_currency_changes_nothing(stripe, order, changes):
    payment = begin(order)
    stripe.act(page_of(payment), "callback-lost")
    session = session_of(stripe, payment)
    by = changes.pop("by", 0)
    tell(
        stripe,
        "checkout.session.completed",
        session | {"amount_total": session["amount_total"] + by} | changes,
    )
    drain_outbox()

    assert state_of(order)[1] == PaymentState.PENDING
    assert ProviderEvent.objects.get().outcome == EventOutcome.MISMATCH
    assert Difference.objects.count() == 1


def test_an_event_of_one_order_pays_no_other(stripe, order):
    first, second = begin(order), begin(make_unpaid("stripe"))
    stripe.act(page_of(first), "callback-lost")
    session = session_of(stripe, first)
    foreign = {"order_id": str(second.order_id), "payment_id": str(second.pk)}
    tell(stripe, "checkout.session.completed", session | {"metadata": foreign})
    drain_outbox()

    assert set(Payment.objects.values_list("state", flat=True)) == {PaymentStatus.PENDING}
    assert ProviderEvent.objects.get().outcome == EventOutcome.IGNORED


def test_what_is_not_ours_is_left_alone(stripe, order):
    payment = begin(order)
    session = session_of(stripe, payment) | {"id": "cs_of_another_shop", "metadata": {}, "status": "complete"}
    for each in (session | {"payment_status": "paid"}, session | {"mode": "subscription"}):
        tell(stripe, "checkout.session.completed", each)

    assert set(ProviderEvent.objects.values_list("outcome", flat=True)) == {EventOutcome.IGNORED}
    assert state_of(order)[1] == PaymentState.PENDING


def test_paid_twice_the_second_goes_back(stripe, order):
    payment = begin(order)
    stripe.act(page_of(payment), "pay-twice")
    drain_outbox()
    send_due_refunds()
    stripe.deliver()
    drain_outbox()

    assert state_of(order) == ("confirmed", PaymentState.PAID)
    assert Refund.objects.get().reason == RefundReason.DUPLICATE
    assert sorted(each["returned"] for each in stripe.charges()) == [0, int(order.total * 100)]
    assert sorted(Payment.objects.values_list("state", flat=True)) == ["paid", "refunded"]
    assert books.verify_books() == []


def test_late_money_revives_the_order(stripe, order):
    payment = begin(order)
    stripe.act(page_of(payment), "pay-late")
    expire_unpaid_orders(now=clock.now() + timedelta(hours=2))
    drain_outbox()
    stripe.deliver()
    drain_outbox()

    assert state_of(order) == ("confirmed", PaymentState.PAID)
    assert books.verify_books() == []


def test_a_lost_event_is_found_by_asking(stripe, order, settings):
    payment = begin(order)
    stripe.act(page_of(payment), "callback-lost")

    (fact,) = fetch(settings, payment)

    assert (fact.reference, fact.payment_id) == (payment.reference, payment.pk)
    assert (fact.amount, fact.currency) == (order.total, order.currency)


def test_a_declined_card_leaves_the_page_open(stripe, order, settings):
    payment = begin(order)
    stripe.act(page_of(payment), "decline")
    payment.refresh_from_db()

    assert (payment.state, payment.failure) == (PaymentStatus.PENDING, "insufficient_funds")
    assert state_of(order)[1] == PaymentState.PENDING
    assert fetch(settings, payment) == []
    assert page_of(begin(order)) == page_of(payment)
    stripe.act(page_of(payment), "pay")
    assert state_of(order)[1] == PaymentState.PAID


def test_a_slow_method_keeps_the_goods_until_it_ends(stripe, order):
    payment = begin(order)
    stripe.act(page_of(payment), "async-pay")
    expire_unpaid_orders(now=clock.now() + timedelta(days=3))
    drain_outbox()

    assert state_of(order)[1] == PaymentState.PENDING
    stripe.deliver()
    drain_outbox()
    assert state_of(order) == ("confirmed", PaymentState.PAID)


def test_a_slow_method_that_fails_lets_the_goods_go(stripe, order):
    variant = order.lines.get().variant
    payment = begin(order)
    stripe.act(page_of(payment), "async-decline")
    stripe.deliver()
    payment.refresh_from_db()

    assert (payment.state, payment.failure) == (PaymentStatus.FAILED, "async_payment_failed")
    assert page_of(begin(order)) != page_of(payment)  # the old page takes nothing any more
    expire_unpaid_orders(now=clock.now() + timedelta(hours=1))
    assert state_of(order)[1] == PaymentState.EXPIRED
    assert level_of(variant).reserved == 0


def test_an_expired_session_ends_its_payment_and_not_the_order(stripe, order):
    payment = begin(order)
    stripe.act(page_of(payment), "expire")
    payment.refresh_from_db()

    assert payment.state == PaymentStatus.EXPIRED
    assert state_of(order)[1] == PaymentState.PENDING
    other = begin(order)
    assert other.pk != payment.pk
    stripe.act(page_of(other), "pay")
    assert state_of(order)[1] == PaymentState.PAID


def test_an_order_that_ends_closes_its_page(stripe, order, settings):
    payment = begin(order)
    for _again in range(2):
        Stripe().close(platform(settings, "stripe"), payment.reference)

    assert session_of(stripe, payment)["status"] == "expired"
    other = paid(stripe, make_unpaid("stripe"))
    with pytest.raises(ProviderRefused):
        Stripe().close(platform(settings, "stripe"), other.reference)


def test_what_is_unsigned_is_answered_400(stripe):
    call = Call(
        "stripe", "x", "POST", "/api/v1/payments/callbacks/stripe/", {"Content-Type": "text/plain"}, b"x"
    )

    assert hear(call).status == 400
