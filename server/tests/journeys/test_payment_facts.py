"""Whatever providers tell, in any order and however often: the books come to the same end."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from karvon.kernel.testing import drain_outbox
from karvon.ledger.models import Account as LedgerAccount
from karvon.orders import books
from karvon.orders.models import Order, OrderState, PaymentState
from karvon.payments.booking.facts import apply_facts
from karvon.payments.models import Payment, PaymentStatus, Refund, RefundReason
from karvon.payments.protocol import Authorized, Charged, Expired, Fact, Failed, Pending, RefundMade
from karvon.payments.tests.factories import make_unpaid

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SESSION = "order_1"
AMOUNT = Decimal(100)  # stands for the order's total until that is known
Message = tuple[Fact, ...]  # applied or refused as a whole


def charged(charge: str) -> Charged:
    return Charged(reference=SESSION, charge_reference=charge, at=AT, amount=AMOUNT, currency="UZS")


def gone_back(share: int, name: str = "", *, is_cumulative: bool = False) -> Message:
    """So many hundredths; its charge is told with it, as all providers do."""
    refund = RefundMade(
        charge_reference="pay_1", refund_reference=name, amount=Decimal(share), currency="UZS", is_cumulative=is_cumulative
    )  # fmt: skip
    return (charged("pay_1"), refund)


ONCE: tuple[Message, ...] = (
    (Pending(reference=SESSION),),
    (Authorized(reference=SESSION, amount=AMOUNT, currency="UZS"),),
    (Failed(reference=SESSION, reason="declined"),),
    (charged("pay_1"),),
    (Failed(reference=SESSION, reason="over", is_final=True),),
    (Expired(reference=SESSION),),
)
TWICE = (*ONCE, (charged("pay_2"),))
PARTS = (*ONCE, gone_back(30, "refund_1"), gone_back(20, "refund_2"))
SUMS = (*ONCE, gone_back(30, is_cumulative=True), gone_back(50, is_cumulative=True))


def scaled(fact: Fact, total: Decimal) -> Fact:
    """The same of an order of that total."""
    if isinstance(fact, Charged | RefundMade):
        amount = fact.amount * total / AMOUNT
        return type(fact)(**{**vars(fact), "amount": amount})
    return fact


def tell(order: Order, messages: list[Message]) -> dict[str, tuple[str, Decimal, Decimal]]:
    """What came of each charge: (state, hundredths that went back, hundredths that nobody needed)."""
    Payment.objects.create(
        order=order, provider="razorpay", amount=order.total, currency=order.currency, reference=SESSION
    )
    for message in messages:
        apply_facts("razorpay", None, [scaled(fact, order.total) for fact in message], now=AT)
    drain_outbox()
    return {
        each.charge_reference: (
            each.state,
            each.refunded_amount * AMOUNT / order.total,
            each.surplus_amount * AMOUNT / order.total,
        )
        for each in Payment.objects.all()
    }


def assert_consistent(order: Order) -> None:
    order.refresh_from_db()
    assert (order.state, order.payment_state) == (OrderState.CONFIRMED, PaymentState.PAID)
    assert books.verify_books() == []
    assert LedgerAccount.objects.aggregate(sum=Sum("balance"))["sum"] == 0


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        (ONCE, {("paid", 0, 0)}),
        (PARTS, {("partially_refunded", 50, 0)}),
        (SUMS, {("partially_refunded", 50, 0)}),
    ],
    ids=["paid", "given back in parts", "given back, as sums"],
)
@settings(max_examples=4)
@given(data=st.data())
def test_any_order_and_repetition_ends_alike(told, ends, data):
    again = data.draw(st.lists(st.sampled_from(told), max_size=5))
    messages = data.draw(st.permutations([*told, *again]))
    with transaction.atomic():
        order = make_unpaid("razorpay")

        assert set(tell(order, messages).values()) == ends
        assert_consistent(order)
        assert not Refund.objects.exclude(reason=RefundReason.AT_PROVIDER).exists()
        transaction.set_rollback(True)


@settings(max_examples=4)
@given(data=st.data())
def test_of_two_charges_one_is_kept_whatever_else_is_told(data):
    again = data.draw(st.lists(st.sampled_from(TWICE), max_size=5))
    messages = data.draw(st.permutations([*TWICE, *again]))
    with transaction.atomic():
        order = make_unpaid("razorpay")

        came = tell(order, messages)

        first = next(fact.charge_reference for (fact,) in messages if type(fact) is Charged)
        second = {"pay_1": "pay_2", "pay_2": "pay_1"}[first]
        assert came == {first: (PaymentStatus.PAID, 0, 0), second: (PaymentStatus.PAID, 0, 100)}
        refund = Refund.objects.get()
        assert (refund.payment.charge_reference, refund.amount) == (second, order.total)
        assert_consistent(order)
        transaction.set_rollback(True)
