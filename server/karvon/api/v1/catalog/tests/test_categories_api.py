"""/categories/: the tree, its counts, and who changes it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.v1.catalog.tests.reading import ask, assert_refused, found
from karvon.catalog.models import Category
from karvon.catalog.tests.factories import make_category, make_product
from karvon.media.selectors import PLATFORM
from karvon.media.services import store_image
from karvon.media.tests.pictures import draw
from karvon.merchants.tests.factories import make_merchant

pytestmark = pytest.mark.django_db

CATEGORIES = "/api/v1/categories/"


@pytest.fixture
def client() -> APIClient:
    return make_client(make_user(role=Role.STAFF))


def url_of(category: Category) -> str:
    return f"{CATEGORIES}{category.pk}/"


def slugs(**params: Any) -> list[str]:
    return [each["slug"] for each in ask(CATEGORIES, page_size=100, **params)["results"]]


class TestReading:
    def test_its_fields(self) -> None:
        food = make_category("Food", descriptions={"en": "To eat"}, position=3)
        soups = make_category("Soups", parent=food)
        make_product("Bread", category=food)
        make_product("Shurpa", category=soups)
        make_product("Not yet", category=soups, state="draft")

        child = {"id": soups.pk, "name": "Soups", "slug": "soups", "product_count": 1}
        expected = {
            "id": food.pk, "name": "Food", "slug": "food", "product_count": 2, "parent": None,
            "description": "To eat", "image": None, "position": 3, "children": [child],
        }  # fmt: skip
        assert ask(url_of(food)) == ask(f"{CATEGORIES}food/") == expected
        assert ask(CATEGORIES)["results"][0] == expected
        assert ask(url_of(soups))["parent"] == food.pk

    def test_in_the_order_of_the_tree(self) -> None:
        second, first = make_category("B", position=2), make_category("A", position=1)
        make_category("A2", parent=first, position=2)
        deep = make_category("A1", parent=first, position=1)
        make_category("A1a", parent=deep)
        make_category("B1", parent=second)

        assert slugs() == ["a", "a1", "a1a", "a2", "b", "b1"]
        assert slugs(parent="root") == ["a", "b"]
        assert slugs(parent="a") == slugs(parent=first.pk) == ["a1", "a2"]
        assert_refused(APIClient().get(CATEGORIES, {"parent": "nowhere"}), 404)

    def test_in_each_language(self) -> None:
        category = make_category(names={"en": "Bread", "uz": "Non", "ru": "Хлеб"})

        assert [ask(url_of(category), language=each)["name"] for each in ("uz", "ru", "en", "ar")] == [
            "Non", "Хлеб", "Bread", "Bread",
        ]  # fmt: skip

    def test_a_name_in_another_language_alone(self) -> None:
        category = make_category(names={"ru": "Хлеб"})

        assert (ask(url_of(category))["name"], category.slug) == ("Хлеб", "хлеб")
        assert ask(f"{CATEGORIES}хлеб/")["id"] == category.pk

    @pytest.mark.parametrize("key", ["0", "9" * 30, "nowhere", "-1"])
    def test_what_is_not_there(self, key: str) -> None:
        assert_refused(APIClient().get(f"{CATEGORIES}{key}/"), 404)

    def test_cost(self) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                ask(CATEGORIES)
            return len(queries)

        top = make_category("Top")
        one = cost()
        for number in range(8):
            make_category(f"C{number}", parent=top)

        assert cost() == one <= 2


class TestWriting:
    def test_making(self, client: APIClient) -> None:
        top = make_category("Clothes")
        image = store_image(data=BytesIO(draw()), file_name="a.png", owner_ref=PLATFORM, actor=None)

        answer = client.post(
            CATEGORIES,
            {
                "name": "Shirts",
                "slug": "the-shirts",
                "parent": top.pk,
                "description": "All",
                "image": image.pk,
            },
            format="json",
        )

        body = answer.json()
        assert (answer.status_code, body["slug"], body["parent"]) == (201, "the-shirts", top.pk)
        assert (body["description"], body["children"], body["product_count"]) == ("All", [], 0)
        assert body["image"].startswith(("/", "http"))
        assert ask(url_of(top))["children"][0]["id"] == body["id"]

    def test_a_taken_slug_gets_a_tail(self, client: APIClient) -> None:
        make_category("Shirts")

        slug = client.post(CATEGORIES, {"name": "Shirts"}, format="json").json()["slug"]

        assert slug.startswith("shirts-")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "name"), ({"name": ""}, "name"), ({"name": "x" * 201}, "name"), ({"names": {"en": " "}}, "name"),
            ({"name": "x", "parent": 10**9}, "parent"), ({"name": "x", "parent": 10**30}, "parent"),
            ({"name": "x", "image": 10**9}, "image"), ({"name": "x", "position": -1}, "position"),
            ({"name": "x", "names": {"fr": "y"}}, "names"), ({"name": "a\tb"}, "name"),
        ],
    )  # fmt: skip
    def test_what_is_not_right(self, client: APIClient, body: dict[str, Any], field: str) -> None:
        assert_refused(client.post(CATEGORIES, body, format="json"), 400, field)

    def test_patch_and_put(self, client: APIClient) -> None:
        category = make_category("Shirts", parent=make_category("Clothes"), position=4)

        patched = client.patch(url_of(category), {"description": "Cool"}, format="json").json()
        put = client.put(url_of(category), {"name": "Blouses", "parent": None}, format="json").json()

        assert (patched["name"], patched["description"], patched["position"]) == ("Shirts", "Cool", 4)
        assert (put["name"], put["slug"], put["parent"]) == ("Blouses", "shirts", None)
        assert_refused(client.put(url_of(category), {"description": "x"}, format="json"), 400, "name")

    def test_a_new_name_is_on_every_product_at_once(self, client: APIClient) -> None:
        top = make_category("Clothes")
        product = make_product(category=make_category("Shirts", parent=top))

        client.patch(url_of(top), {"name": "Garments"}, format="json")

        page = ask(f"/api/v1/products/{product.pk}/")
        assert [each["name"] for each in page["categories"]] == ["Garments", "Shirts"]
        assert found(search="garments") == {product.title_en}

    def test_moving_takes_the_products_along(self, client: APIClient) -> None:
        clothes, food = make_category("Clothes"), make_category("Food")
        shirts = make_category("Shirts", parent=clothes)
        make_product("Linen", category=make_category("Linen shirts", parent=shirts))

        client.patch(url_of(shirts), {"parent": food.pk}, format="json")

        assert (found(category="food"), found(category="clothes")) == ({"Linen"}, set())
        assert [ask(url_of(each))["product_count"] for each in (food, clothes)] == [1, 0]

    def test_no_category_is_inside_itself(self, client: APIClient) -> None:
        top = make_category("Top")
        middle = make_category("Middle", parent=top)
        bottom = make_category("Bottom", parent=middle)

        for parent in (top, middle, bottom):
            answer = client.patch(url_of(top), {"parent": parent.pk}, format="json")
            assert assert_refused(answer, 400)["code"] == "category_loop"
        top.refresh_from_db()
        assert top.parent_id is None

    def test_only_empty_ones_are_deleted(self, client: APIClient) -> None:
        parent = make_category("Parent")
        child = make_category("Child", parent=parent)
        product = make_product(category=child, merchant=make_merchant())

        for category in (parent, child):
            assert assert_refused(client.delete(url_of(category)), 409)["code"] == "category_in_use"
        client.delete(f"/api/v1/products/{product.pk}/")
        assert client.delete(url_of(child)).status_code == 204
        assert client.delete(url_of(parent)).status_code == 204
        assert_refused(client.delete(url_of(parent)), 404)
        assert not Category.objects.exists()

    def test_only_operators_write(self) -> None:
        category = make_category("Mine")

        for user, status in ((None, 401), (make_user(), 403), (make_merchant().owner, 403)):
            guest = make_client(user)
            for answer in (
                guest.post(CATEGORIES, {"name": "x"}, format="json"),
                guest.put(url_of(category), {"name": "x"}, format="json"),
                guest.patch(url_of(category), {"name": "x"}, format="json"),
                guest.delete(url_of(category)),
            ):
                assert_refused(answer, status)
        assert Category.objects.get().name_en == "Mine"
