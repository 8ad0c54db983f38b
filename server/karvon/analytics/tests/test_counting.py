"""What a day's figures are, and that they follow the order book however its news arrive."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from karvon.accounts.tests.factories import make_user
from karvon.analytics import handlers, services
from karvon.analytics.models import (
    CustomerSales,
    OrderDay,
    PlatformOrderDay,
    PlatformSalesDay,
    ProductDay,
    SalesDay,
)
from karvon.analytics.periods import Period
from karvon.analytics.selectors import list_customers
from karvon.analytics.selectors.figures import list_top_products
from karvon.analytics.selectors.platform import list_top_merchants
from karvon.analytics.services.verifying import check_statistics
from karvon.analytics.tests.factories import count, drift, order_again, walk
from karvon.inventory.tests.factories import make_variant
from karvon.kernel.events import subscriptions_of
from karvon.kernel.models import OutboxEvent
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.models import Fulfilment, Order
from karvon.orders.services import cancel_lines, cancel_order, confirm_payment
from karvon.orders.tests.factories import make_guest_order, make_order, part_of
from tests.contracts.world import rolled_back

pytestmark = pytest.mark.django_db


def sums(**where: object) -> dict[str, Decimal]:
    names = ("orders", "units", "goods", "called_off", "paid", "refunds", "revenue", "awaited")
    rows = list(SalesDay.objects.filter(**where).values(*names))
    return {name: sum(row[name] for row in rows) for name in names}


def test_cash_counts_when_it_is_handed_over():
    order = make_order()

    count(order)
    assert sums() == {
        "orders": 1, "units": 2, "goods": 20000, "called_off": 0, "paid": 0, "refunds": 0, "revenue": 0, "awaited": 20000
    }  # fmt: skip

    walk(part_of(order), to="delivered")
    count(order)
    assert sums() == {
        "orders": 1, "units": 2, "goods": 20000, "called_off": 0, "paid": 20000, "refunds": 0, "revenue": 20000,
        "awaited": 0,
    }  # fmt: skip
    assert OrderDay.objects.get().state == "delivered"


def test_what_was_paid_and_called_off_is_a_refund_and_no_revenue():
    variant = make_variant(units=10)
    order = make_order((variant, 4), payment_method="bank_transfer")
    confirm_payment(order_id=order.pk)
    line = order.lines.get()

    cancel_lines(fulfilment_id=part_of(order).pk, quantities={line.pk: 1}, actor=variant.merchant.owner)
    count(order)

    assert sums() == {
        "orders": 1, "units": 3, "goods": 40000, "called_off": 10000, "paid": 40000, "refunds": 10000, "revenue": 30000,
        "awaited": 0,
    }  # fmt: skip
    product = ProductDay.objects.get()
    assert (product.product_id, product.units, product.sales) == (variant.product_id, 3, 30000)


def test_what_is_called_off_unpaid_leaves_nothing_but_its_count():
    order = make_order()
    cancel_order(order_id=order.pk, actor=None)

    count(order)

    assert sums() == {
        "orders": 1, "units": 0, "goods": 20000, "called_off": 20000, "paid": 0, "refunds": 0, "revenue": 0, "awaited": 0
    }  # fmt: skip
    assert not ProductDay.objects.exists()
    assert CustomerSales.objects.get().orders == 0


def test_an_order_of_two_merchants_counts_once_on_the_platform_and_once_with_each():
    first, second = make_variant(units=5), make_variant(units=5, price=500)
    order = make_order((first, 1), (second, 2))

    count(order)

    assert sums(merchant=first.merchant)["goods"] == 10000
    assert sums(merchant=second.merchant)["goods"] == 1000
    assert sum(OrderDay.objects.values_list("orders", flat=True)) == 1
    platform = PlatformSalesDay.objects.get()
    assert (platform.orders, platform.parts, platform.goods, platform.awaited) == (2, 2, 11000, 11000)
    assert PlatformOrderDay.objects.values_list("state", "orders").get() == (order.state, 1)


def test_a_day_is_that_of_the_merchants_clock():
    order = make_order()
    Fulfilment.objects.update(business_date="2026-03-08")

    count(order)

    assert str(SalesDay.objects.get().day) == "2026-03-08"


def test_customers_are_people_with_an_account_and_phones_without_one():
    merchant = make_merchant()
    variant, other = make_variant(merchant=merchant, units=50), make_variant(units=5)
    person = make_user()
    orders = [
        order_again((variant, 1), customer=person),
        order_again((variant, 2), (other, 1), customer=person),
        make_guest_order((variant, 1)),
        make_guest_order((variant, 1), contact_phone="+998901112233"),
    ]
    walk(part_of(orders[1], merchant.pk), to="delivered")

    count(*orders)

    rows = CustomerSales.objects.filter(merchant=merchant)
    known = rows.get(customer=person)
    assert (known.orders, known.spent, known.last_order_id) == (2, 20000, orders[1].pk)
    assert rows.count() == 3
    assert "901112233" not in "".join(rows.values_list("person", flat=True))


def test_customers_are_found_by_a_part_of_what_they_gave():
    variant = make_variant(units=50)
    make = partial(make_guest_order, (variant, 1))
    count(
        make(
            contact_name="Aziza Karimova 77", contact_phone="+998901112233", contact_email="aziza@example.com"
        ),
        make(contact_name="Bobur", contact_phone="+998977700000", contact_email="b@example.com"),
    )
    owner = variant.merchant.owner

    def search(words: str) -> set[str]:
        found = list_customers(owner, variant.merchant_id, search=words)
        return {each.last_order.contact_name.partition(" ")[0] for each in found}

    assert search("karIM") == search("ziza@") == search("+998 90 111") == search("rimova 77") == {"Aziza"}
    assert search("example") == {"Aziza", "Bobur"}
    assert search("nobody") == set()


def test_the_books_tell_of_the_platforms_figures_too():
    count(make_order())
    assert check_statistics(5) == []

    PlatformOrderDay.objects.update(orders=7)

    assert "analytics_platformorderday" in str(check_statistics(5))


def history() -> list[tuple[str, object]]:
    """Steps in the life of some orders; each is done once, in this order."""
    first, second = make_variant(units=40), make_variant(units=40, price="333.330")
    person = make_user()
    owner = first.merchant.owner
    orders: list[Order] = []

    def place(*items: object, **fields: object) -> None:
        orders.append(order_again(*items, customer=person, **fields))  # type: ignore[arg-type]

    return [
        ("cash", lambda: place((first, 3), (second, 1))),
        ("transfer", lambda: place((first, 2), payment_method="bank_transfer")),
        ("paid", lambda: confirm_payment(order_id=orders[1].pk)),
        ("some off", lambda: cancel_lines(
            fulfilment_id=part_of(orders[0], first.merchant_id).pk,
            quantities={orders[0].lines.get(variant=first).pk: 1}, actor=owner)),
        ("delivered", lambda: walk(part_of(orders[0], first.merchant_id), to="delivered")),
        ("returned", lambda: walk(part_of(orders[1]), to="returned")),
        ("off", lambda: cancel_order(order_id=orders[0].pk, actor=second.merchant.owner)),
    ]  # fmt: skip


def tell(event: OutboxEvent) -> None:
    for subscription in subscriptions_of(event.type):
        if subscription.name.startswith("analytics."):
            subscription.handler(subscription.event(**event.payload), event_id=event.pk)


@given(st.data())
@settings(max_examples=8)
def test_any_order_and_repetition_of_news_gives_the_same_figures(data: st.DataObject):
    with rolled_back():
        told: set[object] = set()
        for _name, step in history():
            step()  # type: ignore[operator]
            known = list(OutboxEvent.objects.order_by("id"))
            for event in data.draw(st.lists(st.sampled_from(known), max_size=2)):
                tell(event)
                told.add(event.pk)
        late = [event for event in OutboxEvent.objects.order_by("id") if event.pk not in told]
        for event in data.draw(st.permutations(late)):
            tell(event)

        assert drift() == []
        total = sums()
        assert (total["orders"], total["units"], total["revenue"], total["refunds"]) == (3, 2, 20000, 20000)
        assert CustomerSales.objects.get(spent__gt=0).spent == 20000


def test_best_sellers_of_long_periods_are_the_sum_of_their_days():
    variant = make_variant(units=90)
    for day in ("2026-01-30", "2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01", "2026-04-30"):
        order = order_again((variant, 1), customer=make_user())
        Fulfilment.objects.filter(order=order).update(business_date=day)
        count(order)

    for first, last, units in (
        ("2026-01-30", "2026-01-30", 1), ("2026-01-01", "2026-01-31", 2), ("2026-01-31", "2026-03-01", 4),
        ("2026-02-01", "2026-02-28", 2), ("2026-01-30", "2026-04-30", 6), ("2026-01-31", "2026-04-29", 4),
        ("2026-02-02", "2026-02-27", 0), ("2025-05-01", "2026-04-30", 6), ("2025-12-31", "2026-02-27", 3),
    ):  # fmt: skip
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
        for merchant_id in (None, variant.merchant_id):
            found = list_top_products(period, "UZS", merchant_id=merchant_id)
            assert sum(each.units for each in found) == units, (first, last)
        best = list_top_merchants(period, "UZS")
        assert sum(each.orders for each in best) == units, (first, last)
    assert drift() == []


def test_the_outbox_carries_the_news():
    order = make_order()
    drain_outbox()
    walk(part_of(order), to="delivered")
    drain_outbox()

    assert sums()["revenue"] == 20000
    assert drift() == []
    assert handlers.count_step  # registered by name for good: what waits in the outbox finds it
    assert {each.name for each in subscriptions_of("orders.fulfilment_changed")} >= {
        "analytics.fulfilment_changed"
    }


def test_the_command_finds_and_mends_what_is_wrong():
    order = make_order()
    count(order)
    SalesDay.objects.update(goods=1, called_off=1, awaited=0)
    ProductDay.objects.all().delete()
    out = StringIO()

    with pytest.raises(CommandError, match="3 rows are wrong"):
        call_command("rebuild_statistics", "--check", stdout=out, stderr=StringIO())
    assert "analytics_salesday: stored" in out.getvalue()
    assert "analytics_platformsalesday: stored" in out.getvalue()
    assert sums()["goods"] == 1

    call_command("rebuild_statistics", stdout=out, stderr=StringIO())
    assert sums()["goods"] == 20000
    assert drift() == []


def test_the_command_refuses_what_it_does_not_know():
    with pytest.raises(CommandError, match="no merchant"):
        call_command("rebuild_statistics", "--merchant", "nobody", stdout=StringIO(), stderr=StringIO())
    with pytest.raises(CommandError, match="not a day"):
        call_command("rebuild_statistics", "--from", "yesterday", stdout=StringIO(), stderr=StringIO())


def test_a_rebuild_forgets_days_that_nothing_was_sold_on():
    order = make_order()
    count(order)
    day = SalesDay.objects.get()
    SalesDay.objects.create(
        merchant_id=day.merchant_id, day="2020-01-01", currency="UZS", state="pending", orders=1, parts=1, units=1,
        goods=0, discounts=0, delivery=0, called_off=0, paid=0, refunds=0, revenue=0, awaited=0,
    )  # fmt: skip

    for stretch in services.list_stretches():
        services.rebuild_stretch(stretch)

    assert SalesDay.objects.get().pk == day.pk
