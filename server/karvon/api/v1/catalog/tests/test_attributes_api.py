"""/attributes/, /modifier-groups/ and /tags/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.v1.catalog.tests.reading import ask, assert_refused, found
from karvon.catalog.inputs import ValueInput
from karvon.catalog.models import Attribute, Product, Tag
from karvon.catalog.tests.factories import make_attribute, make_modifier_group, make_product
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = pytest.mark.django_db

ATTRIBUTES, GROUPS, TAGS = "/api/v1/attributes/", "/api/v1/modifier-groups/", "/api/v1/tags/"


@pytest.fixture
def operator() -> APIClient:
    return make_client(make_user(role=Role.STAFF))


def page_of(product: Product, language: str = "en") -> dict[str, Any]:
    return ask(f"/api/v1/products/{product.pk}/", language=language)


class TestAttributes:
    @pytest.mark.parametrize("type_", ["choice", "number", "text", "boolean", "colour"])
    def test_making_each_type(self, operator: APIClient, type_: str) -> None:
        body: dict[str, Any] = {"code": "a-1", "name": "A", "type": type_, "unit": "g", "position": 2}
        if type_ in ("choice", "colour"):
            body["choices"] = [{"code": "x", "label": "X", "colour": "#00ff00"}]

        answer = operator.post(ATTRIBUTES, body, format="json")

        made = answer.json()
        assert answer.status_code == 201
        expected = {"id": made["id"], "is_filterable": True, "is_option": False, "choices": [], **body}
        assert made == ask(f"{ATTRIBUTES}{made['id']}/") == ask(ATTRIBUTES)["results"][0] == expected

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({}, ["code", "name", "type"]),
            ({"code": "a b"}, ["code"]),
            ({"type": "weird"}, ["type"]),
            ({"name": ""}, ["name"]),
            ({"type": "number", "choices": [{"code": "x", "label": "X"}]}, ["choices"]),
            ({"choices": [{"code": "x", "label": "X", "colour": "green"}]}, ["choices.0.colour"]),
            ({"choices": [{"code": "x"}]}, ["choices.0.label"]),
        ],
    )
    def test_what_is_not_right(self, operator: APIClient, body: dict[str, Any], fields: list[str]) -> None:
        given = {"code": "size", "name": "Size", "type": "choice", **body} if body else {}

        assert_refused(operator.post(ATTRIBUTES, given, format="json"), 400, *fields)

    def test_a_code_is_taken_once(self, operator: APIClient) -> None:
        make_attribute("size")

        answer = operator.post(ATTRIBUTES, {"code": "size", "name": "S", "type": "text"}, format="json")

        assert_refused(answer, 409, "code")

    def test_changes_are_shown_at_once_in_the_caller_s_language(self, operator: APIClient) -> None:
        attribute = make_attribute("size", choices=("s", "m"))
        product = make_product("Shirt", attributes=(ValueInput(code="size", value="s"),))
        body = {
            "name": "Размер",
            "choices": [{"code": "s", "label": "Маленький"}, {"code": "l", "label": "Б"}],
        }

        answer = operator.patch(
            f"{ATTRIBUTES}{attribute.pk}/", body, format="json", headers={"Accept-Language": "ru"}
        )

        assert [each["code"] for each in answer.json()["choices"]] == ["s", "m", "l"]
        (shown,) = page_of(product, "ru")["attributes"]
        assert (shown["name"], shown["label"], shown["value"]) == ("Размер", "Маленький", "s")
        assert page_of(product)["attributes"][0]["label"] == "S"
        assert found(search="маленький") == {"Shirt"}

    def test_no_longer_filterable(self, operator: APIClient) -> None:
        attribute = make_attribute("size", choices=("s",))
        make_product("Shirt", attributes=(ValueInput(code="size", value="s"),))
        assert found(attr_size="s") == {"Shirt"}

        operator.patch(f"{ATTRIBUTES}{attribute.pk}/", {"is_filterable": False}, format="json")

        assert (found(attr_size="s"), ask(facets=1)["facets"]["attributes"]) == (set(), [])

    def test_deleting(self, operator: APIClient) -> None:
        attribute = make_attribute("size", choices=("s",))
        product = make_product(attributes=(ValueInput(code="size", value="s"),))
        url = f"{ATTRIBUTES}{attribute.pk}/"

        assert assert_refused(operator.delete(url), 409)["code"] == "attribute_in_use"
        operator.patch(f"/api/v1/products/{product.pk}/", {"attributes": []}, format="json")
        assert operator.delete(url).status_code == 204
        assert_refused(operator.get(url), 404)

    def test_only_operators_write(self) -> None:
        attribute = make_attribute("size")

        for user, status in ((None, 401), (make_user(), 403), (make_merchant().owner, 403)):
            client = make_client(user)
            url = f"{ATTRIBUTES}{attribute.pk}/"
            for answer in (
                client.post(ATTRIBUTES, {"code": "x", "name": "X", "type": "text"}, format="json"),
                client.patch(url, {"name": "x"}, format="json"),
                client.delete(url),
            ):
                assert_refused(answer, status)
        assert Attribute.objects.get().name_en == "Size"


class TestModifierGroups:
    BODY: dict[str, Any] = {
        "name": "Spice", "min_picks": 1, "max_picks": 2,
        "modifiers": [{"name": "Mild"}, {"name": "Hot", "price_delta": "-500.50"}],
    }  # fmt: skip

    def test_making_changing_and_removing(self) -> None:
        merchant = make_merchant()
        client = make_client(merchant.owner)

        made = client.post(GROUPS, self.BODY, format="json")
        url = f"{GROUPS}{made.json()['id']}/"

        assert made.status_code == 201
        mild, hot = made.json()["modifiers"]
        assert made.json() == {**self.BODY, "id": made.json()["id"], "merchant": merchant.pk, "modifiers": [
            {"id": mild["id"], "name": "Mild", "price_delta": "0.00"},
            {"id": hot["id"], "name": "Hot", "price_delta": "-500.50"},
        ]}  # fmt: skip
        assert client.get(url).json() == made.json() == client.get(GROUPS).json()["results"][0]
        product = make_product(merchant=merchant, modifier_group_ids=(made.json()["id"],))
        body = {
            "name": "Heat",
            "min_picks": 0,
            "max_picks": 1,
            "modifiers": [{"id": hot["id"], "name": "Fiery"}],
        }
        put = client.put(url, body, format="json")
        assert (put.status_code, put.json()["name"]) == (200, "Heat")
        assert put.json()["modifiers"] == [{"id": hot["id"], "name": "Fiery", "price_delta": "0.00"}]
        shown = {"merchant": merchant.pk, **page_of(product)["modifier_groups"][0]}
        assert shown == put.json()
        assert client.delete(url).status_code == 204
        assert page_of(product)["modifier_groups"] == []

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"name": ""}, "name"),
            ({"min_picks": 3}, "max_picks"),
            ({"max_picks": 0}, "max_picks"),
            ({"min_picks": -1}, "min_picks"),
            ({"modifiers": [{"name": "x", "price_delta": "much"}]}, "modifiers.0.price_delta"),
            ({"modifiers": [{}]}, "modifiers.0.name"),
            ({"modifiers": None}, "modifiers"),
        ],
    )
    def test_what_is_not_right(self, body: dict[str, Any], field: str) -> None:
        client = make_client(make_merchant().owner)

        assert_refused(client.post(GROUPS, {**self.BODY, **body}, format="json"), 400, field)

    def test_another_merchant_s_is_not_there(self) -> None:
        merchant = make_merchant()
        group = make_modifier_group(merchant, "Onion")
        url = f"{GROUPS}{group.pk}/"

        for user, status in (
            (None, 401), (make_user(), 403), (make_merchant().owner, 404),
            (make_staff(merchant, role="cook").user, 403),
        ):  # fmt: skip
            client = make_client(user)
            assert_refused(client.put(url, self.BODY, format="json"), status)
            assert_refused(client.delete(url), status)
        stranger = make_client(make_merchant().owner)
        assert_refused(stranger.get(url), 404)
        assert stranger.get(GROUPS).json()["results"] == []
        group.refresh_from_db()
        assert group.modifiers.filter(is_active=True).count() == 1

    def test_a_modifier_of_another_group_is_not_taken_over(self) -> None:
        merchant = make_merchant()
        theirs = make_modifier_group(make_merchant(), "Onion").modifiers.get()
        mine = make_modifier_group(merchant, "Garlic")
        body = {**self.BODY, "modifiers": [{"id": theirs.pk, "name": "Stolen"}]}

        answer = make_client(merchant.owner).put(f"{GROUPS}{mine.pk}/", body, format="json")

        theirs.refresh_from_db()
        assert (theirs.name_en, theirs.is_active) == ("Onion", True)
        assert answer.json()["modifiers"][0]["id"] != theirs.pk


class TestTags:
    def test_made_by_tagging_and_renamed_by_operators(self, operator: APIClient) -> None:
        product = make_product("Palov", tags=("Hot dish",))

        answer = operator.patch(
            f"{TAGS}hot-dish/", {"name": "Горячее"}, format="json", headers={"Accept-Language": "ru"}
        )

        assert answer.json() == {"slug": "hot-dish", "name": "Горячее"}
        assert page_of(product, "ru")["tags"] == [{"slug": "hot-dish", "name": "Горячее"}]
        assert page_of(product)["tags"] == [{"slug": "hot-dish", "name": "Hot dish"}]
        assert found(tag="hot-dish") == found(search="горячее") == {"Palov"}

    def test_making_and_removing(self, operator: APIClient) -> None:
        made = operator.post(TAGS, {"name": "Halal"}, format="json")
        product = make_product(tags=("halal",))

        assert (made.status_code, made.json()) == (201, {"slug": "halal", "name": "Halal"})
        assert ask(TAGS)["results"] == [made.json()]
        assert ask(f"{TAGS}halal/") == made.json()
        assert operator.delete(f"{TAGS}halal/").status_code == 204
        assert page_of(product)["tags"] == []
        assert found(tag="halal") == set()
        assert_refused(operator.delete(f"{TAGS}halal/"), 404)

    def test_what_is_not_right(self, operator: APIClient) -> None:
        for body in ({}, {"name": ""}, {"name": "x" * 65}, {"names": {"en": ""}}):
            assert_refused(operator.post(TAGS, body, format="json"), 400, "name")

    def test_only_operators_write(self) -> None:
        make_product(tags=("hot",))

        for user, status in ((None, 401), (make_user(), 403), (make_merchant().owner, 403)):
            client = make_client(user)
            for answer in (
                client.post(TAGS, {"name": "x"}, format="json"),
                client.patch(f"{TAGS}hot/", {"name": "x"}, format="json"),
                client.delete(f"{TAGS}hot/"),
            ):
                assert_refused(answer, status)
        assert Tag.objects.get().name_en == "hot"


def _attributes(number: int) -> None:
    make_attribute(f"a{number}", choices=("x", "y"))


def _groups(number: int) -> None:
    make_modifier_group(make_merchant(), "x", "y")


def _tags(number: int) -> None:
    Tag.objects.create(slug=f"t{number}", name="T")


@pytest.mark.parametrize(
    ("path", "make", "most"), [(ATTRIBUTES, _attributes, 3), (GROUPS, _groups, 4), (TAGS, _tags, 2)]
)
def test_lists_cost_the_same_however_long(
    operator: APIClient, path: str, make: Callable[[int], None], most: int
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert operator.get(path).status_code == 200
        return len(queries)

    make(0)
    one = cost()
    for number in range(1, 6):
        make(number)

    assert cost() == one <= most + 1, "and one for the token"
