"""Razorpay, rule by rule, against its simulator; the signatures against Razorpay's own published vectors."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders import books
from karvon.orders.models import OrderState, PaymentState
from karvon.orders.services import cancel_order, expire_unpaid_orders
from karvon.payments import outside, tasks
from karvon.payments.errors import PaymentNotFound, ProviderRefused, ProviderUnavailable, SignatureInvalid
from karvon.payments.models import (
    Difference,
    DifferenceKind,
    EventOutcome,
    Payment,
    PaymentStatus,
    ProviderEvent,
    RefundReason,
    RefundState,
)
from karvon.payments.providers.razorpay import Razorpay, is_signed, sign
from karvon.payments.services import (
    ask_provider,
    begin_payment,
    confirm_return,
    receive_callback,
    send_due_refunds,
)
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import callback, platform, simulated
from karvon.simulators.razorpay import checkout_link, webhook_signature
from karvon.simulators.world import Call

KEYS_SECRET = "EnLs21M47BllR3X8PSFtjtbd"


# --- the published vectors ---
@pytest.mark.parametrize(
    ("secret", "parts", "signature"),
    [
        ("key_secret", ("fake_order_id", "fake_payment_id"), "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"),
        (KEYS_SECRET, ("order_IEIaMR65cu6nz3", "pay_IH4NVgf4Dreq1l"), "0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f"),
        (KEYS_SECRET, ("plink_IH3cNucfVEgV68", "TSsd1989", "paid", "pay_IH3d0ara9bSsjQ"), "07ae18789e35093e51d0a491eb9922646f3f82773547e5b0f67ee3f2d3bf7d5b"),
        (KEYS_SECRET, ("pay_IDZNwZZFtnjyym", "sub_ID6MOhgkcoHj9I"), "601f383334975c714c91a7d97dd723eb56520318355863dcf3821c0d07a17693"),
    ],
    ids=["test of the library", "payment", "payment link", "subscription"],
)  # fmt: skip
def test_signatures_are_those_of_the_vectors(secret, parts, signature):
    assert sign(secret, *parts) == signature
    assert sign(secret, *reversed(parts)) != signature


def test_the_webhook_vector_and_a_secret_that_is_being_changed():
    body = b'{"event":"payment.captured"}'
    signature = "ecb84b56ebec4842703542b4f4772b1cc5eb6dcf7f98a2195ab5afbd728cfd47"

    assert is_signed("whsecret", body, signature)
    assert is_signed("the new one, whsecret", body, signature)
    for secrets, text, given in [
        ("other", body, signature),
        ("whsecret", body + b" ", signature),
        ("whsecret", body, signature.upper()),
        ("whsecret", body, "é"),
        ("whsecret", body, ""),
        ("", body, webhook_signature("", body)),
        (" , ", body, webhook_signature("", body)),
    ]:
        assert not is_signed(secrets, text, given)


# --- against the simulator ---
pytestmark = pytest.mark.django_db


@pytest.fixture
def simulators(settings):
    with simulated(settings) as running:
        yield running
        assert running.complaints() == []


@pytest.fixture
def order(simulators):
    merchant = make_merchant(currency="INR")
    return make_unpaid("razorpay", (make_variant(merchant=merchant, units=10), 2))


def begin(order) -> Payment:
    return begin_payment(order_id=order.pk, provider="razorpay", payer=order.customer)


def link_of(simulators, payment: Payment) -> str:
    data = payment.next_step["data"]
    return checkout_link(f"{simulators.base}/razorpay", data["key_id"], data["razorpay_order_id"])


def press(simulators, payment: Payment, behaviour: str):
    return simulators.act(link_of(simulators, payment), behaviour)


def brought_back(simulators, payment: Payment) -> dict[str, str]:
    """What Checkout hands to the shop's page."""
    signed = simulators.world.providers["razorpay"].checkout_answer(payment.reference)
    return {
        "reference": signed["razorpay_order_id"],
        "charge_reference": signed["razorpay_payment_id"],
        "signature": signed["razorpay_signature"],
    }


def state_of(payment: Payment) -> str:
    return Payment.objects.values_list("state", flat=True).get(pk=payment.pk)


def is_paid(order) -> bool:
    drain_outbox()
    order.refresh_from_db()
    assert books.verify_books() == []
    return (order.state, order.payment_state) == (OrderState.CONFIRMED, PaymentState.PAID)


def test_what_checkout_needs(simulators, order):
    payment = begin(order)

    data = payment.next_step["data"]
    assert payment.next_step["kind"] == "widget"
    assert data["razorpay_order_id"] == payment.reference
    assert (data["amount"], data["currency"], data["order_id"]) == (int(order.total * 100), "INR", order.pk)
    assert data["key_id"] == "rzp_test_karvondemo00"
    assert "karvon_demo_5gQwMzNxVbKlPs9d" not in json.dumps(payment.next_step)
    theirs = simulators.world.providers["razorpay"].books.orders[payment.reference]
    assert theirs["receipt"] == f"payment-{payment.pk}"
    assert theirs["notes"] == {"payment_id": str(payment.pk), "order_id": str(order.pk)}
    assert begin(order).pk == payment.pk


def test_an_answer_that_was_lost_is_not_a_second_order(simulators, order):
    simulators.world.set_mode("razorpay", {"mode": "lost"})
    with pytest.raises(ProviderUnavailable):
        begin(order)
    simulators.world.set_mode("razorpay", {"mode": "ok"})

    payment = begin(order)

    assert list(simulators.world.providers["razorpay"].books.orders) == [payment.reference]


def test_paid_and_told(simulators, order):
    payment = begin(order)

    act = press(simulators, payment, "pay")

    assert [call["title"] for call in act.calls] == ["payment.authorized", "payment.captured", "order.paid"]
    assert {call["status"] for call in act.calls} == {200}
    assert state_of(payment) == PaymentStatus.PAID
    assert is_paid(order)
    assert list(simulators.world.providers["razorpay"].books.payments) == [
        Payment.objects.get().charge_reference
    ]


def test_events_three_times_and_out_of_order_pay_once(simulators, order):
    press(simulators, begin(order), "callback-shuffled")

    assert is_paid(order)
    assert Payment.objects.count() == 1
    assert ProviderEvent.objects.count() == 3


def test_a_second_payment_of_the_order_goes_back(simulators, order):
    first = begin(order)
    press(simulators, first, "pay-twice")
    assert is_paid(order)
    second = Payment.objects.exclude(pk=first.pk).get()
    assert second.refunds.get().reason == RefundReason.DUPLICATE

    assert send_due_refunds() == 1
    simulators.deliver()

    drain_outbox()
    assert state_of(second) == PaymentStatus.REFUNDED
    assert state_of(first) == PaymentStatus.PAID
    assert sorted(each["returned"] for each in simulators.charges("razorpay")) == [0, int(order.total * 100)]
    assert books.verify_books() == []


def test_a_declined_card_leaves_the_order_payable(simulators, order):
    payment = begin(order)
    press(simulators, payment, "decline")
    payment.refresh_from_db()
    assert (payment.state, payment.failure) == (PaymentStatus.PENDING, "insufficient_funds")

    press(simulators, payment, "pay")
    simulators.world.providers["razorpay"].announce(
        [simulators.world.providers["razorpay"]._event("payment.failed", payment=failed_payment(simulators))]
    )

    assert is_paid(order)


def failed_payment(simulators) -> dict:
    payments = simulators.world.providers["razorpay"].books.payments.values()
    return next(each for each in payments if each["status"] == "failed")


def test_a_lost_event_is_made_good_by_asking(simulators, order):
    payment = begin(order)
    press(simulators, payment, "callback-lost")
    assert state_of(payment) == PaymentStatus.PENDING

    assert ask_provider(payment_id=payment.pk).state == PaymentStatus.PAID
    ask_provider(payment_id=payment.pk)

    assert is_paid(order)


def test_what_is_authorized_is_captured_by_the_worker(
    simulators, order, django_capture_on_commit_callbacks, monkeypatch
):
    simulators.world.set_mode("razorpay", {"mode": "ok", "capture": "manual"})
    payment = begin(order)
    asked = []
    monkeypatch.setattr(tasks.ask_provider, "delay", asked.append)
    press(simulators, payment, "pay")
    assert state_of(payment) == PaymentStatus.AUTHORIZED
    assert simulators.charges("razorpay") == []

    with django_capture_on_commit_callbacks(execute=True):
        drain_outbox()
    assert asked == [payment.pk]
    assert tasks.ask_provider(payment.pk) == PaymentStatus.PAID
    assert tasks.ask_provider(payment.pk) == PaymentStatus.PAID

    simulators.deliver()
    assert is_paid(order)
    assert len(simulators.charges("razorpay")) == 1


# --- what the browser brings back ---
def test_a_right_signature_is_followed_by_asking(simulators, order):
    payment = begin(order)
    press(simulators, payment, "callback-lost")
    brought = brought_back(simulators, payment)

    for _again in range(2):
        assert (
            confirm_return(provider="razorpay", payer=order.customer, **brought).state == PaymentStatus.PAID
        )

    assert is_paid(order)


def test_a_right_signature_of_money_that_was_not_taken_pays_nothing(simulators, order):
    payment = begin(order)
    press(simulators, payment, "decline")
    brought = brought_back(simulators, payment)

    assert confirm_return(provider="razorpay", payer=order.customer, **brought).state == PaymentStatus.PENDING


@pytest.mark.parametrize(
    "wrong",
    [{"signature": "0" * 64}, {"signature": ""}, {"signature": "é"}, {"charge_reference": "pay_of_another"}, {"reference": ""},
     {"reference": "order_of_nobody"}],
    ids=["signature", "none", "not ascii", "payment", "no order", "unknown order"],
)  # fmt: skip
def test_a_wrong_signature_changes_nothing(simulators, order, wrong):
    payment = begin(order)
    press(simulators, payment, "callback-lost")
    brought = brought_back(simulators, payment) | wrong

    with pytest.raises(SignatureInvalid):
        confirm_return(provider="razorpay", payer=order.customer, **brought)

    assert state_of(payment) == PaymentStatus.PENDING


def test_another_orders_signature_is_not_this_ones(simulators, order):
    other = make_unpaid("razorpay", (make_variant(merchant=make_merchant(currency="INR"), units=10), 1))
    mine, theirs = begin(order), begin(other)
    press(simulators, theirs, "callback-lost")
    signed = brought_back(simulators, theirs)

    with pytest.raises(SignatureInvalid):
        confirm_return(provider="razorpay", payer=order.customer, **signed | {"reference": mine.reference})
    with pytest.raises(PaymentNotFound):
        confirm_return(provider="razorpay", payer=order.customer, **signed)

    assert {state_of(mine), state_of(theirs)} == {PaymentStatus.PENDING}


# --- what nobody has signed, and what does not fit ---
def signed_call(simulators, payment: Payment, kind: str = "payment.captured", **changes) -> Call:
    """A rightly signed event about a payment of this payment's order, changed as told."""
    razorpay = simulators.world.providers["razorpay"]
    with simulators.world.unseen(razorpay.books):
        razorpay.take_money(payment.reference)
        theirs = list(razorpay.books.payments.values())[-1] | changes
        return razorpay.signed(razorpay._event(kind, payment=theirs))


def tell(call: Call, **changes):
    return receive_callback(provider="razorpay", request=callback(call, **changes))


def test_forged_and_stale_events_change_nothing(simulators, order):
    payment = begin(order)
    call = signed_call(simulators, payment)
    headers = callback(call).headers
    with_key_secret = webhook_signature("karvon_demo_5gQwMzNxVbKlPs9d", call.body)

    for changes in [
        {"headers": headers | {"x-razorpay-signature": "0" * 64}},
        {"headers": headers | {"x-razorpay-signature": with_key_secret}},
        {"headers": {name: text for name, text in headers.items() if "signature" not in name}},
        {"headers": headers | {"content-type": "application/x-www-form-urlencoded"}},
        {"body": call.body.replace(b'"captured": true', b'"captured":true ')},
        {"body": b""},
        {"received_at": clock.now() + timedelta(days=5)},
    ]:
        with pytest.raises(SignatureInvalid):
            tell(call, **changes)

    assert state_of(payment) == PaymentStatus.PENDING
    assert set(ProviderEvent.objects.values_list("outcome", "is_verified")) == {(EventOutcome.FORGED, False)}
    press(simulators, payment, "wrong-signature")
    assert state_of(payment) == PaymentStatus.PENDING
    assert not is_paid(order)


@pytest.mark.parametrize(
    "changes",
    [lambda units: {"amount": units - 1}, lambda units: {"amount": units + 1}, lambda units: {"amount": str(units)},
     lambda units: {"currency": "UZS"}],
    ids=["one paisa less", "one paisa more", "text", "currency"],
)  # fmt: skip
def test_an_amount_that_is_not_ours_is_shown_to_a_person(simulators, order, changes):
    payment = begin(order)
    call = signed_call(simulators, payment, **changes(int(order.total * 100)))

    assert tell(call).outcome == EventOutcome.MISMATCH

    assert state_of(payment) == PaymentStatus.PENDING
    assert Difference.objects.get().kind == DifferenceKind.AMOUNT


def test_an_event_about_what_nobody_began_is_kept_and_nothing_else(simulators, order):
    payment = begin(order)
    for changes in ({"order_id": "order_of_nobody"}, {"order_id": None}, {"order_id": 5}):
        assert tell(signed_call(simulators, payment, **changes)).outcome == EventOutcome.IGNORED
    assert state_of(payment) == PaymentStatus.PENDING


def test_the_same_event_is_applied_once_and_other_events_of_it_change_nothing(simulators, order):
    payment = begin(order)
    call = signed_call(simulators, payment)
    assert [tell(call).outcome for _again in range(3)] == ["applied", "ignored", "ignored"]

    headers = callback(call).headers
    assert tell(call, headers=headers | {"x-razorpay-event-id": "another"}).outcome == "applied"
    nameless = {name: text for name, text in headers.items() if name != "x-razorpay-event-id"}
    assert [tell(call, headers=nameless).outcome for _again in range(2)] == ["applied", "ignored"]
    assert is_paid(order)
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [b"[]", b"5", b'{"event": 5, "payload": 5}', b'{"event": "order.paid", "payload": {"payment": 1}}'],
)
def test_signed_nonsense_is_no_fault(simulators, order, body):
    headers = {"content-type": "application/json", "x-razorpay-event-id": "odd"}
    headers["x-razorpay-signature"] = webhook_signature("karvon_demo_webhook_8kL1pW6s", body)
    call = Call("razorpay", "odd", "POST", "/api/v1/payments/callbacks/razorpay/", headers, body)

    try:
        assert tell(call).outcome == EventOutcome.IGNORED
    except SignatureInvalid:
        assert not body.startswith(b"{")


def test_a_dispute_is_shown_to_a_person(simulators, order):
    payment = begin(order)
    press(simulators, payment, "pay")
    theirs = next(iter(simulators.world.providers["razorpay"].books.payments.values()))
    event = simulators.world.providers["razorpay"]._event("payment.dispute.created", payment=theirs)

    tell(simulators.world.providers["razorpay"].signed(event))

    assert Difference.objects.get().kind == DifferenceKind.DISPUTE
    assert state_of(payment) == PaymentStatus.PAID


# --- late money, refunds ---
def test_late_money_brings_the_order_back(simulators, order):
    payment = begin(order)
    press(simulators, payment, "pay-late")
    expire_unpaid_orders(now=clock.now() + timedelta(days=2))
    drain_outbox()
    assert state_of(payment) == PaymentStatus.EXPIRED

    simulators.deliver()

    assert is_paid(order)


@pytest.mark.parametrize(
    ("fate", "state"),
    [("ok", RefundState.SUCCEEDED), ("pending", RefundState.SUCCEEDED), ("fail", RefundState.FAILED)],
)
def test_a_refund_by_the_key_of_ours(simulators, order, fate, state):
    simulators.world.set_mode("razorpay", {"mode": "ok", "refunds": fate})
    payment = begin(order)
    press(simulators, payment, "pay")
    assert is_paid(order)
    cancel_order(order_id=order.pk, actor=order.customer)
    drain_outbox()
    simulators.world.set_mode("razorpay", {"mode": "lost"})
    send_due_refunds()  # made, and its answer lost
    simulators.world.set_mode("razorpay", {"mode": "ok"})

    send_due_refunds(now=clock.now() + timedelta(minutes=5))
    simulators.deliver()
    send_due_refunds(now=clock.now() + timedelta(hours=7))

    drain_outbox()
    refund = payment.refunds.get()
    assert refund.state == state
    assert len(simulators.world.providers["razorpay"].books.refunds) == 1
    assert simulators.charges("razorpay")[0]["returned"] == (0 if fate == "fail" else int(order.total * 100))
    assert books.verify_books() == []


def test_a_refund_is_known_again_when_its_key_is_forgotten(simulators, order):
    payment = begin(order)
    press(simulators, payment, "pay")
    is_paid(order)
    cancel_order(order_id=order.pk, actor=order.customer)
    drain_outbox()
    simulators.world.set_mode("razorpay", {"mode": "lost"})
    send_due_refunds()
    simulators.world.set_mode("razorpay", {"mode": "ok"})
    simulators.world.providers["razorpay"].books.replays.clear()

    assert send_due_refunds(now=clock.now() + timedelta(minutes=5)) == 1

    assert payment.refunds.get().state == RefundState.SUCCEEDED
    assert len(simulators.world.providers["razorpay"].books.refunds) == 1


def test_what_is_given_back_in_the_dashboard_is_written_down(simulators, order):
    payment = begin(order)
    press(simulators, payment, "callback-lost")
    press(simulators, payment, "refund")
    simulators.deliver()  # its charge was never told of

    refund = payment.refunds.get()
    assert (refund.reason, refund.amount, refund.state) == (
        RefundReason.AT_PROVIDER,
        order.total,
        RefundState.SUCCEEDED,
    )
    ask_provider(payment_id=payment.pk)
    assert state_of(payment) == PaymentStatus.REFUNDED
    assert payment.refunds.count() == 1


# --- away, and the account ---
@pytest.mark.parametrize("mode", ["down", "drop", "slow"])
def test_while_razorpay_is_away_nothing_waits(simulators, order, mode, monkeypatch):
    monkeypatch.setattr(outside, "TIMEOUT", 0.3)
    simulators.world.set_mode("razorpay", {"mode": mode, "seconds": 30})
    for _each in range(5):
        with pytest.raises(ProviderUnavailable):
            begin(order)

    asked = len(simulators.world.journal.listed("razorpay", "request"))
    with pytest.raises(ProviderUnavailable):
        begin(order)
    assert len(simulators.world.journal.listed("razorpay", "request")) == asked  # its breaker is open


def test_the_day_as_razorpay_has_it(simulators, order, settings):
    payment = begin(order)
    press(simulators, payment, "decline")
    press(simulators, payment, "pay")
    account, today = platform(settings, "razorpay"), clock.now().date()

    (line,) = Razorpay().list_day(account, today)

    assert (line.charge_reference, line.amount, line.currency) == (
        Payment.objects.get().charge_reference,
        order.total,
        "INR",
    )
    assert list(Razorpay().list_day(account, today - timedelta(days=1))) == []


def test_an_account_is_checked_by_asking(simulators, settings):
    account = platform(settings, "razorpay")
    Razorpay().check(account)
    with pytest.raises(ProviderRefused):
        Razorpay().check(replace(account, values={**account.values, "RAZORPAY_KEY_SECRET": "wrong"}))
    with pytest.raises(ProviderUnavailable):
        Razorpay().check(replace(account, values={}))


def test_less_than_a_rupee_is_not_begun(simulators):
    from karvon.payments.errors import AmountOutOfRange

    cheap = make_variant(merchant=make_merchant(currency="INR"), units=10, price=Decimal("0.50"))
    with pytest.raises(AmountOutOfRange):
        begin(make_unpaid("razorpay", (cheap, 1)))


def test_of_three_decimals_the_last_is_nothing(simulators, settings):
    from karvon.payments.errors import AmountOutOfRange
    from karvon.payments.tests.test_odd_words import INTENT

    dinars = replace(INTENT, currency="KWD", amount=Decimal("1.230"))
    assert Razorpay().begin(platform(settings, "razorpay"), dinars).data["amount"] == 1230
    with pytest.raises(AmountOutOfRange):
        Razorpay().begin(platform(settings, "razorpay"), replace(dinars, amount=Decimal("1.234")))
