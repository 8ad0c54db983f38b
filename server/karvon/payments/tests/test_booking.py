"""Money comes in and goes back: once, whatever is told and however often."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.demand import Demand
from karvon.inventory.models import StockLevel
from karvon.inventory.services import take_stock
from karvon.kernel import clock
from karvon.kernel.errors import ValidationFailed
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.orders.services import cancel_order, confirm_payment, expire_unpaid_orders
from karvon.payments.errors import SignatureInvalid
from karvon.payments.models import Payment, PaymentStatus, ProviderEvent, RefundReason, RefundState
from karvon.payments.protocol import CallbackRequest
from karvon.payments.services import begin_payment, close_refund, confirm_by_hand, receive_callback, receiving
from karvon.payments.tests.factories import bank_account, make_account, make_unpaid
from karvon.payments.tests.simulated import simulated

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return make_user(role="staff")


@pytest.fixture
def order(db):
    bank_account()
    return make_unpaid("bank_transfer")


def pay(order: Order, operator, reference="statement 1") -> Payment:
    payment = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
    return confirm_by_hand(payment_id=payment.pk, actor=operator, reference=reference)


def test_money_confirms_the_order_once(order, operator):
    first = pay(order, operator)
    again = confirm_by_hand(payment_id=first.pk, actor=operator, reference="statement 1")
    drain_outbox()

    order.refresh_from_db()
    assert (order.state, order.payment_state) == (OrderState.CONFIRMED, PaymentState.PAID)
    assert again == first
    assert Payment.objects.get().state == PaymentStatus.PAID
    assert books.verify_books() == []


def test_begun_twice_it_is_the_same_payment(order):
    first = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
    second = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)

    assert first.pk == second.pk
    assert first.next_step["data"]["purpose"] == order.number
    assert Decimal(first.next_step["data"]["amount"]) == order.total


def test_a_second_payment_goes_back_whole(order, operator):
    first = pay(order, operator)
    second = confirm_by_hand(payment_id=first.pk, actor=operator, reference="statement 2")
    drain_outbox()

    refund = second.refunds.get()
    assert second.pk != first.pk
    assert (refund.reason, refund.amount, refund.state) == (
        RefundReason.DUPLICATE,
        order.total,
        RefundState.MANUAL,
    )
    assert Order.objects.get().payment_state == PaymentState.PAID
    close_refund(refund_id=str(refund.pk), actor=operator, reference="sent back")
    drain_outbox()
    second.refresh_from_db()
    assert second.state == PaymentStatus.REFUNDED
    assert books.verify_books() == []


def test_money_that_a_person_knew_of_first_is_no_second_payment(order, operator):
    payment = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
    confirm_payment(order_id=order.pk, actor=operator)

    confirm_by_hand(payment_id=payment.pk, actor=operator, reference="statement 1")
    second = confirm_by_hand(payment_id=payment.pk, actor=operator, reference="statement 2")
    drain_outbox()

    assert not payment.refunds.exists()
    assert second.refunds.get().reason == RefundReason.DUPLICATE
    assert books.verify_books() == []


def test_late_money_brings_the_order_back_while_its_goods_are_there(order, operator):
    payment = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
    expire_unpaid_orders(now=clock.now() + timedelta(days=4))
    drain_outbox()
    assert Payment.objects.get().state == PaymentStatus.EXPIRED

    confirm_by_hand(payment_id=payment.pk, actor=operator, reference="late")
    drain_outbox()

    order.refresh_from_db()
    assert (order.state, order.payment_state) == (OrderState.CONFIRMED, PaymentState.PAID)
    assert books.verify_books() == []


def test_late_money_goes_back_when_the_goods_are_gone(order, operator):
    payment = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
    expire_unpaid_orders(now=clock.now() + timedelta(days=4))
    sell_everything_of(order)

    confirm_by_hand(payment_id=payment.pk, actor=operator, reference="too late")
    drain_outbox()

    order.refresh_from_db()
    assert (order.state, order.payment_state) == (OrderState.CANCELLED, PaymentState.EXPIRED)
    assert payment.refunds.get().reason == RefundReason.LATE
    assert books.verify_books() == []


def sell_everything_of(order: Order) -> None:

    for line in order.lines.all():
        for level in StockLevel.objects.filter(variant=line.variant_id):
            left = level.on_hand - level.reserved
            take_stock(order_id=1, demands=[Demand(level.variant_id, level.branch_id, left)], commit=True)


def test_what_is_called_off_goes_back_the_way_it_came(order, operator):
    pay(order, operator)
    cancel_order(order_id=order.pk, actor=operator)
    drain_outbox()

    refund = Payment.objects.get().refunds.get()
    assert (refund.reason, refund.amount) == (RefundReason.CALLED_OFF, order.total)
    close_refund(refund_id=str(refund.pk), actor=operator, reference="sent")
    drain_outbox()
    order.refresh_from_db()
    assert order.payment_state == PaymentState.REFUNDED
    assert books.verify_books() == []


def test_beginning_again_and_again_does_not_keep_the_goods():
    make_account("payme", PAYME_MERCHANT_ID="5f0c0de00000000000000001", PAYME_KEY="key")
    order = make_unpaid("payme")
    first = order.payment_deadline
    for minutes in (10, 25, 50):
        at = order.placed_at + timedelta(minutes=minutes)
        begin_payment(order_id=order.pk, provider="payme", payer=order.customer, now=at)

    order.refresh_from_db()
    assert first < order.payment_deadline <= first + timedelta(minutes=31)


def test_a_bank_transfer_has_days(order, settings):
    days = settings.KARVON_TRANSFER_DEADLINE
    changed = make_unpaid("payme")
    for each in (order, changed):
        begin_payment(order_id=each.pk, provider="bank_transfer", payer=each.customer)
        each.refresh_from_db()
        assert days <= each.payment_deadline - each.placed_at < days + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://app.example/paid", True),
        ("https://app.example", True),
        ("https://app.example.evil.example/paid", False),
        ("https://evil.example/https://app.example/", False),
    ],
)
def test_customers_are_sent_back_to_ours_alone(order, settings, url, is_ours):
    settings.KARVON_RETURN_URLS = ["https://app.example/"]

    def begin():
        return begin_payment(
            order_id=order.pk, provider="bank_transfer", payer=order.customer, return_url=url
        )

    if is_ours:
        assert begin().return_url == url
    else:
        with pytest.raises(ValidationFailed):
            begin()


def test_forged_messages_do_not_fill_the_database(monkeypatch, settings):
    monkeypatch.setattr(receiving, "FORGED_KEPT", 3)
    with simulated(settings):
        for _each in range(5):
            request = CallbackRequest(
                "POST", "", b"{}", {"content-type": "application/json"}, "", clock.now()
            )
            with pytest.raises(SignatureInvalid):
                receive_callback(provider="stripe", request=request)

    assert ProviderEvent.objects.count() == 3
