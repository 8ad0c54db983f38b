"""Stripe, rule by rule: what is asked of it, how its events are verified, and what each of them does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from stripe import WebhookSignature

from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import level_of
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import Order, PaymentState
from karvon.orders.services import cancel_order, expire_unpaid_orders
from karvon.payments import outside
from karvon.payments.errors import (
    AmountMismatch,
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
    RefundState,
)
from karvon.payments.protocol import Account, CallbackRequest, Intent
from karvon.payments.providers import stripe as ours
from karvon.payments.providers.stripe import Stripe, verify
from karvon.payments.services import begin_payment, receive_callback, send_due_refunds
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import hear, platform, simulated
from karvon.simulators.credentials import DEMO
from karvon.simulators.stripe import signature
from karvon.simulators.world import Call

pytestmark = pytest.mark.django_db
SECRET = "whsec_test_secret"
AT = datetime.fromtimestamp(1_700_000_000, UTC)
BODY = b'{"id":"evt_test_1","object":"event"}'
VECTOR = "29ab30b7065c11b28e53ac114fac5d6c492ed811a12d11ed2c2aad5bb4cf9809"


# --- the signature ---
@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        (f"t=1700000000,v1={VECTOR}", SECRET),
        (f"t=1700000000,v1={'0' * 64},v1={VECTOR}", SECRET),
        (f"v0={'0' * 64}, t=1700000000, v1={VECTOR}", SECRET),
        (f"t=1700000000,v1={VECTOR}", f"whsec_the_new_one, {SECRET}"),
        (f"t=1700000000,v1={VECTOR}", f"{SECRET},whsec_the_old_one"),
    ],
)
def test_any_v1_of_any_secret_signs(header, secrets):
    verify(secrets, header, BODY, now=AT)


def test_the_library_signs_alike():
    header = WebhookSignature.generate_signature_header(BODY.decode(), SECRET, 1_700_000_000)

    assert header == f"t=1700000000,v1={VECTOR}"


@pytest.mark.parametrize(
    "header",
    [
        "", "t=1700000000", f"v1={VECTOR}", f"t=,v1={VECTOR}", f"t=1e9,v1={VECTOR}", f"t=-1,v1={VECTOR}", "t=1700000000,v1=",
        f"t=1700000000,t=1700000000,v1={VECTOR}", f"t=1700000000,v0={VECTOR}", f"t=1700000001,v1={VECTOR}",
        f"t=1700000000,v1={VECTOR.upper()}", f"t=1700000000,v1={VECTOR[:-1]}", f"t=٣,v1={VECTOR}", "é" * 20, "x" * 5000,
        f"t=01700000000,v1={VECTOR}",
    ],
)  # fmt: skip
def test_garbled_headers_sign_nothing(header):
    with pytest.raises(SignatureInvalid):
        verify(SECRET, header, BODY, now=AT)


@pytest.mark.parametrize("secrets", ["", ",", " , ", "whsec_of_somebody_else", SECRET[:-1]])
def test_without_the_right_secret_nothing_is_signed(secrets):
    with pytest.raises(SignatureInvalid):
        verify(secrets, f"t=1700000000,v1={VECTOR}", BODY, now=AT)


def test_an_empty_secret_signs_nothing_with_its_own_signature():
    forged = signature("", BODY, 1_700_000_000)

    with pytest.raises(SignatureInvalid):
        verify("", f"t=1700000000,v1={forged}", BODY, now=AT)


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"_1", b"_2"), b""])
def test_the_raw_body_is_signed(body):
    with pytest.raises(SignatureInvalid):
        verify(SECRET, f"t=1700000000,v1={VECTOR}", body, now=AT)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_tolerated(seconds):
    verify(SECRET, f"t=1700000000,v1={VECTOR}", BODY, now=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 86400 * 365, -86400 * 365])
def test_neither_stale_nor_from_the_future(seconds):
    with pytest.raises(SignatureInvalid):
        verify(SECRET, f"t=1700000000,v1={VECTOR}", BODY, now=AT + timedelta(seconds=seconds))


# --- events that are right, and those that are not ---
ACCOUNT = Account("stripe", {"STRIPE_SECRET_KEY": "sk_test_12345678", "STRIPE_WEBHOOK_SECRET": SECRET}, "")


def event_of(kind="charge.succeeded", thing=None, **changes):
    event = {
        "id": "evt_1", "object": "event", "type": kind, "created": 1_700_000_000, "livemode": False,
        "data": {"object": {"id": "x"} if thing is None else thing},
    }  # fmt: skip
    return event | changes


def request_of(body, *, secret=SECRET, at=None, content_type="application/json; charset=utf-8"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = at or int(clock.now().timestamp())
    headers = {
        "content-type": content_type,
        "stripe-signature": f"t={at},v1={signature(secret, body, at)}",
    }
    return CallbackRequest("POST", "", body, headers, "198.51.100.7", clock.now())


def read(body, account=ACCOUNT, **how):
    return Stripe().read(account, request_of(body, **how))


@pytest.mark.parametrize(
    "kind", ["charge.succeeded", "payment_intent.succeeded", "customer.created", "made.up"]
)
def test_other_events_are_received_and_say_nothing(kind):
    notice = read(event_of(kind))

    assert (notice.event_id, notice.kind, list(notice.facts)) == ("evt_1", kind, [])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b'"evt_1"', b"null", BODY,
        {"id": "evt_1", "object": "v2.core.event", "type": "v1.charge.succeeded", "livemode": False},
        event_of(id=""), event_of(id=7), event_of(type=None), event_of(data=None), event_of(data={"object": "x"}),
        event_of(object="v2.core.event"), event_of(livemode="false"), event_of(id="evt\u0000"),
        event_of("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1", "paid": True, "currency": "usd", "amount": 1.5}),
        event_of("checkout.session.completed", {"id": "cs_1", "mode": "payment"}),
        event_of("refund.updated", {"id": "re_1", "currency": None}),
    ],
)  # fmt: skip
def test_what_is_no_event_is_refused_though_signed(body):
    with pytest.raises(SignatureInvalid):
        read(body)


def test_an_event_fits_the_mode_of_the_key():
    live = Account("stripe", {**ACCOUNT.values, "STRIPE_SECRET_KEY": "rk_live_12345678"}, "")

    assert read(event_of(livemode=True), live).event_id == "evt_1"
    for event, account in ((event_of(livemode=True), ACCOUNT), (event_of(livemode=False), live)):
        with pytest.raises(SignatureInvalid):
            read(event, account)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])  # fmt: skip
def test_other_content_types_are_refused(content_type):
    with pytest.raises(SignatureInvalid):
        read(event_of(), content_type=content_type)


# --- amounts ---
@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("12.34", "USD", 1234), ("125000", "UZS", 12_500_000), ("500", "JPY", 500), ("500", "KRW", 500), ("500", "VND", 500),
        ("5", "ISK", 500), ("5", "UGX", 500), ("5", "MGA", 5), ("1.230", "KWD", 1230),
    ],
)  # fmt: skip
def test_amounts_are_in_the_smallest_unit(amount, currency, units):
    assert ours._units(Decimal(amount), currency) == units
    assert ours._amount(units, currency) == Decimal(amount)


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "USD"), ("0.5", "JPY"), ("1.234", "KWD")])
def test_a_part_of_a_unit_is_refused(amount, currency):
    with pytest.raises(AmountMismatch):
        ours._units(Decimal(amount), currency)


# --- with Stripe as it stands on this machine ---
@pytest.fixture
def stripe(settings):
    with simulated(settings) as simulators:
        yield simulators


@pytest.fixture
def order(db):
    return make_unpaid("stripe")


def begin(order, **more) -> Payment:
    return begin_payment(order_id=order.pk, provider="stripe", payer=order.customer, **more)


def page_of(payment) -> str:
    return payment.next_step["url"]


def paid(stripe, order) -> Payment:
    payment = begin(order)
    stripe.act(page_of(payment), "pay")
    drain_outbox()
    payment.refresh_from_db()
    return payment


def session_of(stripe, payment):
    return stripe.world.providers["stripe"].books.sessions[payment.reference]


def state_of(order) -> tuple[str, str]:
    order = Order.objects.get(pk=order.pk)
    return order.state, order.payment_state


def tell(stripe, kind, thing) -> Call:
    """Stripe sends an event of its own, signed."""
    simulator = stripe.world.providers["stripe"]
    call = simulator.signed(simulator._event(kind, thing))
    stripe.world.call(call)
    return call


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


def fetch(settings, payment):
    account = platform(settings, "stripe")
    asked = {"reference": payment.reference, "charge_reference": payment.charge_reference}
    return Stripe().fetch(account, **asked, payment_id=payment.pk)


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
    Stripe().close(platform(settings, "stripe"), payment.reference)

    assert session_of(stripe, payment)["status"] == "expired"
    with pytest.raises(ProviderRefused):
        Stripe().close(platform(settings, "stripe"), payment.reference)


# --- money goes back ---
def test_a_called_off_order_is_refunded_once(stripe, order):
    payment = paid(stripe, order)
    cancel_order(order_id=order.pk, actor=make_user(role="staff"))
    drain_outbox()
    send_due_refunds()
    stripe.deliver()
    drain_outbox()
    send_due_refunds(now=clock.now() + timedelta(days=1))

    refund = Refund.objects.get()
    assert (refund.state, refund.amount, refund.booked_amount) == (
        RefundState.SUCCEEDED,
        order.total,
        order.total,
    )
    assert refund.reference.startswith("re_")
    assert [each["returned"] for each in stripe.charges()] == [int(order.total * 100)]
    payment.refresh_from_db()
    assert payment.state == PaymentStatus.REFUNDED
    assert state_of(order)[1] == PaymentState.REFUNDED
    assert stripe.complaints() == []
    assert books.verify_books() == []


def test_a_refund_whose_answer_is_lost_is_made_once(stripe, order):
    paid(stripe, order)
    cancel_order(order_id=order.pk, actor=make_user(role="staff"))
    drain_outbox()
    simulator = stripe.world.providers["stripe"]
    refund = Refund.objects.get()
    asked = {"metadata": {"refund_id": str(refund.pk)}}
    charge = next(iter(simulator.books.charges.values()))
    simulator._refund(charge, charge["amount"], asked)  # made, and its key forgotten since
    send_due_refunds()

    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert len(simulator.books.refunds) == 1


@pytest.mark.parametrize(("mode", "state"), [("pending", "succeeded"), ("fail", "failed")])
def test_a_refund_that_takes_its_time_is_told_later(stripe, order, mode, state):
    paid(stripe, order)
    stripe.world.set_mode("stripe", {"refunds": mode})
    cancel_order(order_id=order.pk, actor=make_user(role="staff"))
    drain_outbox()
    send_due_refunds()
    assert Refund.objects.get().state == RefundState.PROCESSING

    stripe.deliver()
    drain_outbox()

    refund = Refund.objects.get()
    assert refund.state == state
    assert refund.failure == ("expired_or_canceled_card" if state == "failed" else "")
    assert books.verify_books() == []


def test_a_refund_under_way_is_asked_about_and_not_made_again(stripe, order):
    paid(stripe, order)
    stripe.world.set_mode("stripe", {"refunds": "pending"})
    cancel_order(order_id=order.pk, actor=make_user(role="staff"))
    drain_outbox()
    send_due_refunds()
    send_due_refunds(now=clock.now() + timedelta(hours=1))

    assert len(stripe.world.providers["stripe"].books.refunds) == 1


def test_a_refund_in_the_dashboard_is_written_down_and_shown(stripe, order, settings):
    payment = paid(stripe, order)
    stripe.act(page_of(payment), "refund")
    stripe.deliver()
    drain_outbox()
    payment.refresh_from_db()

    refund = Refund.objects.get()
    assert (refund.reason, refund.amount, refund.state) == (
        RefundReason.AT_PROVIDER,
        order.total,
        RefundState.SUCCEEDED,
    )
    assert payment.state == PaymentStatus.REFUNDED
    assert Difference.objects.get().kind == "unbooked"
    assert [type(fact).__name__ for fact in fetch(settings, payment)] == [
        "Charged",
        "RefundMade",
        "RefundMade",
    ]


@pytest.mark.parametrize("turn", range(4))
def test_parts_that_went_back_count_once_in_any_order(stripe, order, turn):
    payment = paid(stripe, order)
    simulator = stripe.world.providers["stripe"]
    charge = next(iter(simulator.books.charges.values()))
    for amount in (300, 400):
        simulator._refund(charge, amount, {})
    waiting = [each.job.args[0] for each in simulator.world._waiting]
    events = [waiting, waiting[::-1], waiting[1::2] + waiting[::2], waiting[3:] + waiting[:3]][turn]
    for event in [*events, *events]:
        stripe.world.call(simulator.signed(event))
    drain_outbox()
    payment.refresh_from_db()

    assert payment.state == PaymentStatus.PARTIALLY_REFUNDED
    assert payment.refunded_amount == Decimal(7)


def test_a_refund_told_before_the_payment_is_booked_after_it(stripe, order):
    payment = begin(order)
    stripe.act(page_of(payment), "callback-lost")
    stripe.act(page_of(payment), "refund")
    stripe.deliver()  # refunds first …
    tell(stripe, "checkout.session.completed", session_of(stripe, payment))  # … then its money
    drain_outbox()
    payment.refresh_from_db()

    assert (payment.state, payment.refunded_amount) == (PaymentStatus.REFUNDED, order.total)
    assert Payment.objects.count() == 1


def test_a_refund_that_a_bank_sends_back_is_shown(stripe, order):
    payment = paid(stripe, order)
    stripe.act(page_of(payment), "refund")
    stripe.deliver()
    refund = next(iter(stripe.world.providers["stripe"].books.refunds.values()))
    tell(stripe, "refund.failed", refund | {"status": "failed", "failure_reason": "lost_or_stolen_card"})

    assert Difference.objects.filter(kind="state", theirs__contains="lost_or_stolen_card").count() == 1


@pytest.mark.parametrize("kind", ["charge.dispute.created", "charge.dispute.closed"])
def test_a_dispute_is_shown_to_a_person(stripe, order, kind):
    payment = paid(stripe, order)
    thing = {
        "id": "dp_1",
        "payment_intent": payment.charge_reference,
        "status": "needs_response",
        "reason": "fraudulent",
    }
    tell(stripe, kind, thing)
    payment.refresh_from_db()

    found = Difference.objects.get()
    assert (found.kind, found.payment_id) == ("dispute", payment.pk)
    assert "fraudulent" in found.theirs
    assert payment.state == PaymentStatus.PAID


def test_a_day_is_listed_as_stripe_has_it(stripe, order, settings):
    payment = paid(stripe, order)
    stripe.act(page_of(begin(make_unpaid("stripe"))), "decline")
    today = clock.now().date()

    (line,) = Stripe().list_day(platform(settings, "stripe"), today)

    assert (line.charge_reference, line.payment_id) == (payment.charge_reference, payment.pk)
    assert (line.amount, line.currency) == (order.total, order.currency)
    assert list(Stripe().list_day(platform(settings, "stripe"), today - timedelta(days=1))) == []


def test_callbacks_are_heard_as_the_simulator_sends_them(stripe):
    call = Call(
        "stripe", "x", "POST", "/api/v1/payments/callbacks/stripe/", {"Content-Type": "text/plain"}, b"x"
    )

    assert hear(call).status == 400
