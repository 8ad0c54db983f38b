"""GET /api/merchant/statistics, /api/merchant/customers and /api/admin/statistics."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from karvon.accounts.models import Role, User
from karvon.accounts.services import issue_tokens
from karvon.accounts.tests.factories import make_user
from karvon.analytics.tests.factories import count, walk
from karvon.inventory.tests.factories import make_variant
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.orders.tests.factories import make_guest_order, make_order, part_of

pytestmark = pytest.mark.django_db

MONEY = re.compile(r"-?\d+\.\d{2}")
FIGURES = {
    "orders": int, "units": int, "gross": MONEY, "discounts": MONEY, "delivery": MONEY, "called_off": MONEY,
    "refunds": MONEY, "net": MONEY, "awaited": MONEY, "average_order": MONEY,
}  # fmt: skip
REPORT = {
    "period": {"from": str, "to": str, "days": int}, "currency": str, "currencies": [str],
    "orders": {"total": int, "previous": int, "by_state": dict}, "revenue": FIGURES, "previous": FIGURES,
}  # fmt: skip
PRODUCT = {"id": int, "slug": str, "title": str, "merchant_id": int, "units": int, "sales": MONEY}
MERCHANT = REPORT | {
    "customers": {"total": int, "new": int},
    "by_day": [{"date": str, "orders": int, "revenue": MONEY}],
    "best_sellers": [PRODUCT],
    "low_stock": {"count": int, "items": [{
        "level_id": int, "product_id": int, "title": str, "sku": str, "branch": str, "available": int, "threshold": int,
    }]},
    "payouts": {"balance": MONEY, "pending": MONEY, "latest": list},
}  # fmt: skip
PLATFORM = REPORT | {
    "users": {"total": int, "new": int},
    "merchants": {"total": int, "by_state": {"active": int, "suspended": int, "closed": int}},
    "products": int,
    "conversion": {"carts": int, "orders": int, "rate": float},
    "by_day": [{"date": str, "orders": int, "revenue": MONEY, "users": int}],
    "top_merchants": [{"id": int, "username": str, "name": str, "orders": int, "revenue": MONEY}],
    "top_products": [PRODUCT],
}
CUSTOMER = {
    "id": int, "name": str, "phone": str, "is_guest": bool, "orders": int, "spent": MONEY, "currency": str,
    "first_order_at": str, "last_order_at": str, "last_order_id": int,
}  # fmt: skip
ADDRESSES = ("/api/merchant/statistics", "/api/merchant/customers", "/api/admin/statistics")


def check(value: Any, shape: Any) -> None:
    """Every documented field is there, of the documented type."""
    if isinstance(shape, dict):
        assert shape.keys() <= value.keys()
        for name, inner in shape.items():
            check(value[name], inner)
    elif isinstance(shape, list):
        assert value
        for each in value:
            check(each, shape[0])
    elif isinstance(shape, re.Pattern):
        assert shape.fullmatch(value), value
    else:
        assert type(value) is shape


def ask(address: str, who: User | None = None, method: str = "get", **headers: str) -> Any:
    if who is not None:
        headers["Authorization"] = f"JWT {issue_tokens(user=who).access}"
    return getattr(Client(), method)(address, headers=headers)


@pytest.fixture
def shop() -> Any:
    """A merchant with two customers, and another with one of them."""
    merchant, other = make_merchant(), make_merchant()
    variant = make_variant(merchant=merchant, units=9, threshold=20)
    customer = make_user()
    orders = [
        make_order(
            (variant, 2), (make_variant(merchant=other, units=5), 1), customer=customer, contact_name="Aziza"
        ),
        make_guest_order((variant, 1), contact_name="Bobur"),
    ]
    walk(part_of(orders[0], merchant.pk), to="delivered")
    count(*orders)
    return merchant


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_merchants_statistics(shop, slash):
    answer = ask(f"/api/merchant/statistics{slash}", shop.owner)

    assert answer.status_code == 200
    check(answer.json(), MERCHANT)
    body = answer.json()
    assert (body["orders"]["total"], body["orders"]["by_state"]) == (2, {"confirmed": 1, "delivered": 1})
    assert (body["revenue"]["net"], body["revenue"]["awaited"]) == ("20000.00", "10000.00")
    assert [(each["units"], each["sales"]) for each in body["best_sellers"]] == [(3, "30000.00")]
    assert body["customers"] == {"total": 2, "new": 2}
    assert (body["low_stock"]["count"], body["low_stock"]["items"][0]["available"]) == (1, 6)
    assert len(body["by_day"]) == 30
    assert body["by_day"][-1]["revenue"] == "20000.00"


def test_the_days_can_be_chosen(shop):
    for query, days in {
        "period=today": 1, "period=7d": 7, "period=30d": 30, "from=2026-01-01&to=2026-01-31": 31
    }.items():  # fmt: skip
        body = ask(f"/api/merchant/statistics?{query}", shop.owner).json()

        assert body["period"]["days"] == len(body["by_day"]) == days, query


def test_days_that_are_none_are_refused(shop):
    operator = make_user(role=Role.STAFF)
    for query in (
        "from=yesterday", "to=2026-02-30", "from=2026-02-01&to=2026-01-01", "from=2024-01-01&to=2026-01-01",
        "from=0001-01-01&to=0001-01-02", "to=9999-12-31", "currency=so%27m",
    ):  # fmt: skip
        for address, who in ((ADDRESSES[0], shop.owner), (ADDRESSES[2], operator)):
            answer = ask(f"{address}?{query}", who)

            assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed"), query
            assert answer.json()["details"], query


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_merchants_customers_are_its_own(shop, slash):
    answer = ask(f"/api/merchant/customers{slash}", shop.owner)

    body = answer.json()
    assert (answer.status_code, body["count"], body["next"], body["previous"]) == (200, 2, None, None)
    check(body["results"], [CUSTOMER])
    assert [(each["name"], each["is_guest"], each["spent"]) for each in body["results"]] == [
        ("Bobur", True, "0.00"),
        ("Aziza", False, "20000.00"),
    ]
    assert body["results"][0]["phone"] == "+99890*****67"


def test_customers_are_searched_sorted_and_paged(shop):
    for query, names in {
        "search=azi": ["Aziza"],
        "search=901234567": ["Bobur", "Aziza"],
        "search=nobody": [],
        "ordering=-spent": ["Aziza", "Bobur"],
        "page_size=1&page=2": ["Aziza"],
    }.items():
        body = ask(f"/api/merchant/customers?{query}", shop.owner).json()

        assert [each["name"] for each in body["results"]] == names, query
    for query, status in {"ordering=password": 400, "page=0": 400, "page=9": 404}.items():
        assert ask(f"/api/merchant/customers?{query}", shop.owner).status_code == status, query


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_platforms_statistics(shop, slash):
    answer = ask(f"/api/admin/statistics{slash}", make_user(role=Role.STAFF))

    assert answer.status_code == 200
    body = answer.json()
    check(body, PLATFORM | {"conversion": {"carts": int, "orders": int}})
    assert (body["orders"]["total"], body["revenue"]["orders"]) == (2, 3)  # whole orders; parts of merchants
    assert body["revenue"]["net"] == "20000.00"
    assert body["top_merchants"][0]["username"] == shop.username
    assert body["users"]["total"] > 3
    assert body["merchants"]["by_state"]["active"] == 2


def test_the_wrong_people_and_methods_are_refused(shop):
    customer, operator = make_user(), make_user(role=Role.ADMIN)
    for address in ADDRESSES:
        assert ask(address).status_code == 401
        assert ask(address, customer).status_code == 403
        answer = ask(address, operator, "post")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_another_shop_is_not_there_and_a_cook_may_not_look(shop):
    rival, cook = make_merchant().owner, make_staff(shop, role=StaffRole.COOK).user
    for address in ADDRESSES[:2]:
        assert ask(f"{address}?merchant={shop.username}", rival).status_code == 404
        assert ask(address, rival, **{"X-Merchant": str(shop.pk)}).status_code == 404
        assert ask(address, cook).status_code == 403
        own = ask(address, rival).json()
        assert own.get("count", own.get("customers", {}).get("total")) == 0


def test_merchants_do_not_see_the_platform(shop):
    assert ask("/api/admin/statistics", shop.owner).status_code == 403


def test_statistics_cost_few_queries(shop, django_assert_max_num_queries):
    owner, operator = shop.owner, make_user(role=Role.STAFF)

    for address, who, most in (
        (ADDRESSES[0], owner, 12), (ADDRESSES[1], owner, 5), (ADDRESSES[2], operator, 11)
    ):  # fmt: skip
        token = issue_tokens(user=who).access
        with django_assert_max_num_queries(most):
            Client().get(address, headers={"Authorization": f"Bearer {token}"})
