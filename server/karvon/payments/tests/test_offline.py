"""Cash, cards at the door and bank transfers: booked once, for the order that they are for."""

from __future__ import annotations

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.kernel.errors import PermissionRefused
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import PaymentState
from karvon.orders.services import advance_order, cancel_order
from karvon.payments.errors import NotRefundable, ReferenceTaken
from karvon.payments.models import Payment, PaymentStatus, Refund, RefundState
from karvon.payments.services import begin_payment, close_refund, confirm_by_hand
from karvon.payments.tests.at_uzum import ask, code
from karvon.payments.tests.calling import payment_state
from karvon.payments.tests.factories import bank_account, make_unpaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db):
    return make_user(role="staff")


def deliver(order, operator) -> None:
    for state in ("packed", "shipped", "delivered"):
        advance_order(order_id=order.pk, to=state, actor=operator)
    drain_outbox()


def test_the_door_pays_the_payment_that_waits_for_it(operator):
    order = make_unpaid("cash")
    begun = begin_payment(order_id=order.pk, provider="cash", payer=order.customer)
    assert begun.next_step["kind"] == "none"
    deliver(order, operator)

    (payment,) = Payment.objects.all()
    assert (payment.pk, payment.state, payment.amount) == (begun.pk, PaymentStatus.PAID, order.total)
    assert payment_state(order) == PaymentState.PAID
    assert books.verify_books() == []


def test_a_line_of_the_statement_pays_one_order(operator):
    bank_account()
    first, second = (
        begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
        for order in (make_unpaid("bank_transfer"), make_unpaid("bank_transfer"))
    )
    confirm_by_hand(payment_id=first.pk, actor=operator, reference="line 1")

    with pytest.raises(ReferenceTaken):
        confirm_by_hand(payment_id=second.pk, actor=operator, reference=" line 1 ")
    second.refresh_from_db()
    assert second.state == PaymentStatus.PENDING
    assert confirm_by_hand(payment_id=second.pk, actor=operator, reference="line 2") == second


@pytest.mark.usefixtures("contracts")
def test_what_a_person_gives_back_goes_back_once(operator):
    """Of a provider that nobody can ask for refunds."""
    order = make_unpaid("uzum")
    ask("create", order)
    ask("confirm")
    cancel_order(order_id=order.pk, actor=operator)
    drain_outbox()
    refund = Refund.objects.get()

    with pytest.raises(PermissionRefused):
        close_refund(refund_id=str(refund.pk), actor=order.customer)
    with pytest.raises(NotRefundable):
        close_refund(refund_id=str(refund.pk), actor=operator, is_done=False)
    assert (
        close_refund(refund_id=str(refund.pk), actor=operator, reference="cash").state
        == RefundState.SUCCEEDED
    )
    with pytest.raises(NotRefundable):
        close_refund(refund_id=str(refund.pk), actor=operator, reference="again")
    # the bank may not give it back a second time
    assert code(ask("reverse")) == "10017"
    drain_outbox()
    assert (Payment.objects.get().refunded_amount, Refund.objects.count()) == (order.total, 1)
    assert payment_state(order) == PaymentState.REFUNDED
    assert books.verify_books() == []
