"""Stock under many buyers at once. Each test has its control: the same race without our lock or condition
breaks.
"""

from __future__ import annotations

import threading
from functools import partial
from itertools import count

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError

from karvon.catalog.models import Variant, WindowRow
from karvon.inventory import window
from karvon.inventory.errors import BelowPromises, OutOfStock
from karvon.inventory.models import Reservation, StockLevel, StockMovement
from karvon.inventory.selectors import list_discrepancies
from karvon.inventory.services import (
    Demand,
    StockChange,
    adjust_stock,
    commit_reservations,
    receive_stock,
    release_reservations,
    return_stock,
    take_stock,
    transfer_stock,
)
from karvon.inventory.tests.factories import default_branch, level_of, make_product, make_variant
from karvon.merchants.tests.factories import make_branch, make_merchant
from tests.concurrency.crowds import Meeting, count_of, run_crowd, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)

order_ids = count(1)


def demand(variant: Variant, quantity: int = 1) -> Demand:
    return Demand(variant.pk, default_branch(variant).pk, quantity)


def buy(*demands: Demand, commit: bool = True) -> StockChange:
    return take_stock(order_id=next(order_ids), demands=demands, commit=commit)


@pytest.mark.parametrize("commit", [True, False])
def test_500_buyers_of_50_units(commit):
    variant = make_variant(units=50)
    wanted = demand(variant)

    results = run_crowd([partial(buy, wanted, commit=commit)] * 500)

    assert (count_of(results, StockChange), count_of(results, OutOfStock)) == (50, 450)
    level = level_of(variant)
    assert (level.on_hand, level.reserved) == ((0, 0) if commit else (50, 50))
    assert WindowRow.objects.get(product_id=variant.product_id).quantity == 0
    assert list_discrepancies() == []


def test_control_reading_before_writing_oversells():
    """Checks the level, then writes what it computed: two buyers of the last unit both get it."""
    variant = make_variant(units=1)
    meeting = Meeting(2)

    def naive_buy() -> str:
        with transaction.atomic():
            level = level_of(variant)
            meeting.wait()
            if level.available < 1:
                return "sold out"
            StockLevel.objects.filter(pk=level.pk).update(on_hand=level.on_hand - 1)
            StockMovement.objects.create(level=level, kind="sale", quantity=-1)
        return "sold"

    assert run_crowd([naive_buy] * 2) == ["sold", "sold"]
    assert list_discrepancies() != []


def test_two_line_carts_in_opposite_order():
    merchant = make_merchant()
    one, two = make_variant(merchant=merchant, units=60), make_variant(merchant=merchant, units=60)
    first, second = demand(one), demand(two)

    results = run_crowd([partial(buy, first, second), partial(buy, second, first)] * 100)

    assert (count_of(results, StockChange), count_of(results, OutOfStock)) == (60, 140)
    assert (level_of(one).on_hand, level_of(two).on_hand) == (0, 0)
    assert list_discrepancies() == []


def test_control_locking_in_the_order_of_the_cart_deadlocks():
    levels = [level_of(make_variant(units=5)).pk for _ in range(2)]
    meeting = Meeting(2)

    def naive_lock(order: list[int]) -> None:
        with transaction.atomic():
            StockLevel.objects.select_for_update().get(pk=order[0])
            meeting.wait()
            StockLevel.objects.select_for_update().get(pk=order[1])

    results = run_crowd([partial(naive_lock, levels), partial(naive_lock, levels[::-1])])

    assert count_of(results, OperationalError) == 1


def test_variants_of_one_product_sold_at_once_all_show_in_the_window():
    product = make_product()
    variants = [make_variant(product=product, units=20) for _ in range(4)]
    wanted = [demand(variant) for variant in variants]

    results = run_crowd([partial(buy, one) for one in wanted * 25])

    assert count_of(results, StockChange) == 80
    assert WindowRow.objects.get(product=product).in_stock is False
    assert list_discrepancies() == []


def _sell_both_with_refresh(refresh) -> None:
    """One sale waits for the other's window row; what it then writes must count both."""
    product = make_product()
    one, two = (demand(make_variant(product=product, units=5)) for _ in range(2))
    first_holds_the_row = threading.Event()

    def first() -> None:
        with transaction.atomic():
            take_stock(order_id=1, demands=[one], commit=True, refresh_window=False)
            refresh([product.pk])
            first_holds_the_row.set()
            wait_until_blocked()

    def second() -> None:
        with transaction.atomic():
            take_stock(order_id=2, demands=[two], commit=True, refresh_window=False)
            assert first_holds_the_row.wait(30)
            refresh([product.pk])

    assert run_crowd([first, second]) == [None, None]


def test_the_window_counts_what_was_sold_while_it_waited():
    _sell_both_with_refresh(window.refresh_stock)

    assert list_discrepancies() == []


def test_control_refreshing_without_locking_first_shows_old_numbers():
    def naive_refresh(products: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(window._REFRESH_ROWS, {"products": products})

    _sell_both_with_refresh(naive_refresh)

    assert [found.check for found in list_discrepancies()] == ["the shop window shows the units for sale"]


def _sell_while_units_come(sell) -> object:
    """A buyer arrives at an empty level while a delivery is being booked, and waits for it."""
    variant = make_variant(units=0)
    level_is_locked = threading.Event()

    def deliver() -> None:
        with transaction.atomic():
            receive_stock(variant_id=variant.pk, quantity=5, actor=None)
            level_is_locked.set()
            wait_until_blocked()

    def shop() -> object:
        assert level_is_locked.wait(30)
        return sell(demand(variant, 3))

    return run_crowd([deliver, shop])[1]


def test_units_that_come_while_a_buyer_waits_are_sold():
    result = _sell_while_units_come(buy)

    assert isinstance(result, StockChange)
    assert list_discrepancies() == []


def test_control_judging_in_the_update_refuses_units_that_came():
    def naive_sell(wanted: Demand) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "WITH locked AS (SELECT id FROM inventory_stocklevel WHERE variant_id = %s FOR UPDATE) "
                "UPDATE inventory_stocklevel AS level SET on_hand = level.on_hand - 3 FROM locked "
                "WHERE level.id = locked.id AND level.on_hand - level.reserved >= 3",
                [wanted.variant_id],
            )
            return cursor.rowcount

    assert _sell_while_units_come(naive_sell) == 0


def test_a_return_asked_twenty_times_returns_once():
    variant = make_variant(units=5)
    take_stock(order_id=1_000_000, demands=[demand(variant, 3)], commit=True)

    run_crowd([partial(return_stock, 1_000_000)] * 20)

    assert level_of(variant).on_hand == 5
    assert StockMovement.objects.filter(kind="return").count() == 1
    assert list_discrepancies() == []


def test_control_returning_without_the_lock_returns_twice():
    variant = make_variant(units=5)
    take_stock(order_id=1_000_000, demands=[demand(variant, 3)], commit=True)
    meeting = Meeting(2)

    def naive_return() -> None:
        with transaction.atomic():
            held = Reservation.objects.get(order_id=1_000_000)
            meeting.wait()
            if held.returned == 0:
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE inventory_stocklevel SET on_hand = on_hand + 3")
                Reservation.objects.filter(pk=held.pk).update(returned=3)

    run_crowd([naive_return] * 2)

    assert level_of(variant).on_hand == 8


def test_payment_and_expiry_at_once_settle_once():
    variant = make_variant(units=40)
    wanted = demand(variant)
    for order_id in range(2_000, 2_040):
        take_stock(order_id=order_id, demands=[wanted], commit=False)

    run_crowd(
        [
            partial(settle, order_id)
            for order_id in range(2_000, 2_040)
            for settle in (commit_reservations, release_reservations)
        ]
    )

    sold = Reservation.objects.filter(state="committed").count()
    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (40 - sold, 0)
    assert Reservation.objects.filter(state="open").count() == 0
    assert list_discrepancies() == []


def test_everything_at_once_keeps_the_books():
    merchant = make_merchant()
    other = make_branch(merchant)
    variants = [make_variant(merchant=merchant, units=30) for _ in range(3)]
    wanted = [demand(variant) for variant in variants]
    home = wanted[0].branch_id
    taken = [3_000 + place for place in range(20)]
    for order_id in taken:
        take_stock(order_id=order_id, demands=wanted, commit=order_id % 2 == 0)

    actions = [partial(buy, *wanted), partial(buy, *wanted[::-1], commit=False)] * 10
    actions += [partial(return_stock, order_id) for order_id in taken]
    for variant in variants:
        actions += [
            partial(adjust_stock, variant_id=variant.pk, quantity_delta=1, actor=None),
            partial(
                transfer_stock,
                variant_id=variant.pk,
                from_branch_id=home,
                to_branch_id=other.pk,
                quantity=2,
                actor=None,
            ),
        ] * 5
    results = run_crowd(actions)

    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(error, (OutOfStock, BelowPromises)) for error in refused), refused
    assert list_discrepancies() == []
