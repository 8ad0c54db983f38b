"""Who hears of money that goes back because no order needed it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.notifications.models import Delivery, Mail, MailKind
from karvon.orders.services import expire_unpaid_orders
from karvon.payments.services import begin_payment, confirm_by_hand
from karvon.payments.tests.factories import bank_account, make_unpaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    bank_account()
    return make_unpaid("bank_transfer", (make_variant(units=2), 2))


def pay(order, reference: str):
    payment = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
    return confirm_by_hand(payment_id=payment.pk, actor=make_user(role="staff"), reference=reference)


def messages_to(user) -> list[str]:
    return list(Delivery.objects.filter(user=user).values_list("notification__title", flat=True))


def test_paid_twice_is_told_to_the_customer(order):
    first = pay(order, "one")
    confirm_by_hand(payment_id=first.pk, actor=make_user(role="staff"), reference="two")
    drain_outbox()

    (mail,) = Mail.objects.filter(kind=MailKind.PAYMENT_RETURNED)
    assert mail.recipient == order.contact_email
    assert order.number in mail.subject
    assert "paid already" in mail.text_body


def test_paid_too_late_is_told_to_both_sides(order):
    payment = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
    expire_unpaid_orders(now=clock.now() + timedelta(days=4))
    make_unpaid("cash", (order.lines.get().variant, 2), customer=make_user())
    confirm_by_hand(payment_id=payment.pk, actor=make_user(role="staff"), reference="late")
    drain_outbox()

    (mail,) = Mail.objects.filter(kind=MailKind.PAYMENT_RETURNED)
    assert "after it was over" in mail.text_body
    owner = order.fulfilments.get().merchant.owner
    assert f"Order {order.number} was paid too late" in messages_to(owner)
