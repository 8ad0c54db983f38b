"""GET /products/: what is shown, filters, orders, pages and their cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from karvon.api.products import paging, parameters
from karvon.api.v1.catalog.tests.reading import PRODUCTS, ask, assert_refused, follow, found, titles
from karvon.catalog import services
from karvon.catalog.inputs import ProductInput, ValueInput
from karvon.catalog.models import Product
from karvon.catalog.tests.factories import (
    make_attribute,
    make_category,
    make_collection,
    make_product,
    make_products,
    variant_input,
)
from karvon.catalog.window import record_popularity, record_rating
from karvon.inventory.services import receive_stock
from karvon.merchants.tests.factories import make_branch, make_merchant

pytestmark = pytest.mark.django_db


def value(code: str, content: Any) -> ValueInput:
    return ValueInput(code=code, value=content)


def rate(product: Product, *ratings: int) -> None:
    Product.objects.filter(pk=product.pk).update(rating_sum=sum(ratings), reviews_count=len(ratings))
    record_rating(product.pk, sum(ratings), len(ratings))


class TestShape:
    """The fields of the contract, exactly."""

    def test_a_product_in_a_list(self) -> None:
        category = make_category("Hot dishes")
        merchant = make_merchant(username="osh-markazi", name="Osh markazi")
        product = make_product(
            "Palov", merchant=merchant, category=category, description="<p>Rice &amp; <b>lamb</b></p>",
            tags=("Halal",),
            variants=(
                variant_input("45000", compare_at_price=Decimal(50000)),
                variant_input("60000.5"),
            ),
        )  # fmt: skip
        rate(product, 5, 4)

        page = ask()

        assert page == {"count": 1, "next": None, "previous": None, "results": page["results"]}
        item = page["results"][0]
        times = [item.pop("created_at"), item.pop("updated_at")]
        assert all(len(each) == 20 and each[10] == "T" and each[-1] == "Z" for each in times)
        assert item == {
            "id": product.pk,
            "title": "Palov",
            "slug": "palov",
            "description": "Rice & lamb",
            "price": "45000.00",
            "currency": "UZS",
            "category": category.pk,
            "category_name": "Hot dishes",
            "image": None,
            "stock_quantity": 0,
            "average_rating": 4.5,
            "reviews_count": 2,
            "merchant": {"id": merchant.pk, "username": "osh-markazi", "name": "Osh markazi"},
            "price_min": "45000.00",
            "price_max": "60000.50",
            "compare_at_price": "50000.00",
            "in_stock": True,
            "tags": [{"slug": "halal", "name": "Halal"}],
        }

    def test_what_is_empty_is_null(self) -> None:
        make_product("Bare")

        item = ask()["results"][0]

        assert [item[name] for name in ("category", "category_name", "image", "compare_at_price")] == [
            None
        ] * 4
        assert (item["average_rating"], item["reviews_count"], item["tags"]) == (0, 0, [])

    def test_an_empty_shop(self) -> None:
        assert ask() == {"count": 0, "next": None, "previous": None, "results": []}

    def test_only_what_is_published_by_an_active_shop_with_something_to_sell(self) -> None:
        make_product("Shown")
        make_product("Draft", state="draft")
        make_product("Archived", state="archived")
        make_product("Nothing to sell", variants=(variant_input(is_active=False),))
        gone = make_product("Deleted")
        services.delete_product(product_id=gone.pk, actor=None)
        make_product("Suspended", merchant=make_merchant(state="suspended"))

        assert found() == {"Shown"}

    def test_the_path_works_without_its_slash(self) -> None:
        make_product("Shown")

        assert titles(ask(PRODUCTS.rstrip("/"))) == ["Shown"]


class TestFilters:
    def test_a_category_with_all_below_it(self) -> None:
        food = make_category("Food")
        hot = make_category("Hot", parent=food)
        soups = make_category("Soups", parent=hot)
        make_product("Bread", category=food)
        make_product("Palov", category=hot)
        make_product("Shurpa", category=soups)
        make_product("Lamp", category=make_category("Lamps"))

        assert found(category=food.pk) == found(category="food") == {"Bread", "Palov", "Shurpa"}
        assert found(category="hot") == {"Palov", "Shurpa"}
        assert found(category="soups") == {"Shurpa"}
        assert found(category="nowhere") == found(category=9**9) == set()

    def test_prices(self) -> None:
        for price in ("10", "20.5", "30"):
            make_product(price, price=price)

        assert found(price_min="20.5") == {"20.5", "30"}
        assert found(price_max="20.50") == {"10", "20.5"}
        assert found(price_min="20.51", price_max=29) == set()

    def test_stock(self) -> None:
        merchant = make_merchant()
        here = merchant.branches.get()
        there = make_branch(merchant)
        sold_out = make_product("Sold out", merchant=merchant, variants=(variant_input(tracks_stock=True),))
        stocked = make_product("Stocked", merchant=merchant, variants=(variant_input(tracks_stock=True),))
        receive_stock(variant_id=stocked.variants.get().pk, branch_id=there.pk, quantity=7, actor=None)
        make_product("Uncounted", merchant=merchant)

        assert found(in_stock="true") == found(in_stock=1) == {"Stocked", "Uncounted"}
        assert found(in_stock="false") == {"Sold out"} == {sold_out.title}
        assert found(branch=there.pk) == {"Stocked", "Uncounted"}
        assert found(branch=here.pk) == {"Uncounted"}
        quantities = {each["title"]: each["stock_quantity"] for each in ask()["results"]}
        assert quantities == {"Sold out": 0, "Stocked": 7, "Uncounted": 0}

    def test_rating(self) -> None:
        rate(make_product("Good"), 5, 4)
        rate(make_product("Fair"), 3)
        make_product("Unrated")

        assert found(rating_min=4.5) == {"Good"}
        assert found(rating_min=3) == {"Good", "Fair"}

    def test_merchant_collection_and_tag(self) -> None:
        merchant = make_merchant(username="Chinor")
        first = make_product("First", merchant=merchant, tags=("Hot",))
        make_product("Second", merchant=merchant)
        make_product("Third", tags=("Hot",))
        make_collection("Best", products=[first])

        assert found(merchant="chinor") == found(merchant=merchant.pk) == {"First", "Second"}
        assert found(collection="best") == {"First"}
        assert found(tag="hot") == {"First", "Third"}
        assert found(merchant="chinor", tag="hot", collection="best") == {"First"}
        assert found(merchant="nobody") == found(collection="nothing") == found(tag="cold") == set()

    def test_attributes_of_products_and_variants(self) -> None:
        make_attribute("size", choices=("s", "m", "l"), is_option=True)
        make_attribute("colour", choices=("red", "blue"))
        make_attribute("washable", type="boolean")
        make_attribute("weight", type="number")
        make_attribute("secret", choices=("x",), is_filterable=False)
        make_product(
            "Shirt",
            attributes=(value("colour", "red"), value("washable", True), value("secret", "x")),
            variants=(
                variant_input(options=(value("size", "s"),)),
                variant_input(options=(value("size", "m"),)),
            ),
        )
        make_product("Coat", attributes=(value("colour", "blue"), value("weight", "1.50")))

        assert found(attr_size="m") == {"Shirt"}
        assert found(attr_size=["l", "s"]) == {"Shirt"}, "any of the values"
        assert found(attr_colour=["red", "blue"]) == {"Shirt", "Coat"}
        assert found(attr_colour="blue", attr_size="m") == set(), "all of the codes"
        assert found(attr_washable="yes") == {"Shirt"}
        assert found(attr_weight="1.5") == {"Coat"}
        assert found(attr_secret="x") == found(attr_nothing="x") == set()

    def test_all_of_them_together(self) -> None:
        make_attribute("size", choices=("s",))
        category, merchant = make_category("Shirts"), make_merchant(username="weaver")
        fields: dict[str, Any] = {
            "merchant": merchant, "category": category, "tags": ("linen",), "attributes": (value("size", "s"),),
        }  # fmt: skip
        wanted = make_product("Linen shirt", price=100, **fields)
        make_product("Linen coat", price=900, **fields)
        make_collection("Summer", products=[wanted])
        rate(wanted, 5)

        assert found(
            category="shirts", merchant="weaver", tag="linen", attr_size="s", collection="summer", rating_min=4,
            price_min=50, price_max=500, in_stock=1, search="linen", branch=merchant.branches.get().pk,
            ordering="-price",
        ) == {"Linen shirt"}  # fmt: skip

    def test_unknown_names_and_empty_values_are_ignored(self) -> None:
        make_product("Shown")

        assert found(colour="red", category="", price_min="", attr_size="", search="", ordering="") == {
            "Shown"
        }


class TestOrders:
    @pytest.fixture
    def shop(self) -> None:
        fruit, bread = make_category("Fruit"), make_category("Bread")
        for title, price, category, ratings, sold in (
            ("Banana", 30, fruit, (5,), 2),
            ("apple", 20, fruit, (4,), 9),
            ("Cherry", 10, fruit, (), 5),
            ("Non", 20, bread, (4, 4), 7),
        ):
            product = make_product(title, price=price, category=category)
            rate(product, *ratings)
            record_popularity({product.pk: sold})

    @pytest.mark.parametrize(
        ("ordering", "expected"),
        [
            ("", ["Non", "Cherry", "apple", "Banana"]),
            ("created_at", ["Banana", "apple", "Cherry", "Non"]),
            ("price", ["Cherry", "apple", "Non", "Banana"]),
            ("-price", ["Banana", "Non", "apple", "Cherry"]),
            ("price,-title", ["Cherry", "Non", "apple", "Banana"]),
            ("title", ["apple", "Banana", "Cherry", "Non"]),
            ("-title", ["Non", "Cherry", "Banana", "apple"]),
            ("-rating,price", ["Banana", "apple", "Non", "Cherry"]),
            ("-popularity", ["apple", "Non", "Cherry", "Banana"]),
            ("category,-price", ["Non", "Banana", "apple", "Cherry"]),
            ("-category,title", ["apple", "Banana", "Cherry", "Non"]),
        ],
    )
    def test_each_of_them(self, shop: None, ordering: str, expected: list[str]) -> None:
        assert titles(ask(ordering=ordering)) == expected

    @pytest.mark.parametrize("ordering", ["", "-price", "price,-title", "-rating", "category,-price,title"])
    def test_a_cursor_walks_each_of_them(self, shop: None, ordering: str) -> None:
        expected = titles(ask(ordering=ordering))

        page, walked = ask(ordering=ordering, cursor="", page_size=1), []
        while True:
            walked += titles(page)
            if page["next"] is None:
                break
            page = follow(page)

        assert walked == expected

    @pytest.mark.parametrize(
        "ordering", ["cost", "price;drop", "--price", "price," * 2 + "title,rating,category,-price"]
    )
    def test_others_are_refused(self, ordering: str) -> None:
        assert_refused(APIClient().get(PRODUCTS, {"ordering": ordering}), 400, "ordering")


class TestPages:
    def test_by_number(self) -> None:
        for number in range(5):
            make_product(f"P{number}")

        first, second, third = (ask(page=page, page_size=2) for page in (1, 2, 3))

        assert [titles(page) for page in (first, second, third)] == [["P4", "P3"], ["P2", "P1"], ["P0"]]
        assert {page["count"] for page in (first, second, third)} == {5}
        assert (first["previous"], third["next"]) == (None, None)
        assert follow(first) == second
        assert third["previous"].startswith("http://testserver/api/v1/products/?")
        assert follow({"next": third["previous"]}) == second

    def test_links_keep_the_filters(self) -> None:
        make_attribute("size", choices=("s", "m"))
        for size in ("s", "m", "s"):
            make_product(attributes=(value("size", size),))

        page = ask(page_size=1, attr_size=["s", "m"], ordering="title")

        assert (follow(page)["count"], follow(follow(page))["next"]) == (3, None)

    def test_twenty_and_at_most_a_hundred(self) -> None:
        make_products(101)

        assert len(ask()["results"]) == 20
        assert len(ask(page_size=1000)["results"]) == 100

    def test_past_the_end(self) -> None:
        make_product()

        assert_refused(APIClient().get(PRODUCTS, {"page": 2}), 404)
        assert_refused(APIClient().get(PRODUCTS, {"page": 2, "category": "nowhere"}), 404)

    @pytest.mark.parametrize("name", ["page", "page_size"])
    @pytest.mark.parametrize("bad", ["0", "-1", "x", "", "1.5", "٣", "9" * 30])
    def test_bad_numbers(self, name: str, bad: str) -> None:
        assert_refused(APIClient().get(PRODUCTS, {name: bad}), 400, name)

    def test_too_deep_for_numbers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (parameters, paging):
            monkeypatch.setattr(module, "DEEPEST", 2)
        make_products(3)

        body = assert_refused(APIClient().get(PRODUCTS, {"page": 3, "page_size": 1}), 400, "page")

        assert body["code"] == "page_too_deep"
        assert_refused(APIClient().get(PRODUCTS, {"page": 9**9, "page_size": 100}), 404)

    @pytest.mark.parametrize(
        ("name", "bad"),
        [
            ("price_min", "cheap"), ("price_min", "-1"), ("price_max", "1e9"), ("price_max", "NaN"),
            ("rating_min", "good"), ("in_stock", "maybe"), ("facets", "some"), ("branch", "x"), ("branch", "0"),
            ("cursor", "x"), ("cursor", "bm90IG91cnM"), ("cursor", "W10"),
        ],
    )  # fmt: skip
    def test_bad_values(self, name: str, bad: str) -> None:
        assert_refused(APIClient().get(PRODUCTS, {name: bad}), 400, name)


class TestCursors:
    def test_everything_once_while_products_come_and_change(self) -> None:
        merchant = make_merchant()
        there = [make_product(f"Old {number}", merchant=merchant) for number in range(7)]

        page = ask(cursor="", page_size=2)
        walked = titles(page)
        while page["next"]:
            make_product("Newcomer", merchant=merchant)
            services.update_product(
                product_id=there[0].pk, product=ProductInput(vendor=f"v{len(walked)}"), actor=None
            )
            page = follow(page)
            walked += titles(page)

        assert walked == [f"Old {number}" for number in reversed(range(7))]

    def test_equal_prices_are_walked_once(self) -> None:
        merchant = make_merchant()
        for number in range(6):
            make_product(f"P{number}", merchant=merchant, price=10)

        page = ask(ordering="price", cursor="", page_size=2)
        walked = titles(page)
        while page["next"]:
            make_product("Cheaper", merchant=merchant, price=5)
            page = follow(page)
            walked += titles(page)

        assert walked == [f"P{number}" for number in range(6)]

    def test_a_search_by_relevance(self) -> None:
        make_products(5, title="Lamp")

        page = ask(search="lamp", cursor="", page_size=2)
        walked = titles(page)
        while page["next"]:
            page = follow(page)
            walked += titles(page)

        assert sorted(walked) == [f"Lamp {number}" for number in range(5)]

    def test_of_another_order(self) -> None:
        make_product()
        make_product()
        cursor = ask(cursor="", page_size=1)["next"].partition("cursor=")[2]

        assert_refused(APIClient().get(PRODUCTS, {"cursor": cursor, "ordering": "price"}), 400, "cursor")

    @pytest.mark.parametrize(
        ("ordering", "place"),
        [
            ("", ["-created_at", "yesterday", "5"]),
            ("price", ["price", "much", "5"]),
            ("price", ["price", "1\x00", "5"]),
            ("price", ["price", "1", "-5"]),
            ("price", ["price", "1"]),
            ("-rating", ["-rating", "9" * 50, "5"]),
            ("title", ["title", "\ud800", "5"]),
        ],
    )
    def test_a_forged_one(self, ordering: str, place: list[str]) -> None:
        import json
        from base64 import urlsafe_b64encode

        make_product()
        forged = urlsafe_b64encode(json.dumps(place).encode()).decode()

        answer = APIClient().get(PRODUCTS, {"cursor": forged, "ordering": ordering})

        if answer.status_code != 200:
            assert_refused(answer, 400, "cursor")


class TestCost:
    """At most two queries, however many products and filters."""

    @pytest.fixture
    def shop(self) -> None:
        make_products(
            30, title="Lamp", category=make_category("Lamps"), merchant=make_merchant(username="lamps")
        )

    @pytest.mark.parametrize(
        "params",
        [
            {},
            {"page": 2},
            {"ordering": "-price,title"},
            {"in_stock": 1, "price_min": 1, "rating_min": 0},
            {"search": "lamp"},
            {"search": "lamp", "ordering": "price"},
            {"cursor": ""},
        ],
        ids=lambda params: "+".join(params) or "plain",
    )
    def test_two_queries(self, shop: None, params: dict[str, Any]) -> None:
        with CaptureQueriesContext(connection) as queries:
            page = ask(**params)

        assert len(page["results"]) >= 10
        # nothing is remembered inside a transaction like this one, where a search counts twice
        assert len(queries) <= (3 if params == {"search": "lamp"} else 2), [
            each["sql"][:200] for each in queries
        ]

    def test_one_more_for_names_in_the_query(self, shop: None) -> None:
        with CaptureQueriesContext(connection) as queries:
            page = ask(category="lamps", merchant="lamps")

        assert (page["count"], len(queries) <= 3) == (30, True)

    def test_two_more_for_facets(self, shop: None) -> None:
        with CaptureQueriesContext(connection) as queries:
            page = ask(facets=1)

        assert (page["facets"]["categories"][0]["count"], len(queries) <= 4) == (30, True)
