from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.catalog.models import WindowRow
from karvon.inventory.errors import BelowPromises, TooManyUnits
from karvon.inventory.models import StockLevel, StockMovement
from karvon.inventory.selectors import list_discrepancies
from karvon.inventory.services import (
    Demand,
    adjust_stock,
    receive_stock,
    set_threshold,
    take_stock,
    transfer_stock,
)
from karvon.inventory.services.counting import MOST_UNITS
from karvon.inventory.services.imports import read_on_hand, write_on_hand
from karvon.inventory.services.showing import refresh_branch
from karvon.inventory.tests.factories import default_branch, level_of, make_product, make_variant
from karvon.inventory.window import refresh_stock
from karvon.kernel.errors import NotFound, PermissionRefused, ValidationFailed
from karvon.kernel.events import publish
from karvon.kernel.testing import drain_outbox
from karvon.merchants.events import BranchChanged
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_branch, make_merchant, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_agree():
    yield
    assert list_discrepancies() == []


def test_adjusting_by_a_difference_and_to_a_count():
    variant = make_variant(units=5)
    actor = variant.merchant.owner

    adjust_stock(variant_id=variant.pk, quantity_delta=-2, reason="broken", actor=actor)
    level = adjust_stock(variant_id=variant.pk, on_hand=10, reason="counted", actor=actor)

    assert level.on_hand == 10
    lines = StockMovement.objects.filter(level=level).order_by("id").values_list("kind", "quantity", "reason")
    assert list(lines) == [("receive", 5, ""), ("adjust", -2, "broken"), ("adjust", 7, "counted")]
    assert StockMovement.objects.latest("id").actor == actor


def test_counting_what_is_there_writes_no_line():
    variant = make_variant(units=5)

    adjust_stock(variant_id=variant.pk, on_hand=5, actor=None)

    assert StockMovement.objects.count() == 1


@pytest.mark.parametrize("change", [{}, {"on_hand": 1, "quantity_delta": 1}])
def test_adjusting_needs_exactly_one_number(change):
    variant = make_variant(units=5)

    with pytest.raises(ValidationFailed):
        adjust_stock(variant_id=variant.pk, actor=None, **change)


def test_promised_units_cannot_be_adjusted_away():
    variant = make_variant(units=5)
    take_stock(order_id=1, demands=[Demand(variant.pk, default_branch(variant).pk, 3)], commit=False)

    with pytest.raises(BelowPromises):
        adjust_stock(variant_id=variant.pk, on_hand=2, actor=None)
    with pytest.raises(BelowPromises):
        adjust_stock(variant_id=variant.pk, quantity_delta=-3, actor=None)

    assert level_of(variant).on_hand == 5


def test_a_level_has_a_ceiling():
    variant = make_variant(units=5)

    with pytest.raises(TooManyUnits):
        receive_stock(variant_id=variant.pk, quantity=MOST_UNITS, actor=None)
    with pytest.raises(ValidationFailed):
        receive_stock(variant_id=variant.pk, quantity=MOST_UNITS + 1, actor=None)

    assert level_of(variant).on_hand == 5


@pytest.mark.parametrize("quantity", [0, -1])
def test_receiving_nothing_is_refused(quantity):
    variant = make_variant(units=5)

    with pytest.raises(ValidationFailed):
        receive_stock(variant_id=variant.pk, quantity=quantity, actor=None)


def test_transfer_moves_units_between_branches():
    variant = make_variant(units=5)
    home, other = default_branch(variant), make_branch(variant.merchant)

    source, target = transfer_stock(
        variant_id=variant.pk, from_branch_id=home.pk, to_branch_id=other.pk, quantity=3, actor=None
    )

    assert (source.on_hand, target.on_hand) == (2, 3)
    row = WindowRow.objects.get(product_id=variant.product_id)
    assert (row.quantity, row.branch_ids) == (5, sorted([home.pk, other.pk]))


def test_transfer_of_more_than_is_free_changes_neither_side():
    variant = make_variant(units=5)
    home, other = default_branch(variant), make_branch(variant.merchant)
    take_stock(order_id=1, demands=[Demand(variant.pk, home.pk, 3)], commit=False)

    with pytest.raises(BelowPromises):
        transfer_stock(
            variant_id=variant.pk, from_branch_id=home.pk, to_branch_id=other.pk, quantity=3, actor=None
        )

    assert level_of(variant).on_hand == 5
    assert not StockLevel.objects.filter(branch=other, on_hand__gt=0).exists()


def test_transfer_to_another_merchants_branch_is_not_found():
    variant = make_variant(units=5)

    with pytest.raises(NotFound):
        transfer_stock(
            variant_id=variant.pk,
            from_branch_id=default_branch(variant).pk,
            to_branch_id=make_branch(make_merchant(with_branch=False)).pk,
            quantity=1,
            actor=None,
        )


def test_who_may_count():
    variant = make_variant(units=5)
    change = {"variant_id": variant.pk, "quantity_delta": 1}
    cook = make_staff(variant.merchant, role=StaffRole.COOK).user
    cashier = make_staff(variant.merchant, role=StaffRole.CASHIER).user

    with pytest.raises(NotFound):
        adjust_stock(actor=make_merchant().owner, **change)
    with pytest.raises(NotFound):
        adjust_stock(actor=make_user(), **change)
    with pytest.raises(PermissionRefused):
        adjust_stock(actor=cook, **change)
    assert level_of(variant).on_hand == 5

    adjust_stock(actor=cashier, **change)
    adjust_stock(actor=make_user(role=Role.STAFF), **change)
    assert level_of(variant).on_hand == 7


def test_an_uncounted_variant_is_in_stock_everywhere():
    variant = make_variant(tracks_stock=False)
    other = make_branch(variant.merchant)
    refresh_stock([variant.product_id])

    row = WindowRow.objects.get(product_id=variant.product_id)
    assert (row.quantity, row.in_stock) == (0, True)
    assert row.branch_ids == sorted([default_branch(variant).pk, other.pk])


def test_an_inactive_variant_and_a_closed_branch_do_not_count():
    product = make_product()
    branch = make_branch(product.merchant)
    make_variant(product=product, units=3, is_active=False)
    make_variant(product=product, units=4, branch=branch)

    refresh_stock([product.pk])
    assert WindowRow.objects.get(product=product).quantity == 4
    branch.is_active = False
    branch.save()
    assert refresh_branch(branch_id=branch.pk) == 1

    row = WindowRow.objects.get(product=product)
    assert (row.quantity, row.in_stock, row.branch_ids) == (0, False, [])


def test_news_of_a_closed_branch_reach_the_window():
    variant = make_variant()
    branch = make_branch(variant.merchant)
    receive_stock(variant_id=variant.pk, branch_id=branch.pk, quantity=4, actor=None)
    branch.is_active = False
    branch.save()

    with transaction.atomic():
        publish(BranchChanged(branch_id=branch.pk, merchant_id=variant.merchant_id))
    drain_outbox()

    assert WindowRow.objects.get(product_id=variant.product_id).quantity == 0


def test_imported_quantities_write_only_what_differs():
    merchant = make_merchant()
    same, other, fresh = (
        make_variant(merchant=merchant, units=5),
        make_variant(merchant=merchant, units=2),
        (make_variant(merchant=merchant)),
    )

    changed = write_on_hand(merchant, {same.pk: 5, other.pk: 9, fresh.pk: 4}, merchant.owner)
    refresh_stock([same.product_id, other.product_id, fresh.product_id])

    assert sorted(changed) == sorted([other.pk, fresh.pk])
    assert read_on_hand(merchant, [same.pk, other.pk, fresh.pk]) == {same.pk: 5, other.pk: 9, fresh.pk: 4}
    assert StockMovement.objects.filter(reason="import").count() == 2


def test_an_import_below_promises_is_refused():
    variant = make_variant(units=5)
    take_stock(order_id=1, demands=[Demand(variant.pk, default_branch(variant).pk, 3)], commit=False)

    with pytest.raises(BelowPromises):
        write_on_hand(variant.merchant, {variant.pk: 1}, None)

    assert level_of(variant).on_hand == 5


def test_an_import_is_two_queries():
    merchant = make_merchant()
    variants = [make_variant(merchant=merchant, units=5) for _ in range(5)]
    write_on_hand(merchant, {variant.pk: 6 for variant in variants}, None)

    with CaptureQueriesContext(connection) as queries:
        changed = write_on_hand(merchant, {variant.pk: 7 for variant in variants}, None)
    refresh_stock([variant.product_id for variant in variants])

    assert len(changed) == 5
    assert len([query for query in queries if "inventory_" in query["sql"]]) == 2
    assert not [query for query in queries if "merchants_branch" in query["sql"]]


def test_threshold_rights_and_limits():
    level = level_of(make_variant(units=5))

    with pytest.raises(NotFound):
        set_threshold(level_id=level.pk, low_threshold=1, actor=make_merchant().owner)
    with pytest.raises(ValidationFailed):
        set_threshold(level_id=level.pk, low_threshold=-1, actor=None)
    with pytest.raises(NotFound):
        set_threshold(level_id=2**62, low_threshold=1, actor=None)
