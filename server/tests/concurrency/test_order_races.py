"""Steps of one order taken by many at once, each with its control: the same race without our lock breaks."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import connection, transaction

from karvon.inventory.events import StockLow
from karvon.inventory.models import StockLevel, StockMovement
from karvon.inventory.tests.factories import default_branch, level_of, make_variant
from karvon.kernel.db import run_transaction
from karvon.kernel.errors import InvalidTransition
from karvon.kernel.events import publish
from karvon.kernel.models import OutboxEvent
from karvon.kernel.rows import Rows
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.books import verify_books
from karvon.orders.errors import NothingToCancel, NotPayable
from karvon.orders.events import OrderCancelled, OrderConfirmed, OrderExpired
from karvon.orders.locks import is_taken, lines_of, lock_order, lock_unexpired
from karvon.orders.models import Fulfilment, Order, OrderEvent
from karvon.orders.services import (
    cancel_lines,
    cancel_order,
    cancelling,
    confirm_payment,
    expire_unpaid_orders,
    paying,
    place_order,
    transition_fulfilment,
)
from karvon.orders.services.stepping import take_steps
from karvon.orders.tests.factories import make_command, make_order, part_of
from tests.concurrency.crowds import Meeting, count_of, run_crowd, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)
TIMELINE = Rows(OrderEvent, "WHERE order_id = %s")


def events_of(kind) -> int:
    return OutboxEvent.objects.filter(type=kind.TYPE).count()


def lock_nothing(meeting):
    """`lock_order` without its locks; all meet between reading and writing."""

    def read_order(order_id):
        order = Order.objects.get(pk=order_id)
        parts = list(Fulfilment.objects.filter(order=order).order_by("pk"))
        meeting.wait()
        return order, parts

    return read_order


# -- calling off


def cancel_twenty_times(order, *, times=20):
    return run_crowd([partial(cancel_order, order_id=order.pk, actor=order.customer)] * times, runners=20)


def test_twenty_cancellations_give_the_stock_back_once():
    variant = make_variant(units=5)
    order = make_order((variant, 3))

    results = cancel_twenty_times(order)

    assert (count_of(results, Order), count_of(results, InvalidTransition)) == (1, 19)
    assert level_of(variant).on_hand == 5
    assert StockMovement.objects.filter(kind="return").count() == 1
    assert (events_of(OrderCancelled), OrderEvent.objects.filter(to_state="cancelled").count()) == (1, 1)
    assert verify_books() == []


def test_control_cancelling_without_the_lock_cancels_an_unpaid_order_twice(monkeypatch):
    order = make_order((make_variant(units=5), 3), payment_method="payme")
    monkeypatch.setattr(cancelling, "lock_order", lock_nothing(Meeting(2)))

    results = cancel_twenty_times(order, times=2)

    assert count_of(results, Order) == events_of(OrderCancelled) == 2


def call_off(part, line, units, actor):
    return cancel_lines(fulfilment_id=part.pk, quantities={line.pk: units}, actor=actor)


def test_units_called_off_twenty_times_at_once_come_back_once_each():
    variant = make_variant(units=10)
    order = make_order((variant, 6))
    part, line, owner = part_of(order), order.lines.get(), variant.merchant.owner

    results = run_crowd([partial(call_off, part, line, 2, owner)] * 20, runners=20)

    # the third takes the last units and with them the part; who comes then is too late
    refused = count_of(results, NothingToCancel) + count_of(results, InvalidTransition)
    assert (count_of(results, Order), refused) == (3, 17)
    assert level_of(variant).on_hand == 10
    assert Order.objects.get(pk=order.pk).state == "cancelled"
    assert verify_books() == []


def test_two_that_together_are_too_many():
    variant = make_variant(units=10)
    order = make_order((variant, 3))
    part, line, owner = part_of(order), order.lines.get(), variant.merchant.owner

    results = run_crowd([partial(call_off, part, line, 2, owner)] * 2)

    assert (count_of(results, Order), count_of(results, NothingToCancel)) == (1, 1)
    line.refresh_from_db()
    assert (line.cancelled_quantity, level_of(variant).on_hand) == (2, 9)
    assert verify_books() == []


def test_control_calling_units_off_without_the_lock_loses_one(monkeypatch):
    variant = make_variant(units=10)
    order = make_order((variant, 6))
    part, line, owner = part_of(order), order.lines.get(), variant.merchant.owner
    meeting = Meeting(2)
    check = cancelling._check

    def check_and_meet(lines, quantities):
        check(lines, quantities)
        meeting.wait()

    monkeypatch.setattr(cancelling, "lock_order", lock_nothing(Meeting(2)))
    monkeypatch.setattr(cancelling, "_check", check_and_meet)
    monkeypatch.setattr(
        cancelling, "lock_lines", lambda _order, part: {each.pk: each for each in part.lines.all()}
    )
    results = run_crowd([partial(call_off, part, line, 1, owner)] * 2)

    assert count_of(results, Order) == 2
    line.refresh_from_db()
    assert (line.cancelled_quantity, level_of(variant).on_hand) == (1, 6)
    assert [found.rule for found in verify_books()] == ["what was called off came back"]


def test_the_customer_cancels_while_the_shop_packs():
    variant = make_variant(units=40)
    orders = [make_order((variant, 1)) for _ in range(20)]
    owner = variant.merchant.owner

    results = run_crowd(
        [
            step
            for order in orders
            for step in (
                partial(cancel_order, order_id=order.pk, actor=order.customer),
                partial(transition_fulfilment, fulfilment_id=part_of(order).pk, to="packed", actor=owner),
            )
        ],
        runners=20,
    )

    assert count_of(results, Order) == 20
    cancelled = Order.objects.filter(state="cancelled").count()
    assert Order.objects.filter(state="packed").count() == 20 - cancelled
    assert level_of(variant).on_hand == 20 + cancelled
    assert verify_books() == []


# -- paying and expiring


def unpaid(variant, how_many):
    return [make_order((variant, 1), payment_method="payme") for _ in range(how_many)]


def test_sweeps_at_once_expire_every_order_once():
    variant = make_variant(units=20)
    due = max(order.payment_deadline for order in unpaid(variant, 20))

    expired = run_crowd([partial(expire_unpaid_orders, now=due)] * 6)

    assert sum(expired) == 20, expired
    assert (events_of(OrderExpired), events_of(OrderCancelled)) == (20, 20)
    assert (level_of(variant).on_hand, level_of(variant).reserved) == (20, 0)
    assert verify_books() == []


def test_control_sweeping_without_the_lock_expires_twice(monkeypatch):
    (order,) = unpaid(make_variant(units=5), 1)
    monkeypatch.setattr(paying, "lock_order", lock_nothing(Meeting(2)))
    monkeypatch.setattr(paying, "is_taken", lambda order_id: False)

    run_crowd([partial(expire_unpaid_orders, now=order.payment_deadline)] * 2)

    assert events_of(OrderExpired) == 2


def test_payments_and_sweeps_at_once_settle_every_order_once():
    variant = make_variant(units=30)
    orders = unpaid(variant, 30)
    due = max(order.payment_deadline for order in orders)
    pay = [partial(confirm_payment, order_id=order.pk) for order in orders]
    sweep = [partial(expire_unpaid_orders, now=due, limit=5)] * 10

    results = run_crowd(
        [step for pair in zip(pay[::3], pay[1::3], pay[2::3], sweep, strict=True) for step in pair]
    )
    expire_unpaid_orders(now=due)

    paid = Order.objects.filter(payment_state="paid", state="confirmed").count()
    expired = Order.objects.filter(payment_state="expired", state="cancelled").count()
    assert (paid + expired, count_of(results, NotPayable)) == (30, expired)
    assert (events_of(OrderConfirmed), events_of(OrderExpired)) == (paid, expired)
    assert (level_of(variant).on_hand, level_of(variant).reserved) == (30 - paid, 0)
    assert verify_books() == []


def test_a_payment_that_arrives_while_the_order_expires_is_told():
    (order,) = unpaid(make_variant(units=5), 1)
    is_locked = threading.Event()

    def expire():
        with transaction.atomic():
            expired = expire_unpaid_orders(now=order.payment_deadline)
            is_locked.set()
            wait_until_blocked()
        return expired

    def pay():
        assert is_locked.wait(30)
        return confirm_payment(order_id=order.pk)

    expired, paid = run_crowd([expire, pay])

    assert expired == 1
    assert isinstance(paid, NotPayable)
    assert verify_books() == []


def test_an_order_that_is_being_paid_is_left_to_the_next_sweep():
    (one,), (two,) = unpaid(make_variant(units=5), 1), unpaid(make_variant(units=5), 1)
    is_locked, is_swept = threading.Event(), threading.Event()

    def pay():
        with transaction.atomic():
            confirm_payment(order_id=one.pk)
            is_locked.set()
            assert is_swept.wait(30)

    def sweep():
        assert is_locked.wait(30)
        expired = expire_unpaid_orders(now=two.payment_deadline)
        is_swept.set()
        return expired

    assert run_crowd([pay, sweep]) == [None, 1]
    states = {order.pk: order.payment_state for order in Order.objects.all()}
    assert states == {one.pk: "paid", two.pk: "expired"}
    assert verify_books() == []


def test_control_paying_without_the_lock_sells_what_was_given_back(monkeypatch):
    (order,) = unpaid(make_variant(units=5), 1)
    monkeypatch.setattr(paying, "lock_order", lock_nothing(Meeting(2)))
    monkeypatch.setattr(paying, "is_taken", lambda order_id: False)

    run_crowd(
        [
            partial(confirm_payment, order_id=order.pk),
            partial(expire_unpaid_orders, now=order.payment_deadline),
        ]
    )

    # both went through, each believing that it was alone
    assert (events_of(OrderConfirmed), events_of(OrderExpired)) == (1, 1)


def test_one_payment_told_twenty_times_is_booked_once():
    variant = make_variant(units=5)
    (order,) = unpaid(variant, 1)

    results = run_crowd([partial(confirm_payment, order_id=order.pk)] * 20, runners=20)

    assert count_of(results, Order) == 20
    assert order.events.filter(kind="payment").count() == events_of(OrderConfirmed) == 1
    assert part_of(order).paid_amount == order.total
    assert level_of(variant).on_hand == 4
    assert verify_books() == []


# -- alarms


def test_forty_checkouts_across_the_threshold_alarm_once():
    variant = make_variant(units=40, threshold=10)
    commands = [make_command((variant, 1)) for _ in range(40)]

    results = run_crowd([partial(place_order, command=command) for command in commands], runners=20)

    assert not [each for each in results if isinstance(each, Exception)]
    (alert,) = OutboxEvent.objects.filter(type=StockLow.TYPE)
    assert alert.payload["available"] == 10
    assert verify_books() == []


def test_control_comparing_without_the_lock_alarms_twice():
    variant = make_variant(units=11, threshold=10)
    level = level_of(variant)
    meeting = Meeting(2)

    def naive_sale():
        with transaction.atomic():
            seen = StockLevel.objects.get(pk=level.pk)
            meeting.wait()
            StockLevel.objects.filter(pk=level.pk).update(on_hand=seen.on_hand - 1)
            if seen.available - 1 <= seen.low_threshold and not seen.is_low_announced:
                branch = default_branch(variant).pk
                publish(StockLow(level.pk, variant.pk, branch, variant.merchant_id, seen.available - 1, 10))

    run_crowd([naive_sale] * 2)

    assert events_of(StockLow) == 2


# -- steps of the parts


def test_two_merchants_finish_their_parts_at_once():
    variants = [make_variant(merchant=make_merchant(), units=30) for _ in range(2)]
    orders = [make_order(*((variant, 1) for variant in variants)) for _ in range(10)]
    for to in ("packed", "shipped", "delivered"):
        results = run_crowd(
            [
                partial(
                    transition_fulfilment,
                    fulfilment_id=part_of(order, variant.merchant_id).pk,
                    to=to,
                    actor=variant.merchant.owner,
                )
                for order in orders
                for variant in variants
            ],
            runners=20,
        )
        assert count_of(results, Order) == 20

    assert {(order.state, order.payment_state) for order in Order.objects.all()} == {("delivered", "paid")}
    assert verify_books() == []


def test_control_finishing_without_the_lock_leaves_the_order_behind():
    """Each sees the other's part as it was, and writes an order's state that is over already."""
    variants = [make_variant(merchant=make_merchant(), units=5) for _ in range(2)]
    order = make_order(*((variant, 1) for variant in variants))
    read_order = lock_nothing(Meeting(2))

    def naive_step(merchant):
        from karvon.kernel import clock
        from karvon.orders.services.stepping import Acting

        with transaction.atomic():
            found, parts = read_order(order.pk)
            mine = [part for part in parts if part.merchant_id == merchant.pk]
            acting = Acting(merchant.owner, "merchant")
            take_steps(found, parts, mine, to="packed", acting=acting, reason="", now=clock.now())

    run_crowd([partial(naive_step, variant.merchant) for variant in variants])

    assert set(order.fulfilments.values_list("state", flat=True)) == {"packed"}
    assert Order.objects.get(pk=order.pk).state == "confirmed"


# -- who waits for an order


def test_who_waited_for_an_order_sees_what_changed_meanwhile():
    """Order, parts and lines come with one message, and yet each as it is when its turn comes."""
    variant = make_variant(units=10)
    order = make_order((variant, 6))
    part, line, owner = part_of(order), order.lines.get(), variant.merchant.owner
    is_locked = threading.Event()

    def change():
        with transaction.atomic():
            call_off(part, line, 2, owner)
            transition_fulfilment(fulfilment_id=part.pk, to="packed", actor=owner)
            is_locked.set()
            wait_until_blocked()

    def look():
        assert is_locked.wait(30)
        found, parts, others = lock_unexpired(order.pk, (TIMELINE, [order.pk]))
        return (
            [each.state for each in parts],
            [each.cancelled_quantity for each in lines_of(found)],
            len(others),
        )

    _, seen = run_crowd([change, partial(run_transaction, look)])

    assert seen == (["packed"], [2], order.events.count())


def test_of_an_order_that_expired_nothing_is_locked():
    (order,) = unpaid(make_variant(units=5), 1)
    expire_unpaid_orders(now=order.payment_deadline)

    def take() -> int:
        with transaction.atomic():
            return len(Fulfilment.objects.select_for_update(nowait=True).filter(order=order))

    with transaction.atomic():
        assert lock_unexpired(order.pk, (TIMELINE, [order.pk])) is None
        assert run_crowd([take]) == [1]


# -- what refers to an order


def test_rows_that_refer_to_a_locked_order_are_written_meanwhile():
    """Guarded by NO KEY: foreign keys are checked part before order, and waiting for who locks order before part was a deadlock."""
    order = make_order((make_variant(units=5), 1))

    def refer() -> int:
        """What PostgreSQL does for a foreign key, without its patience."""
        with transaction.atomic(), connection.cursor() as cursor:
            for table, column in (("fulfilment", "order_id"), ("order", "id")):
                cursor.execute(
                    f"SELECT 1 FROM orders_{table} WHERE {column} = %s FOR KEY SHARE NOWAIT", [order.pk]
                )
            return cursor.rowcount

    def look() -> bool:
        with transaction.atomic():
            return is_taken(order.pk)

    with transaction.atomic():
        lock_order(order.pk)
        assert run_crowd([refer, look]) == [1, True]
