"""What was never told is found by asking; and a day of theirs is held beside ours, charge by charge."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.errors import PermissionRefused
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders import books
from karvon.orders.models import PaymentState
from karvon.orders.services import expire_unpaid_orders
from karvon.payments.models import Difference, DifferenceKind, Payment, ReconciliationRun
from karvon.payments.services import ask_about_open, begin_payment, compare_days, settle_difference
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import simulated
from karvon.simulators.razorpay import checkout_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def simulators(settings):
    with simulated(settings) as running:
        yield running


@pytest.fixture
def variant(simulators):
    return make_variant(merchant=make_merchant(currency="INR"), units=10)


def begin(variant) -> Payment:
    order = make_unpaid("razorpay", (variant, 2), customer=make_user())
    return begin_payment(order_id=order.pk, provider="razorpay", payer=order.customer)


def press(simulators, payment: Payment, behaviour: str) -> None:
    data = payment.next_step["data"]
    simulators.act(
        checkout_link(f"{simulators.base}/razorpay", data["key_id"], data["razorpay_order_id"]), behaviour
    )


def today():
    return clock.now().astimezone(UTC).date()


def test_a_payment_that_nobody_told_of_is_found(simulators, variant):
    payment = begin(variant)
    press(simulators, payment, "callback-lost")

    assert ask_about_open() == 0, "it is too young to be asked about"
    assert ask_about_open(now=clock.now() + timedelta(hours=1)) == 1
    assert ask_about_open(now=clock.now() + timedelta(hours=1, seconds=30)) == 0, "it has its money now"

    payment.order.refresh_from_db()
    assert payment.order.payment_state == PaymentState.PAID
    drain_outbox()
    assert books.verify_books() == []


def test_an_expired_order_that_was_paid_unheard_is_found_too(simulators, variant):
    payment = begin(variant)
    press(simulators, payment, "callback-lost")
    later = clock.now() + timedelta(hours=3)
    expire_unpaid_orders(now=later)
    drain_outbox()

    ask_about_open(now=later)

    payment.order.refresh_from_db()
    assert payment.order.payment_state == PaymentState.PAID


def test_who_was_asked_lately_is_not_asked_again(simulators, variant):
    begin(variant)
    at = clock.now() + timedelta(hours=1)

    assert ask_about_open(now=at) == 1
    assert ask_about_open(now=at + timedelta(minutes=10)) == 0
    assert ask_about_open(now=at + timedelta(minutes=40)) == 1


def test_a_day_that_agrees(simulators, variant):
    payment = begin(variant)
    press(simulators, payment, "pay")

    (run,) = compare_days(day=today())

    assert (run.our_count, run.our_total) == (run.their_count, run.their_total) == (1, payment.amount)
    assert not Difference.objects.exists()


def test_what_differs_is_listed_once_and_settled_by_a_person(simulators, variant):
    unheard, told, changed = begin(variant), begin(variant), begin(variant)
    press(simulators, unheard, "callback-lost")
    press(simulators, told, "pay")
    press(simulators, changed, "pay")
    Payment.objects.filter(pk=told.pk).update(charge_reference="pay_unknown")
    Payment.objects.filter(pk=changed.pk).update(amount=changed.amount + Decimal("0.01"))

    for _twice in range(2):
        compare_days(day=today())

    kinds = Difference.objects.values_list("kind", flat=True)
    assert sorted(kinds) == sorted(
        [
            DifferenceKind.AMOUNT,
            DifferenceKind.MISSING_HERE,
            DifferenceKind.MISSING_HERE,
            DifferenceKind.MISSING_THERE,
        ]
    )
    assert ReconciliationRun.objects.count() == 1
    found = Difference.objects.first()
    with pytest.raises(PermissionRefused):
        settle_difference(difference_id=found.pk, actor=make_user(), note="nothing")
    settle_difference(difference_id=found.pk, actor=make_user(role="staff"), note="asked the bank")
    found.refresh_from_db()
    assert (found.note, found.resolved_at is not None) == ("asked the bank", True)


def test_a_provider_that_is_away_stops_nobody(simulators, variant):
    begin(variant)
    simulators.world.set_mode("razorpay", {"mode": "down"})

    assert ask_about_open(now=clock.now() + timedelta(hours=1)) == 0
    assert compare_days(day=today()) == []

    day = today()
    left = Difference.objects.get(kind="not_compared", provider="razorpay")
    assert (left.reference, left.resolved_at) == (day.isoformat(), None)
    simulators.world.set_mode("razorpay", {"mode": "ok"})
    compare_days(day=day + timedelta(days=1))  # the night after makes up for it
    left.refresh_from_db()
    assert left.resolved_at is not None
