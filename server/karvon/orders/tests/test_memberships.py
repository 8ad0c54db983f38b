"""What customers paid and kept makes their membership, and their membership makes orders cheaper."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from karvon.accounts.models import Membership, Role, User
from karvon.accounts.services import register_user, set_membership, update_customer
from karvon.accounts.services.people import Registration
from karvon.accounts.tests.factories import make_client, make_user
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.errors import NotFound, PermissionRefused
from karvon.orders.models import Order, OrderDiscount
from karvon.orders.services import (
    advance_order,
    cancel_lines,
    confirm_payment,
    place_order,
    recompute_memberships,
)
from karvon.orders.tests.factories import make_command, make_order, part_of
from karvon.promotions.tests.factories import make_promotion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def thresholds(settings):
    settings.KARVON_MEMBERSHIP_FROM = {"gold": Decimal(50_000), "silver": Decimal(20_000)}
    settings.KARVON_MEMBERSHIP_PERCENT = {
        "bronze": Decimal(0),
        "silver": Decimal(5),
        "gold": Decimal(10),
    }


@pytest.fixture
def buyer():
    return make_user()


def buy(person, units, **fields):
    """A paid order of so many things for 10000 each."""
    order = make_order((make_variant(units=100), units), customer=person, **fields)
    confirm_payment(order_id=order.pk)
    return order


def membership_of(person):
    return User.objects.values_list("membership", flat=True).get(pk=person.pk)


@pytest.mark.parametrize(("units", "earned"), [(1, "bronze"), (2, "silver"), (4, "silver"), (5, "gold")])
def test_what_was_paid_decides(buyer, units, earned):
    buy(buyer, units)

    recompute_memberships()

    assert membership_of(buyer) == earned


def test_what_is_only_ordered_earns_nothing(buyer):
    make_order((make_variant(units=9), 9), customer=buyer)

    assert recompute_memberships() == 0
    assert membership_of(buyer) == Membership.BRONZE


def test_buying_and_giving_back_does_not_keep_gold(buyer):
    order = buy(buyer, 6, delivery_type="delivery")
    recompute_memberships()
    assert membership_of(buyer) == Membership.GOLD

    staff = make_user(role=Role.STAFF)
    for state in ("packed", "shipped", "delivered", "returned"):
        advance_order(order_id=order.pk, to=state, actor=staff)
    recompute_memberships()

    assert membership_of(buyer) == Membership.BRONZE


def test_units_called_off_are_taken_back(buyer):
    order = buy(buyer, 6)
    line = order.lines.get()

    cancel_lines(fulfilment_id=part_of(order).pk, quantities={line.pk: 2}, actor=None, reason="")
    recompute_memberships()

    assert membership_of(buyer) == Membership.SILVER


def test_orders_of_another_year_and_currency_do_not_count(buyer, settings):
    old, foreign = buy(buyer, 3), buy(buyer, 3)
    Order.objects.filter(pk=old.pk).update(placed_at=clock.now() - timedelta(days=366))
    Order.objects.filter(pk=foreign.pk).update(currency="USD")

    recompute_memberships()

    assert membership_of(buyer) == Membership.BRONZE
    recompute_memberships(now=clock.now() - timedelta(days=2))
    assert membership_of(buyer) == Membership.SILVER


def test_it_goes_in_batches_and_may_be_repeated(buyer):
    others = [make_user() for _ in range(3)]
    buy(others[1], 5)
    buy(buyer, 2)

    assert recompute_memberships(batch=2) == 2
    assert recompute_memberships(batch=2) == 0
    assert [membership_of(each) for each in (buyer, *others)] == ["silver", "bronze", "gold", "bronze"]


def test_what_staff_set_stays_until_it_is_handed_back(buyer):
    staff = make_user(role=Role.STAFF)
    buy(buyer, 2)

    set_membership(actor=staff, user_id=buyer.pk, membership="gold")
    recompute_memberships()
    assert membership_of(buyer) == Membership.GOLD

    set_membership(actor=staff, user_id=buyer.pk, membership=None)
    recompute_memberships()
    assert membership_of(buyer) == Membership.SILVER


def test_nobody_but_staff_sets_it(buyer):
    with pytest.raises(PermissionRefused):
        set_membership(actor=buyer, user_id=buyer.pk, membership="gold")
    with pytest.raises(PermissionRefused):
        set_membership(actor=make_user(role=Role.MERCHANT), user_id=buyer.pk, membership="gold")
    with pytest.raises(NotFound):
        set_membership(actor=make_user(role=Role.STAFF), user_id=0, membership="gold")
    update_customer(user=buyer, changes={"first_name": "Aziza"}, membership=Membership.GOLD)
    client = make_client(buyer)
    for send in (client.put, client.patch):
        answer = send("/api/v1/auth/users/me/", {"membership": "gold", "is_membership_fixed": True}, "json")
        assert answer.json()["membership"] == "bronze"
    assert (
        client.put(f"/api/v1/customers/{buyer.pk}/membership/", {"membership": "gold"}, "json").status_code
        == 403
    )

    buyer.refresh_from_db()
    assert (buyer.membership, buyer.is_membership_fixed, buyer.first_name) == ("bronze", False, "Aziza")
    assert (
        register_user(registration=Registration(username="new-one", password="long-horse-7")).membership
        == "bronze"
    )


def test_operators_find_customers_and_set_their_membership(buyer):
    staff = make_client(make_user(role=Role.STAFF))

    found = staff.get(f"/api/v1/customers/?search={buyer.username}").json()
    changed = staff.put(f"/api/v1/customers/{buyer.pk}/membership/", {"membership": "gold"}, "json").json()

    assert [each["id"] for each in found["results"]] == [buyer.pk]
    assert (changed["membership"], changed["is_membership_fixed"]) == ("gold", True)
    assert staff.get(f"/api/v1/customers/{buyer.pk}/").json() == changed
    assert staff.get("/api/v1/customers/?membership=silver").json()["count"] == 0
    refused = staff.put(f"/api/v1/customers/{buyer.pk}/membership/", {"membership": "platinum"}, "json")
    assert refused.status_code == 400


def test_members_see_and_get_their_discount(buyer):
    User.objects.filter(pk=buyer.pk).update(membership="gold")
    variants = [make_variant(units=9, price="33.33") for _ in range(3)]
    client = make_client(buyer)
    for variant in variants:
        client.post("/api/v1/cart/add/", {"variant_id": variant.pk, "quantity": 1}, "json")

    cart = client.get("/api/v1/cart/").json()
    order = place_order(command=make_command(*[(each, 1) for each in variants], customer=buyer)).order

    (shown,) = cart["discounts"]
    assert (shown["promotion_id"], shown["kind"], shown["amount"]) == (None, "membership", "10.00")
    assert shown["name"] == "Gold membership"
    # to the cent: 10.00 over three equal lines
    assert sorted(item["discount"] for item in cart["items"]) == ["3.33", "3.33", "3.34"]
    assert sum(line.discount for line in order.lines.all()) == order.discount
    (kept,) = OrderDiscount.objects.filter(order=order)
    assert (kept.promotion_id, kept.kind, kept.borne_by, kept.code) == (None, "membership", "platform", "")
    assert kept.amount == order.discount


def test_it_comes_after_promotions_and_gives_way_to_better_ones(buyer):
    User.objects.filter(pk=buyer.pk).update(membership="gold")
    make_promotion(value="20")

    both = place_order(command=make_command((make_variant(units=9), 1), customer=buyer)).order
    make_promotion(value="50", is_stackable=False)
    better = place_order(command=make_command((make_variant(units=9), 1), customer=buyer)).order

    assert both.discount == Decimal(2800)  # 20 % of 10000, then 10 % of 8000
    assert better.discount == Decimal(5000)


def test_guests_and_bronze_pay_in_full(buyer):
    assert place_order(command=make_command((make_variant(units=9), 1))).order.discount == 0
    assert place_order(command=make_command((make_variant(units=9), 1), customer=buyer)).order.discount == 0
