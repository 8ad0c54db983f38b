"""Searching over HTTP: /products/?search= and /search/suggestions/, whatever is typed."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from karvon.api.v1.catalog.tests.reading import PRODUCTS, ask, found, titles
from karvon.catalog.tests.factories import make_category, make_product
from karvon.media.tests.pictures import sample

pytestmark = pytest.mark.django_db

SUGGESTIONS = "/api/v1/search/suggestions/"


def test_best_first_with_filters_and_an_order() -> None:
    clothes = make_category("Clothes")
    make_product("Linen shirt", category=clothes, price=30)
    make_product("Shirt", price=20)
    make_product("Hanger", category=clothes, description="for a shirt", price=10)

    assert titles(ask(search="shirt"))[-1] == "Hanger"
    assert titles(ask(search="shirt", ordering="price")) == ["Hanger", "Shirt", "Linen shirt"]
    assert found(search="shirt", category="clothes", price_min=20) == {"Linen shirt"}


def test_misspelled_with_facets() -> None:
    make_product("Chicken lavash", category=make_category("Rolls"))

    page = ask(search="chiken lavosh", facets=1)

    assert (page["count"], titles(page)) == (1, ["Chicken lavash"])
    assert [(each["slug"], each["count"]) for each in page["facets"]["categories"]] == [("rolls", 1)]


def test_a_search_of_no_letter_finds_nothing() -> None:
    make_product("Lamp")

    assert ask(search="!?")["count"] == 0
    assert ask(search="   ")["count"] == 1, "nothing asked"


def test_suggestions() -> None:
    product = make_product(titles={"en": "Green tea", "ru": "Зелёный чай"})

    assert ask(SUGGESTIONS, q="gree")["results"] == [
        {"type": "product", "id": product.pk, "slug": "green-tea", "text": "Green tea"}
    ]
    assert ask(SUGGESTIONS, q="зелен", language="ru")["results"][0]["text"] == "Зелёный чай"
    assert ask(SUGGESTIONS)["results"] == ask(SUGGESTIONS, q="")["results"] == []


def test_what_suggestions_and_corrections_cost() -> None:
    make_product("Green tea")

    for path, params, most in (
        (SUGGESTIONS, {"q": "gre"}, 1),
        (SUGGESTIONS, {"q": "graen"}, 5),
        (PRODUCTS, {"search": "graen"}, 10),
    ):
        with CaptureQueriesContext(connection) as queries:
            ask(path, **params)
        assert len(queries) <= most, (params, len(queries))


class TestHostileInput:
    """The big list of naughty strings, and some more."""

    @pytest.fixture
    def naughty(self) -> list[str]:
        make_product("Lamp", tags=("bright",), category=make_category("Lamps"))
        more = [
            "'",
            "\\",
            "\x00",
            "%",
            "a" * 5000,
            "& | !",
            "a & b | !c:*",
            "(",
            "):",
            "ا" * 300,
            "'a':1A",
            "\ud7ff",
        ]
        return [*json.loads(sample("hostile/strings/blns.json").read_text()), *more]

    def test_in_searches(self, naughty: list[str]) -> None:
        for text in naughty[::6]:
            answer = APIClient().get(PRODUCTS, {"search": text})
            assert answer.status_code in (200, 400), (text, answer.content)

    @pytest.mark.parametrize(
        "name",
        ["category", "merchant", "collection", "tag", "attr_size", "ordering", "cursor", "price_min", "q"],
    )
    def test_in_everything_else(self, naughty: list[str], name: str) -> None:
        path = SUGGESTIONS if name == "q" else PRODUCTS
        for text in naughty[::29]:
            answer = APIClient().get(path, {name: text, "facets": "1"} if name == "tag" else {name: text})
            assert answer.status_code in (200, 400), (name, text, answer.content)
