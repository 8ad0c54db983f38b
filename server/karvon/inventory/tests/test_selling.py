from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.catalog.models import Variant, WindowRow
from karvon.inventory.errors import NothingToReturn, OutOfStock
from karvon.inventory.models import Reservation, StockMovement
from karvon.inventory.selectors import list_discrepancies
from karvon.inventory.services import (
    Demand,
    commit_reservations,
    release_reservations,
    return_stock,
    take_stock,
)
from karvon.inventory.tests.factories import default_branch, level_of, make_variant, stock_up
from karvon.kernel.ids import new_public_id
from karvon.merchants.tests.factories import make_branch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_agree():
    yield
    assert list_discrepancies() == []


def demand(variant: Variant, quantity: int) -> Demand:
    return Demand(variant.pk, default_branch(variant).pk, quantity)


def shown(variant: Variant) -> tuple[int, bool]:
    row = WindowRow.objects.get(product_id=variant.product_id)
    return row.quantity, row.in_stock


def test_taking_with_commit_sells_at_once():
    variant = make_variant(units=5)
    order_id = new_public_id()

    change = take_stock(order_id=order_id, demands=[demand(variant, 2)], commit=True)

    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (3, 0)
    assert change.product_ids == (variant.product_id,)
    assert Reservation.objects.get(order_id=order_id).state == "committed"
    movement = StockMovement.objects.get(order_id=order_id)
    assert (movement.kind, movement.quantity) == ("sale", -2)
    assert shown(variant) == (3, True)


def test_taking_without_commit_reserves_and_leaves_the_ledger_alone():
    variant = make_variant(units=5)
    order_id = new_public_id()

    take_stock(order_id=order_id, demands=[demand(variant, 5)], commit=False)

    level = level_of(variant)
    assert (level.on_hand, level.reserved, level.available) == (5, 5, 0)
    assert not StockMovement.objects.filter(order_id=order_id).exists()
    assert shown(variant) == (0, False)


def test_two_lines_on_one_level_are_judged_together():
    variant = make_variant(units=5)

    with pytest.raises(OutOfStock) as refusal:
        take_stock(order_id=1, demands=[demand(variant, 3), demand(variant, 3)], commit=True)

    (shortage,) = refusal.value.shortages
    assert (shortage.asked, shortage.left) == (6, 5)
    assert level_of(variant).on_hand == 5


def test_nothing_is_taken_when_one_of_several_is_short():
    plenty, scarce = make_variant(units=50), make_variant(units=1)

    with pytest.raises(OutOfStock) as refusal:
        take_stock(order_id=1, demands=[demand(plenty, 2), demand(scarce, 2)], commit=True)

    assert list(refusal.value.details) == [str(scarce.pk)]
    assert level_of(plenty).on_hand == 50
    assert level_of(scarce).on_hand == 1
    assert not Reservation.objects.exists()


def test_a_level_that_does_not_exist_has_none_left():
    variant = make_variant()

    with pytest.raises(OutOfStock) as refusal:
        take_stock(order_id=1, demands=[demand(variant, 1)], commit=True)

    assert refusal.value.shortages[0].left == 0


def test_taking_nothing_is_no_query():
    with CaptureQueriesContext(connection) as queries:
        take_stock(order_id=1, demands=[], commit=True)

    assert [query for query in queries if "inventory" in query["sql"]] == []


def test_taking_two_lines_is_two_queries():
    one, two = make_variant(units=5), make_variant(units=5)
    demands = [demand(one, 1), demand(two, 1)]

    with CaptureQueriesContext(connection) as queries:
        take_stock(order_id=1, demands=demands, commit=True)

    assert len([query for query in queries if "inventory_stocklevel" in query["sql"]]) == 2


def test_commit_after_reserving_sells_once():
    variant = make_variant(units=5)
    take_stock(order_id=7, demands=[demand(variant, 2)], commit=False)

    commit_reservations(7)
    commit_reservations(7)
    release_reservations(7)

    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (3, 0)
    assert StockMovement.objects.filter(order_id=7).count() == 1
    assert shown(variant) == (3, True)


def test_release_gives_back_once():
    variant = make_variant(units=5)
    take_stock(order_id=7, demands=[demand(variant, 5)], commit=False)

    release_reservations(7)
    release_reservations(7)
    commit_reservations(7)

    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (5, 0)
    assert shown(variant) == (5, True)


def test_returning_all_happens_once():
    one, two = make_variant(units=5), make_variant(units=9)
    take_stock(order_id=7, demands=[demand(one, 2), demand(two, 3)], commit=True)

    return_stock(7, reason="cancelled")
    return_stock(7, reason="cancelled")

    assert (level_of(one).on_hand, level_of(two).on_hand) == (5, 9)
    returned = StockMovement.objects.filter(order_id=7, kind="return").order_by("quantity")
    assert [(movement.quantity, movement.reason) for movement in returned] == [
        (2, "cancelled"),
        (3, "cancelled"),
    ]


def test_returning_a_part_and_then_the_rest():
    variant = make_variant(units=5)
    key = (variant.pk, default_branch(variant).pk)
    take_stock(order_id=7, demands=[demand(variant, 3)], commit=True)

    return_stock(7, {key: 1})
    return_stock(7)

    assert level_of(variant).on_hand == 5
    assert Reservation.objects.get(order_id=7).returned == 3


def test_returning_more_than_is_held_changes_nothing():
    variant = make_variant(units=5)
    key = (variant.pk, default_branch(variant).pk)
    take_stock(order_id=7, demands=[demand(variant, 3)], commit=True)
    return_stock(7, {key: 2})

    with pytest.raises(NothingToReturn):
        return_stock(7, {key: 2})

    assert level_of(variant).on_hand == 4


def test_a_reserved_part_can_be_given_back_before_the_rest_is_sold():
    variant = make_variant(units=5)
    key = (variant.pk, default_branch(variant).pk)
    take_stock(order_id=7, demands=[demand(variant, 3)], commit=False)

    return_stock(7, {key: 1})
    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (5, 2)
    commit_reservations(7)

    level = level_of(variant)
    assert (level.on_hand, level.reserved) == (3, 0)
    assert StockMovement.objects.get(order_id=7).quantity == -2


def test_branches_are_separate():
    variant = make_variant(units=1)
    other = make_branch(variant.merchant)
    stock_up(variant, 4, branch=other)

    with pytest.raises(OutOfStock):
        take_stock(order_id=1, demands=[demand(variant, 2)], commit=True)
    take_stock(order_id=1, demands=[Demand(variant.pk, other.pk, 4)], commit=True)

    row = WindowRow.objects.get(product_id=variant.product_id)
    assert (row.quantity, row.branch_ids) == (1, [default_branch(variant).pk])


def test_the_window_can_be_left_to_the_caller():
    from karvon.inventory.window import refresh_stock

    variant = make_variant(units=5)

    change = take_stock(order_id=7, demands=[demand(variant, 2)], commit=True, refresh_window=False)
    assert shown(variant) == (5, True)
    refresh_stock(change.product_ids)

    assert shown(variant) == (3, True)
