"""`/api/merchant/orders` of the merchant platform contract."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.inventory.tests.factories import level_of, make_variant, stock_up
from karvon.merchants.models import Merchant, MerchantState, StaffRole
from karvon.merchants.tests.factories import make_branch
from karvon.orders.models import Fulfilment, Order
from karvon.orders.tests.factories import make_guest_order, make_order
from karvon.promotions.tests.factories import make_promotion
from tests.contracts.merchant.people import make_shop, staff_client
from tests.contracts.merchant.shapes import MONEY, TIME, assert_error, assert_shape

pytestmark = pytest.mark.django_db

URL = "/api/merchant/orders"
ORDER = {
    "id": int,
    "number": str,
    "merchant": int,
    "customer_name": str,
    "customer_phone": str,
    "address": str,
    "items": list,
    "total": MONEY,
    "subtotal": MONEY,
    "discount": MONEY,
    "delivery_fee": MONEY,
    "currency": str,
    "status": str,
    "confirmation_method": str,
    "created_at": TIME,
}
ITEM = {"product_id": int, "variant_id": int, "title": str, "quantity": int, "price": MONEY, "total": MONEY}
both_spellings = pytest.mark.parametrize("slash", ["", "/"])


def advance(client, order, status, **headers):
    return client.put(f"{URL}/{order.pk}/status", {"status": status}, format="json", **headers)


def variant_of(shop, price="10000", **fields):
    return make_variant(merchant=shop.merchant, units=10, price=price, **fields)


@both_spellings
def test_an_order_is_listed_shown_and_taken_to_its_end(slash):
    shop = make_shop()
    order = make_guest_order((variant_of(shop), 2))

    page = shop.owner.get(URL + slash).json()
    one = shop.owner.get(f"{URL}/{order.pk}{slash}").json()

    assert_shape(page, {"count": int, "results": list})
    assert page["results"] == [one]
    assert_shape(one, ORDER)
    assert_shape(one["items"][0], ITEM)
    assert (one["customer_name"], one["customer_phone"]) == ("Aziza", "+998901234567")
    assert one["address"] == "Amir Temur 1, Tashkent"
    assert (one["total"], one["status"]) == ("20000.00", "confirmed")
    for status in ("packed", "shipped", "delivered"):
        answer = shop.owner.put(f"{URL}/{order.pk}/status{slash}", {"status": status}, format="json")
        assert answer.status_code == 200, answer.json()
        assert answer.json()["status"] == status
    order.refresh_from_db()
    assert (order.state, order.payment_state) == ("delivered", "paid")


def test_two_shops_see_each_its_share_to_the_cent():
    one, other = make_shop(), make_shop()
    mine, theirs = variant_of(one, "10.01"), variant_of(other, "33.33")
    make_promotion(kind="percent", value=Decimal("33.33"))
    order = make_order((mine, 3), (theirs, 1))

    seen = [shop.owner.get(f"{URL}/{order.pk}").json() for shop in (one, other)]

    for shop, share in zip((one, other), seen, strict=True):
        part = Fulfilment.objects.get(order=order, merchant=shop.merchant)
        assert Decimal(share["total"]) == part.total
        assert (
            Decimal(share["total"])
            == sum(Decimal(item["total"]) for item in share["items"]) + part.delivery_fee
        )
        assert share["merchant"] == shop.merchant.pk
        assert len(share["items"]) == 1
    assert sum(Decimal(share["total"]) for share in seen) == order.total


def test_each_shop_takes_only_its_own_part_on():
    one, other = make_shop(), make_shop()
    order = make_order((variant_of(one), 1), (variant_of(other), 1))

    assert advance(one.owner, order, "packed").json()["status"] == "packed"

    assert other.owner.get(f"{URL}/{order.pk}").json()["status"] == "confirmed"
    assert advance(one.owner, order, "cancelled").json()["status"] == "cancelled"
    assert other.owner.get(f"{URL}/{order.pk}").json()["status"] == "confirmed"


def test_who_works_for_both_acts_for_the_one_that_is_named():
    one, other = make_shop(), make_shop()
    order = make_order((variant_of(one), 1), (variant_of(other), 1))
    Merchant.objects.filter(pk=other.merchant.pk).update(owner=one.merchant.owner)

    advance(one.owner, order, "packed", HTTP_X_MERCHANT=other.merchant.username)

    states = dict(Fulfilment.objects.filter(order=order).values_list("merchant", "state"))
    assert states == {one.merchant.pk: "confirmed", other.merchant.pk: "packed"}
    operator = make_client(make_user(role=Role.STAFF))
    url = f"{URL}/{order.pk}/status?merchant={one.merchant.pk}"
    assert operator.put(url, {"status": "packed"}, format="json").status_code == 200
    assert set(Fulfilment.objects.filter(order=order).values_list("state", flat=True)) == {"packed"}


@pytest.mark.parametrize("status", ["pending", "confirmed", "shipped", "delivered", "ready"])
def test_a_step_that_is_not_next_is_a_conflict_and_changes_nothing(status):
    shop = make_shop()
    order = make_order((variant_of(shop), 1))

    assert_error(advance(shop.owner, order, status), 409, "invalid_transition")
    assert Fulfilment.objects.get(order=order).state == "confirmed"


def test_a_bad_status_is_a_400():
    shop = make_shop()
    order = make_order((variant_of(shop), 1))

    assert_error(advance(shop.owner, order, "flying"), 400, field="status")
    assert_error(shop.owner.put(f"{URL}/{order.pk}/status", {}, format="json"), 400, field="status")
    assert_error(shop.owner.post(f"{URL}/{order.pk}/status", {"status": "packed"}, format="json"), 405)
    assert_error(shop.owner.post(URL, {}, format="json"), 405)
    assert_error(shop.owner.delete(f"{URL}/{order.pk}"), 405)


def test_another_shops_order_is_not_there():
    shop, rival = make_shop(), make_shop()
    order = make_order((variant_of(rival), 1))

    assert_error(shop.owner.get(f"{URL}/{order.pk}"), 404, "order_not_found")
    assert_error(advance(shop.owner, order, "packed"), 404, "order_not_found")
    assert shop.owner.get(URL).json()["count"] == 0
    assert shop.owner.get(URL, {"search": order.number}).json()["count"] == 0
    assert Fulfilment.objects.get(order=order).state == "confirmed"
    assert_error(make_client().get(URL), 401)
    assert_error(make_client(order.customer).get(f"{URL}/{order.pk}"), 403)


def test_cooks_take_on_and_cashiers_call_off():
    shop = make_shop()
    cook, cashier = (staff_client(shop.merchant, role) for role in (StaffRole.COOK, StaffRole.CASHIER))
    variant = variant_of(shop)
    order = make_order((variant, 2))

    assert advance(cook, order, "packed").status_code == 200
    assert_error(advance(cook, order, "cancelled"), 403)
    assert level_of(variant).on_hand == 8
    assert advance(cashier, order, "cancelled").json()["status"] == "cancelled"
    assert level_of(variant).on_hand == 10


def test_running_orders_of_a_suspended_shop_go_on():
    shop = make_shop()
    order = make_order((variant_of(shop), 1))
    Merchant.objects.filter(pk=shop.merchant.pk).update(state=MerchantState.SUSPENDED)

    assert advance(shop.owner, order, "packed").status_code == 200


def test_filters(django_assert_num_queries):
    shop = make_shop()
    variant = variant_of(shop)
    first, second = make_order((variant, 1)), make_guest_order((variant, 1), contact_name="Dilshod")
    advance(shop.owner, first, "packed")
    today = Fulfilment.objects.get(order=second).business_date
    yesterday = today - timedelta(days=1)
    Fulfilment.objects.filter(order=first).update(business_date=yesterday)

    def ids(**query):
        return [each["id"] for each in shop.owner.get(URL, query).json()["results"]]

    assert ids() == [second.pk, first.pk]
    assert ids(status="packed") == [first.pk]
    assert ids(status="delivered") == []
    assert ids(date_from=today) == [second.pk]
    assert ids(date_to=yesterday) == [first.pk]
    assert ids(date_from=yesterday, date_to=today) == [second.pk, first.pk]
    assert ids(search="dilsh") == [second.pk]
    assert ids(search=first.number) == [first.pk]
    for name, value in (("status", "x"), ("date_from", "x"), ("search", "a\x00"), ("page", "0")):
        assert_error(shop.owner.get(URL, {name: value}), 400)
    with django_assert_num_queries(2 + 3):
        shop.owner.get(URL)


def test_several_branches_of_one_shop_are_one_share():
    shop = make_shop()
    second = make_branch(shop.merchant)
    here, there = variant_of(shop), make_variant(merchant=shop.merchant, units=0)
    stock_up(there, 5, branch=second)
    order = make_order((here, 1), (there, 1))
    assert Fulfilment.objects.filter(order=order).count() == 2

    share = shop.owner.get(f"{URL}/{order.pk}").json()

    assert len(share["items"]) == 2
    assert Decimal(share["total"]) == Order.objects.get(pk=order.pk).total
    assert advance(shop.owner, order, "packed").json()["status"] == "packed"
