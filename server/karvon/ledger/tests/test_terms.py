"""The most specific rule in force, frozen on the line when the order is placed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.catalog.tests.factories import make_category
from karvon.kernel import clock
from karvon.ledger.terms import find_terms
from karvon.ledger.tests.factories import make_goods, make_rule
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.commissions import Selling, Terms
from karvon.orders.tests.factories import make_order

pytestmark = pytest.mark.django_db


def percent_for(*sellings):
    return [int(each.percent) for each in find_terms(sellings, "UZS", clock.now())]


def test_the_most_specific_rule_applies_and_one_query_finds_all():
    food, plov = make_category("Food"), make_category("Plov")
    one, two = make_merchant(), make_merchant()
    in_plov, in_food, elsewhere = (food.pk, plov.pk), (food.pk,), ()
    sellings = [
        Selling(merchant.pk, path) for merchant in (one, two) for path in (in_plov, in_food, elsewhere)
    ]

    assert percent_for(*sellings) == [10] * 6
    make_rule("1")
    assert percent_for(*sellings) == [1] * 6
    make_rule("2", category=food)
    assert percent_for(*sellings) == [2, 2, 1, 2, 2, 1]
    make_rule("3", category=plov)
    assert percent_for(*sellings) == [3, 2, 1, 3, 2, 1]
    make_rule("4", merchant=one)
    assert percent_for(*sellings) == [4, 4, 4, 3, 2, 1]
    make_rule("5", merchant=one, category=food)
    assert percent_for(*sellings) == [5, 5, 4, 3, 2, 1]
    make_rule("6", merchant=one, category=plov)
    with CaptureQueriesContext(connection) as queries:
        assert percent_for(*sellings) == [6, 5, 4, 3, 2, 1]
    assert len(queries) == 1


def test_dates_and_currencies():
    merchant = make_merchant()
    now = clock.now()
    day = timedelta(days=1)
    make_rule("1", merchant=merchant, starts_at=now - 3 * day)
    make_rule("2", merchant=merchant, starts_at=now - 2 * day)
    make_rule("3", merchant=merchant, starts_at=now + day)
    make_rule("4", merchant=merchant, starts_at=now - day, ends_at=now - timedelta(hours=1))
    make_rule("5", merchant=merchant, starts_at=now - day, fixed=Decimal(1), currency="USD")

    assert percent_for(Selling(merchant.pk)) == [2]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (Terms(Decimal("12.5")), "12.50"),
        (Terms(Decimal("0.01"), Decimal(3)), "6.01"),
        (Terms(Decimal(50), Decimal(30)), "100"),
        (Terms(Decimal("33.335")), "33.34"),
    ],
)
def test_a_commission_is_rounded_once_and_never_more_than_what_was_earned(terms, expected):
    assert terms.commission(Decimal(100), 2, "USD") == Decimal(expected)


def test_an_order_keeps_the_terms_it_was_placed_under():
    variant = make_goods()
    rule = make_rule("7.5", merchant=variant.merchant, fixed=Decimal(100))
    line = make_order((variant, 2)).lines.get()
    rule.percent = Decimal(50)
    rule.save()

    line.refresh_from_db()
    assert (line.commission_percent, line.commission_fixed, line.commission) == (
        Decimal("7.5"),
        Decimal(100),
        Decimal(1_700),
    )
