"""/collections/ by hand and by rule, and /favourites/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.v1.catalog.tests.reading import PRODUCTS, ask, assert_refused, found, titles
from karvon.catalog import services
from karvon.catalog.inputs import ProductInput
from karvon.catalog.models import Collection
from karvon.catalog.tests.factories import (
    make_category,
    make_collection,
    make_product,
    make_products,
    variant_input,
)
from karvon.kernel import clock
from karvon.merchants.tests.factories import make_merchant

pytestmark = pytest.mark.django_db

COLLECTIONS, FAVOURITES = "/api/v1/collections/", "/api/v1/favourites/"


@pytest.fixture
def operator() -> APIClient:
    return make_client(make_user(role=Role.STAFF))


def rule(*conditions: tuple[str, str, Any]) -> dict[str, Any]:
    return {"all": [{"field": field, "op": op, "value": value} for field, op, value in conditions]}


class TestByHand:
    def test_making(self, operator: APIClient) -> None:
        first, second = make_product("First"), make_product("Second")

        answer = operator.post(
            COLLECTIONS, {"title": "Best of", "description": "All good", "products": [second.pk, first.pk]},
            format="json",
        )  # fmt: skip

        made = answer.json()
        assert answer.status_code == 201
        assert made == {
            "id": made["id"], "title": "Best of", "slug": "best-of", "description": "All good", "kind": "manual",
            "merchant": None, "image": None, "is_active": True, "position": 0,
        }  # fmt: skip
        assert ask(f"{COLLECTIONS}best-of/") == ask(COLLECTIONS)["results"][0] == made
        assert found(collection="best-of") == {"First", "Second"}
        assert ask(f"{PRODUCTS}{first.pk}/")["collections"][0]["title"] == "Best of"

    def test_other_picks_names_and_hiding(self, operator: APIClient) -> None:
        first, second = make_product("First"), make_product("Second")
        row = make_collection("Best", products=[first])
        url = f"{COLLECTIONS}{row.pk}/"

        operator.patch(url, {"products": [second.pk]}, format="json")
        assert found(collection="best") == {"Second"}
        operator.patch(url, {"title": "Finest"}, format="json")
        assert ask(f"{PRODUCTS}{second.pk}/")["collections"][0]["title"] == "Finest"
        assert operator.patch(url, {"is_active": False}, format="json").json()["is_active"] is False
        assert (found(collection="best"), ask(COLLECTIONS)["count"]) == (set(), 0)
        assert ask(f"{PRODUCTS}{second.pk}/")["collections"] == []
        assert_refused(APIClient().get(url), 404)
        operator.patch(url, {"is_active": True}, format="json")
        assert found(collection="best") == {"Second"}
        assert operator.delete(url).status_code == 204
        assert ask(f"{PRODUCTS}{second.pk}/")["collections"] == []

    def test_a_merchant_s_own(self) -> None:
        merchant, other = make_merchant(), make_merchant()
        mine, theirs = make_product("Mine", merchant=merchant), make_product("Theirs", merchant=other)
        client = make_client(merchant.owner)

        made = client.post(COLLECTIONS, {"title": "Ours", "products": [mine.pk]}, format="json").json()
        url = f"{COLLECTIONS}{made['id']}/"

        assert made["merchant"] == merchant.pk
        assert_refused(client.patch(url, {"products": [theirs.pk]}, format="json"), 404)
        stranger = make_client(other.owner)
        for answer in (stranger.patch(url, {"title": "x"}, format="json"), stranger.delete(url)):
            assert_refused(answer, 404)
        assert_refused(
            stranger.post(COLLECTIONS, {"title": "x", "merchant": merchant.pk}, format="json"), 404
        )
        client.patch(url, {"is_active": False}, format="json")
        assert client.get(COLLECTIONS).json()["count"] == 1, "its people see it still"
        assert_refused(stranger.get(url), 404)

    def test_the_platform_s_are_not_a_merchant_s_to_change(self) -> None:
        row = make_collection("Platform")
        client = make_client(make_merchant().owner)

        assert_refused(client.patch(f"{COLLECTIONS}{row.pk}/", {"title": "x"}, format="json"), 403)
        assert_refused(client.delete(f"{COLLECTIONS}{row.pk}/"), 403)
        for user, status in ((None, 401), (make_user(), 403)):
            assert_refused(make_client(user).post(COLLECTIONS, {"title": "x"}, format="json"), status)

    @pytest.mark.django_db(transaction=True)
    def test_a_refused_one_is_not_made(self, operator: APIClient) -> None:
        assert_refused(operator.post(COLLECTIONS, {"title": "x", "products": [10**9]}, format="json"), 404)
        assert not Collection.objects.exists()

    def test_cost(self) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                ask(COLLECTIONS)
            return len(queries)

        make_collection()
        one = cost()
        for _ in range(5):
            make_collection()

        assert cost() == one <= 2


class TestByRule:
    @pytest.mark.parametrize(
        ("conditions", "expected"),
        [
            ([("price", "lt", "20")], {"Cheap"}),
            ([("price", "gt", 15)], {"Dear", "Sale"}),
            ([("price", "eq", "30.00")], {"Dear"}),
            ([("price", "in", [10, "30"])], {"Cheap", "Dear"}),
            ([("tag", "eq", "hot")], {"Cheap", "Sale"}),
            ([("tag", "in", ["cold", "hot"]), ("price", "gt", 15)], {"Sale"}),
            ([("vendor", "eq", "Weaver")], {"Dear"}),
            ([("kind", "in", ["food"])], {"Cheap"}),
            ([("on_sale", "eq", True)], {"Sale"}),
            ([("on_sale", "eq", False)], {"Cheap", "Dear"}),
            ([("created_within_days", "eq", 7)], {"Cheap", "Dear", "Sale"}),
        ],
        ids=lambda each: ascii(each) if isinstance(each, list) else "",
    )
    def test_each_field(
        self, operator: APIClient, conditions: list[tuple[str, str, Any]], expected: set[str]
    ) -> None:
        merchant = make_merchant()
        make_product("Cheap", price=10, tags=("hot",), kind="food", merchant=merchant)
        make_product("Dear", price=30, vendor="Weaver", merchant=merchant)
        make_product(
            "Sale", variants=(variant_input(20, compare_at_price=25),), tags=("hot",), merchant=merchant
        )

        answer = operator.post(
            COLLECTIONS, {"title": "Rule", "kind": "rule", "rule": rule(*conditions)}, format="json"
        )

        assert answer.status_code == 201, answer.json()
        assert found(collection="rule") == expected

    def test_a_category_with_all_below_it(self) -> None:
        food = make_category("Food")
        make_product("Soup", category=make_category("Soups", parent=food))
        make_product("Lamp")

        make_collection("Edible", rule=rule(("category", "eq", food.pk)))

        assert found(collection="edible") == {"Soup"}

    def test_it_follows_the_products(self) -> None:
        make_collection("Cheap", rule=rule(("price", "lt", 20)))
        product = make_product("Lamp", variants=(variant_input(30, sku="A"),))

        def change(price: int) -> set[str]:
            services.update_product(
                product_id=product.pk,
                product=ProductInput(variants=(variant_input(price, sku="A"),)),
                actor=None,
            )
            return found(collection="cheap")

        assert (change(10), change(20), change(19)) == ({"Lamp"}, set(), {"Lamp"})

    def test_another_rule(self, operator: APIClient) -> None:
        row = make_collection("Cheap", rule=rule(("price", "lt", 20)))
        make_product("Lamp", price=30)

        operator.patch(f"{COLLECTIONS}{row.pk}/", {"rule": rule(("price", "gt", 20))}, format="json")

        assert found(collection="cheap") == {"Lamp"}

    def test_a_merchant_s_holds_its_own_products_only(self) -> None:
        merchant = make_merchant()
        make_product("Mine", merchant=merchant, price=1)
        make_product("Theirs", price=1)

        make_collection("Cheap", merchant_id=merchant.pk, rule=rule(("price", "lt", 20)))

        assert found(collection="cheap") == {"Mine"}

    def test_products_grow_out_of_new(self) -> None:
        make_collection("New", rule=rule(("created_within_days", "eq", 7)))
        make_product("Lamp")
        assert found(collection="new") == {"Lamp"}

        services.apply_publication_schedule(now=clock.now() + timedelta(days=8))

        assert found(collection="new") == set()

    @pytest.mark.parametrize(
        "bad",
        [
            {}, {"all": []}, {"all": {}}, {"all": [1]}, {"any": []}, rule(*[("price", "lt", 1)] * 11),
            rule(("size", "eq", 1)), rule(("price", "near", 1)), rule(("price", "lt", "cheap")),
            rule(("price", "lt", "NaN")), rule(("price", "lt", [1])), rule(("price", "in", 1)),
            rule(("price", "lt", True)), rule(("tag", "lt", "x")), rule(("tag", "eq", 1)), rule(("tag", "eq", "\x00")),
            rule(("vendor", "eq", "x" * 300)), rule(("category", "eq", "food")), rule(("category", "eq", 2**70)),
            rule(("on_sale", "eq", 1)), rule(("created_within_days", "eq", 0)),
            rule(("created_within_days", "in", [1])), rule(("created_within_days", "eq", [1])),
            rule(("created_within_days", "eq", 10**9)), {"all": [{"field": [], "op": "eq", "value": 1}]},
            {"all": [{"field": "price", "op": {}, "value": 1}]},
        ],
        ids=lambda each: ascii(each)[:70],
    )  # fmt: skip
    def test_rules_that_cannot_work(self, operator: APIClient, bad: dict[str, Any]) -> None:
        answer = operator.post(COLLECTIONS, {"title": "x", "kind": "rule", "rule": bad}, format="json")

        assert_refused(answer, 400, "rule")

    def test_neither_is_the_other(self, operator: APIClient) -> None:
        by_rule = make_collection(rule=rule(("price", "lt", 1)))
        by_hand = make_collection()

        answer = operator.patch(f"{COLLECTIONS}{by_rule.pk}/", {"products": [1]}, format="json")
        assert_refused(answer, 400, "products")
        answer = operator.patch(
            f"{COLLECTIONS}{by_hand.pk}/", {"rule": rule(("price", "lt", 1))}, format="json"
        )
        assert_refused(answer, 400, "rule")
        answer = operator.post(COLLECTIONS, {"title": "x", "rule": [1]}, format="json")
        assert_refused(answer, 400, "rule")


class TestFavourites:
    def test_putting_showing_and_removing(self) -> None:
        client = make_client(make_user())
        first, second = make_product("First"), make_product("Second")

        for product in (first, second, first):
            answer = client.post(FAVOURITES, {"product": product.pk}, format="json")
            assert (answer.status_code, answer.json()) == (201, {"product": product.pk})

        page = client.get(FAVOURITES).json()
        assert titles(page) == ["Second", "First"], "twice is once"
        assert page["results"][0] == ask(search="second")["results"][0]
        for _ in range(2):
            assert client.delete(f"{FAVOURITES}{second.pk}/").status_code == 204
        assert titles(client.get(FAVOURITES).json()) == ["First"]

    def test_what_is_withdrawn_waits(self) -> None:
        client, product = make_client(make_user()), make_product("Lamp")
        client.post(FAVOURITES, {"product": product.pk}, format="json")

        services.set_product_state(product_id=product.pk, state="draft", actor=None)
        assert client.get(FAVOURITES).json()["count"] == 0
        services.set_product_state(product_id=product.pk, state="published", actor=None)
        assert client.get(FAVOURITES).json()["count"] == 1

    def test_each_person_s_own(self) -> None:
        product, mine, other = make_product(), make_client(make_user()), make_client(make_user())
        mine.post(FAVOURITES, {"product": product.pk}, format="json")

        other.delete(f"{FAVOURITES}{product.pk}/")

        assert (mine.get(FAVOURITES).json()["count"], other.get(FAVOURITES).json()["count"]) == (1, 0)

    def test_what_is_not_there(self) -> None:
        client = make_client(make_user())

        assert_refused(
            client.post(FAVOURITES, {"product": make_product(state="draft").pk}, format="json"), 404
        )
        for bad in (None, "x", 0, 2**70):
            assert_refused(client.post(FAVOURITES, {"product": bad}, format="json"), 400, "product")
        for answer in (
            APIClient().get(FAVOURITES),
            APIClient().post(FAVOURITES, {"product": 1}, format="json"),
        ):
            assert_refused(answer, 401)

    def test_cost(self) -> None:
        client = make_client(make_user())

        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                client.get(FAVOURITES)
            return len(queries)

        products = make_products(6)
        client.post(FAVOURITES, {"product": products[0].pk}, format="json")
        one = cost()
        for product in products:
            client.post(FAVOURITES, {"product": product.pk}, format="json")

        assert cost() == one <= 3
