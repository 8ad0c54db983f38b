"""What sales, cancellations and refunds become in the ledger, whoever bore the discount and whoever took the money."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from karvon.carts.services import apply_coupon
from karvon.kernel.models import OutboxEvent
from karvon.kernel.testing import drain_outbox
from karvon.ledger.handlers import post_money
from karvon.ledger.models import Account, Entry, EntryLine, Transaction
from karvon.ledger.services import post_earlier_sales
from karvon.ledger.tests.factories import balances, make_goods, make_paid_order, make_rule, owed_to
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.events import MoneyMoved
from karvon.orders.models import Order
from karvon.orders.services import (
    advance_order,
    cancel_lines,
    cancel_order,
    confirm_payment,
    place_order,
    record_refund,
    transition_fulfilment,
)
from karvon.orders.tests.factories import make_command, make_order, part_of
from karvon.promotions.tests.factories import make_coupon, make_promotion

pytestmark = pytest.mark.django_db

ROAD = ("packed", "shipped", "delivered")


def books_are_clean():
    drain_outbox()
    assert verify_books() == []
    return True


def test_a_payment_is_owed_to_the_merchant_less_the_commission():
    make_paid_order()

    drain_outbox()

    assert balances() == {"clearing": 25_000, "payable": -23_000, "commission": -2_000}
    assert books_are_clean()


def test_at_the_door_the_merchant_took_the_money_and_owes_the_commission():
    variant = make_goods()
    order = make_order((variant, 2))
    drain_outbox()
    assert balances() == {}

    for step in ROAD:
        advance_order(order_id=order.pk, to=step, actor=variant.merchant.owner)

    drain_outbox()
    assert balances() == {"payable": 2_000, "commission": -2_000}
    assert books_are_clean()


@pytest.mark.parametrize(
    ("bearer", "owed", "commission", "promotion"),
    [("merchant", 23_000 - 1_800, 1_800, 0), ("platform", 23_000, 2_000, 2_000)],
)
def test_who_bears_a_promotion_pays_for_it(bearer, owed, commission, promotion):
    variant = make_goods()
    command = make_command((variant, 2), payment_method="payme")
    coupon = make_coupon(merchant=variant.merchant, borne_by=bearer)
    apply_coupon(command.owner, code=coupon.code)
    order = place_order(command=command).order

    confirm_payment(order_id=order.pk)
    drain_outbox()

    expected = {"clearing": 23_000, "payable": -owed, "commission": -commission, "promotions": promotion}
    if bearer == "merchant":
        expected["payable"] = -(18_000 + 5_000 - 1_800)
    assert balances() == {name: amount for name, amount in expected.items() if amount}
    assert books_are_clean()


def test_free_delivery_from_the_platform_is_paid_to_the_merchant():
    make_promotion(kind="free_delivery", borne_by="platform")
    make_paid_order()

    drain_outbox()

    assert balances() == {"clearing": 20_000, "payable": -23_000, "commission": -2_000, "promotions": 5_000}
    assert books_are_clean()


def test_what_the_platform_gives_away_whole_is_earned_all_the_same():
    make_promotion(value="100", borne_by="platform")
    order = make_order((make_goods(fee=0), 2), payment_method="payme")
    assert Order.objects.get(pk=order.pk).payment_state == "paid"

    drain_outbox()

    assert balances() == {"payable": -18_000, "commission": -2_000, "promotions": 20_000}
    assert books_are_clean()


def test_called_off_units_take_their_shares_back_and_a_refund_closes_it():
    order = make_paid_order((make_goods(), 3))
    part, line = part_of(order), order.lines.get()

    cancel_lines(fulfilment_id=part.pk, quantities={line.pk: 1}, actor=None)
    drain_outbox()
    assert balances() == {
        "clearing": 35_000,
        "payable": -23_000,
        "commission": -2_000,
        "refunds_due": -10_000,
    }

    record_refund(order_id=order.pk)
    drain_outbox()
    assert balances() == {"clearing": 25_000, "payable": -23_000, "commission": -2_000}
    assert Order.objects.get(pk=order.pk).payment_state == "partially_refunded"

    cancel_order(order_id=order.pk, actor=None)
    assert Order.objects.get(pk=order.pk).payment_state == "refund_due"
    record_refund(order_id=order.pk)
    drain_outbox()
    assert balances() == {}
    assert Order.objects.get(pk=order.pk).payment_state == "refunded"
    assert books_are_clean()


def test_what_was_paid_at_the_door_is_given_back_by_the_merchant():
    variant = make_goods()
    order = make_order((variant, 2))
    for step in (*ROAD, "returned"):
        transition_fulfilment(fulfilment_id=part_of(order).pk, to=step, actor=variant.merchant.owner)
    drain_outbox()
    assert balances() == {"payable": 25_000, "refunds_due": -25_000}

    record_refund(order_id=order.pk)

    drain_outbox()
    assert balances() == {}
    assert books_are_clean()


def test_each_merchant_is_owed_its_own_part():
    one, two = make_merchant(), make_merchant()
    make_rule("20", merchant=two)
    make_paid_order((make_goods(one), 1), (make_goods(two, price="333"), 3))

    drain_outbox()

    assert (owed_to(one), owed_to(two)) == (Decimal(14_000), Decimal("5799.20"))
    assert books_are_clean()


def news():
    """The money's story of three orders: paid, partly called off and refunded; paid at the door and returned; paid ahead."""
    first = make_paid_order((make_goods(price="333.33"), 3))
    cancel_lines(fulfilment_id=part_of(first).pk, quantities={first.lines.get().pk: 1}, actor=None)
    record_refund(order_id=first.pk)
    variant = make_goods()
    second = make_order((variant, 2))
    for step in (*ROAD, "returned"):
        transition_fulfilment(fulfilment_id=part_of(second).pk, to=step, actor=variant.merchant.owner)
    record_refund(order_id=second.pk)
    make_paid_order()
    rows = OutboxEvent.objects.filter(type=MoneyMoved.TYPE).order_by("created_at", "id")
    return [(row.pk, MoneyMoved(**row.payload)) for row in rows]


def ledger_after(told):
    """All that these news leave in an empty ledger; nothing of it stays."""
    before = transaction.savepoint()
    for event_id, event in told:
        post_money(event, event_id=event_id)
    whose = [f"account__{name}" for name in ("kind", "merchant", "method", "currency")]
    entries = Entry.objects.values_list(
        "transaction__key", "transaction__kind", "line", "amount", "at", *whose
    )
    kept = Account.objects.values_list("kind", "merchant", "method", "balance")
    found = sorted(map(str, entries)), sorted(map(str, kept))
    transaction.savepoint_rollback(before)
    return found


@pytest.fixture
def told():
    found = news()
    return found, ledger_after(found)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_and_repetition_of_news_gives_the_same_ledger(told, data):
    found, expected = told
    again = data.draw(st.lists(st.sampled_from(found), max_size=6))

    assert ledger_after(data.draw(st.permutations([*found, *again]))) == expected


@pytest.mark.parametrize("method", ["payme", "cash"])
def test_sales_from_before_the_ledger_are_posted_once_as_they_stand(method):
    variant = make_goods()
    order = make_order((variant, 3), payment_method=method)
    confirm_payment(order_id=order.pk)
    cancel_lines(fulfilment_id=part_of(order).pk, quantities={order.lines.get().pk: 1}, actor=None)
    make_paid_order()
    OutboxEvent.objects.filter(type=MoneyMoved.TYPE, payload__order_id=order.pk).delete()
    drain_outbox()
    before = balances()
    assert "what came in" in str(verify_books())

    assert [post_earlier_sales(), post_earlier_sales()] == [1, 0]

    paid_ahead = {"clearing": 35_000, "payable": -23_000, "commission": -2_000, "refunds_due": -10_000}
    at_the_door = paid_ahead | {"clearing": 0, "payable": 12_000}
    expected = paid_ahead if method == "payme" else at_the_door
    assert balances() == {
        kind: amount for kind in expected if (amount := before.get(kind, 0) + expected[kind])
    }
    assert books_are_clean()


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_transaction"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = now()", "DELETE FROM {}"])
def test_what_was_written_stays(table, change):
    make_paid_order()
    drain_outbox()

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        connection.cursor().execute(change.format(table))


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_what_does_not_add_up():
    account = Account.objects.create(kind="bank", currency="UZS")

    row = Transaction.objects.create(key=str(uuid4()), kind="sale", currency="UZS", at="2026-01-01T00:00Z")

    with pytest.raises(IntegrityError, match="does not add up"):
        Entry.objects.create(
            transaction=row, account=account, line=EntryLine.GOODS, amount=Decimal("0.001"), at=row.at
        )

    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("UPDATE ledger_account SET balance = balance + 1", "balances are the sum of their entries"),
        (
            "UPDATE ledger_account SET balance = balance + 1 WHERE kind = 'commission'",
            "the accounts of a currency add up to nothing",
        ),
        (
            "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE ledger_entry DISABLE TRIGGER USER;"
            "UPDATE ledger_entry SET amount = amount + 1 WHERE line = 'goods';"
            "ALTER TABLE ledger_entry ENABLE TRIGGER USER",
            "every transaction adds up to nothing",
        ),
        (
            "UPDATE orders_fulfilment SET paid_amount = paid_amount - 1",
            "what came in for a part of an order is what was paid and not refunded",
        ),
        (
            "UPDATE ledger_account SET kind = 'payouts_due', method = '' WHERE kind = 'clearing'",
            "payouts that are being made are set aside",
        ),
    ],
)
def test_each_rule_of_the_books_finds_its_disagreement(damage, rule):
    make_paid_order()
    drain_outbox()

    connection.cursor().execute(damage)

    assert rule in {finding.rule for finding in verify_books()}
