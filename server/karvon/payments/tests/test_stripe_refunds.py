"""Stripe: how money goes back, and what else is told after a payment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.kernel import clock
from karvon.kernel.models import OutboxEvent
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import PaymentState
from karvon.orders.services import cancel_order
from karvon.payments.events import PaymentNeedsAttention
from karvon.payments.models import (
    Difference,
    Payment,
    PaymentStatus,
    Refund,
    RefundReason,
    RefundState,
)
from karvon.payments.providers.stripe import Stripe
from karvon.payments.services import send_due_refunds
from karvon.payments.tests.at_stripe import (
    begin,
    fetch,
    page_of,
    paid,
    session_of,
    state_of,
    tell,
)
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import platform

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(db):
    return make_unpaid("stripe")


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


def test_what_comes_of_a_dispute_is_news_too(stripe, order):
    payment = paid(stripe, order)
    thing = {"id": "dp_1", "payment_intent": payment.charge_reference, "reason": "fraudulent"}
    for kind, status in (("created", "needs_response"), ("closed", "lost"), ("closed", "lost")):
        tell(stripe, f"charge.dispute.{kind}", thing | {"status": status})

    assert Difference.objects.get().theirs == "dp_1 needs_response fraudulent; dp_1 lost fraudulent"
    assert OutboxEvent.objects.filter(type=PaymentNeedsAttention.TYPE).count() == 2


@pytest.mark.parametrize("amount", [0, -1, 10**12])
def test_a_refund_of_nothing_or_of_more_than_was_paid_is_none(stripe, order, amount):
    payment = paid(stripe, order)
    charge = next(iter(stripe.world.providers["stripe"].books.charges.values()))
    tell(stripe, "charge.refunded", charge | {"amount_refunded": amount})
    thing = {
        "id": "re_1",
        "payment_intent": payment.charge_reference,
        "status": "succeeded",
        "currency": order.currency.lower(),
    }
    tell(stripe, "refund.updated", thing | {"amount": amount})
    payment.refresh_from_db()

    assert (payment.state, payment.refunded_amount) == (PaymentStatus.PAID, 0)
    assert not Refund.objects.exists()


def test_a_day_is_listed_as_stripe_has_it(stripe, order, settings):
    payment = paid(stripe, order)
    stripe.act(page_of(begin(make_unpaid("stripe"))), "decline")
    today = clock.now().date()

    (line,) = Stripe().list_day(platform(settings, "stripe"), today)

    assert (line.charge_reference, line.payment_id) == (payment.charge_reference, payment.pk)
    assert (line.amount, line.currency) == (order.total, order.currency)
    assert list(Stripe().list_day(platform(settings, "stripe"), today - timedelta(days=1))) == []
