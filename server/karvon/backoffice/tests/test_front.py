"""The front page says what the database says, and lists stay cheap however long they are."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from karvon.analytics.services import rebuild_all
from karvon.backoffice.selectors import get_overview
from karvon.backoffice.tests.town import make_admin, make_operator, make_shop, make_town, open_as
from karvon.catalog.services import like, set_tags
from karvon.inventory.models import StockLevel
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.clock import day_in
from karvon.ledger.tests.factories import make_payouts
from karvon.notifications.tests.factories import make_message
from karvon.orders.models import Fulfilment, Order, OrderLine
from karvon.orders.tests.factories import make_order, part_of
from karvon.reviews.tests.factories import make_review

pytestmark = pytest.mark.django_db


def place_at(order: Order, *, days_ago: int, total: int, state: str = "delivered") -> None:
    moment = clock.now() - timedelta(days=days_ago)
    changes = {"placed_at": moment, "subtotal": total, "total": total, "state": state}
    Order.objects.filter(pk=order.pk).update(**changes)
    Fulfilment.objects.filter(order=order).update(business_date=day_in(moment, "Asia/Tashkent"), **changes)
    OrderLine.objects.filter(order=order).update(quantity=1, unit_price=total, subtotal=total, total=total)
    rebuild_all()


def sell(shop, *, days_ago: int, total: int, state: str = "delivered") -> Order:
    order = make_order((shop.product.variants.get(), 1))
    place_at(order, days_ago=days_ago, total=total, state=state)
    return order


def test_figures_are_those_of_the_database():
    own, other = make_town()
    place_at(own.order, days_ago=0, total=50_000)
    place_at(other.order, days_ago=0, total=7_000)
    sell(own, days_ago=1, total=20_000)
    sell(own, days_ago=0, total=900_000, state="cancelled")
    sell(own, days_ago=40, total=1_000_000)

    everything = get_overview(make_operator(), now=clock.now())
    own_only = get_overview(own.merchant.owner, now=clock.now())

    assert (everything.sales.today.orders, everything.sales.today.revenue) == (2, Decimal(57_000))
    assert (own_only.sales.today.orders, own_only.sales.today.revenue) == (1, Decimal(50_000))
    assert (own_only.sales.yesterday.orders, own_only.sales.yesterday.revenue) == (1, Decimal(20_000))
    assert (own_only.sales.orders, own_only.sales.revenue) == (2, Decimal(70_000))
    assert {each.state: each.count for each in own_only.states} == {"delivered": 2, "cancelled": 1}
    assert [each.pk for each in own_only.newest][-1] == part_of(
        Order.objects.order_by("placed_at").first()
    ).pk
    assert len(everything.newest) == 5


def test_low_stock_counts_the_own_levels_at_or_below_their_threshold():
    own, other = make_town()
    StockLevel.objects.filter(pk__in=[own.level.pk, other.level.pk]).update(on_hand=6, reserved=2)

    overview = get_overview(own.merchant.owner, now=clock.now())

    assert [level.pk for level in overview.low] == [own.level.pk]
    assert overview.low_count == 1


def test_the_page_shows_the_figures_and_the_chart_as_a_table():
    own, _other = make_town()
    place_at(own.order, days_ago=0, total=50_000)

    front = open_as(own.merchant.owner).get("/admin/").content.decode()

    assert "UZS 50,000" in front
    assert own.part.number in front
    assert front.count("<tr><td>") >= 30
    assert "Beta" not in front


def test_a_cook_sees_no_revenue():
    own, _other = make_town()

    front = open_as(own.cook).get("/admin/")

    assert front.context["chart"] is None
    assert get_overview(own.cook, now=clock.now()).sales is None
    assert "Revenue" not in front.content.decode()


def test_the_front_page_asks_as_often_for_many_orders_as_for_few():
    own, _other = make_town()
    browser = open_as(make_admin())
    few = count_queries(browser, "/admin/")

    for _number in range(4):
        sell(own, days_ago=0, total=1_000)

    assert count_queries(browser, "/admin/") == few <= 30


def count_queries(browser, url: str) -> int:
    browser.get(url)  # what is read once per process
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


def test_an_empty_list_says_where_its_rows_come_from_and_a_search_that_nothing_matches():
    browser = open_as(make_admin())

    empty = browser.get("/admin/merchants/kycdocument/").content.decode()
    searched = browser.get("/admin/merchants/kycdocument/?q=nobody").content.decode()

    assert "wait here for a decision" in empty
    assert "Nothing matches" in searched
    assert "wait here for a decision" not in searched


def test_operators_see_what_waits_for_a_decision_of_theirs():
    own, _other = make_town()  # papers of both shops wait, and a payout to each

    overview = get_overview(make_operator(), now=clock.now())
    own_only = get_overview(own.merchant.owner, now=clock.now())

    assert (overview.papers, overview.payouts) == (2, 2)
    assert (own_only.papers, own_only.payouts) == (0, 0)


def multiply(shop) -> None:
    """Five more of what lists hold."""
    for number in range(5):
        variant = make_variant(merchant=shop.merchant, units=9, threshold=1)
        make_order((variant, 1))
        make_review(product=variant.product, comment=f"Number {number}")
    for further in (make_shop("Gamma"), make_shop("Delta")):
        like(user=shop.manager, kind="merchant", object_id=further.merchant.pk)
        like(user=shop.manager, kind="branch", object_id=further.merchant.branches.first().pk)
        set_tags(
            actor=further.merchant.owner, kind="merchant", object_id=further.merchant.pk, names=["New", "Old"]
        )
        make_message(further.merchant.owner)
        make_payouts(further.merchant, actor=make_operator())


def test_lists_ask_as_often_for_many_rows_as_for_few():
    own, _other = make_town()
    user = make_admin()
    lists = list(admin.site._registry.values())
    like(user=own.manager, kind="branch", object_id=own.merchant.branches.first().pk)

    few = {page.opts.label_lower: _count_list(page, user) for page in lists}
    multiply(own)
    many = {page.opts.label_lower: _count_list(page, user) for page in lists}

    assert {name: (few[name], many[name]) for name in few if many[name] > few[name]} == {}
    assert max(many.values()) <= 25


def _count_list(page, user) -> int:
    request = RequestFactory().get("/admin/")
    request.user, request.session = user, {}
    request._messages = []
    with CaptureQueriesContext(connection) as captured:
        page.changelist_view(request).render()
    return len(captured)
