"""GET /products/?facets=1: how many products each further choice would leave."""

from __future__ import annotations

from typing import Any

import pytest

from karvon.api.v1.catalog.tests.reading import ask
from karvon.catalog.inputs import ValueInput
from karvon.catalog.models import Product
from karvon.catalog.tests.factories import make_attribute, make_category, make_product, variant_input
from karvon.catalog.window import record_rating
from karvon.merchants.tests.factories import make_merchant

pytestmark = pytest.mark.django_db

SHIRTS = (
    # title, price, size, colour, in stock, ratings
    ("Linen shirt", 100, "s", "red", True, (5,)),
    ("Cotton shirt", 200, "m", "red", True, (4,)),
    ("Silk shirt", 300, "m", "blue", False, ()),
)


@pytest.fixture
def shop() -> None:
    clothes = make_category("Clothes")
    shirts = make_category("Shirts", parent=clothes)
    make_attribute("size", choices=("s", "m", "l"), position=1)
    make_attribute("colour", choices=("red", "blue"), position=2)
    merchant = make_merchant()
    for title, price, size, colour, in_stock, ratings in SHIRTS:
        product = make_product(
            title, merchant=merchant, category=shirts, variants=(variant_input(price, tracks_stock=not in_stock),),
            attributes=(ValueInput(code="size", value=size), ValueInput(code="colour", value=colour)),
        )  # fmt: skip
        Product.objects.filter(pk=product.pk).update(rating_sum=sum(ratings), reviews_count=len(ratings))
        record_rating(product.pk, sum(ratings), len(ratings))
    make_product("Lamp", price=50, category=make_category("Lamps"), merchant=merchant)


def facets(**params: Any) -> dict[str, Any]:
    return ask(facets=1, **params)["facets"]


def of_attribute(found: dict[str, Any], code: str) -> dict[str, int]:
    values = next((each["values"] for each in found["attributes"] if each["code"] == code), [])
    return {each["value"]: each["count"] for each in values}


def of_categories(found: dict[str, Any]) -> dict[str, int]:
    return {each["slug"]: each["count"] for each in found["categories"]}


def test_only_when_asked_for(shop: None) -> None:
    assert "facets" not in ask()
    assert "facets" not in ask(facets=0)


def test_without_filters(shop: None) -> None:
    found = facets()

    assert of_categories(found) == {"clothes": 3, "shirts": 3, "lamps": 1}
    assert found["price"] == {"min": "50.00", "max": "300.00"}
    assert of_attribute(found, "size") == {"s": 1, "m": 2}
    assert of_attribute(found, "colour") == {"red": 2, "blue": 1}
    assert found["rating"] == [
        {"min": least, "count": count} for least, count in ((4, 2), (3, 2), (2, 2), (1, 2))
    ]
    assert found["availability"] == {"in_stock": 3, "sold_out": 1}


def test_their_shape(shop: None) -> None:
    found = facets()

    size = next(each for each in found["attributes"] if each["code"] == "size")
    assert size == {
        "code": "size",
        "name": "Size",
        "values": [
            {"value": "s", "label": "S", "colour": None, "count": 1},
            {"value": "m", "label": "M", "colour": None, "count": 2},
        ],
    }
    clothes, shirts = (
        next(each for each in found["categories"] if each["slug"] == slug) for slug in ("clothes", "shirts")
    )
    assert clothes == {"id": clothes["id"], "slug": "clothes", "name": "Clothes", "parent": None, "count": 3}
    assert shirts["parent"] == clothes["id"]


def test_each_ignores_its_own_filter_and_keeps_the_others(shop: None) -> None:
    found = facets(attr_colour="red", price_max=150)

    assert of_attribute(found, "colour") == {"red": 1}, "among those of 150 at most"
    assert of_attribute(found, "size") == {"s": 1}
    assert found["price"] == {"min": "100.00", "max": "200.00"}, "among the red ones"
    assert of_categories(found) == {"clothes": 1, "shirts": 1}


def test_a_chosen_category_still_shows_the_others(shop: None) -> None:
    found = facets(category="lamps")

    assert of_categories(found) == {"clothes": 3, "shirts": 3, "lamps": 1}
    assert found["attributes"] == []


def test_availability_and_rating(shop: None) -> None:
    found = facets(in_stock=1, rating_min=5)

    assert found["availability"] == {"in_stock": 1, "sold_out": 0}
    assert found["rating"] == [{"min": least, "count": 2} for least in (4, 3, 2, 1)]


def test_with_a_search(shop: None) -> None:
    found = facets(search="shirt", attr_size="m")

    assert of_categories(found) == {"clothes": 2, "shirts": 2}
    assert of_attribute(found, "size") == {"s": 1, "m": 2}


def test_nothing_found(shop: None) -> None:
    found = facets(search="zzzzqqqq")

    assert (of_categories(found), found["attributes"]) == ({}, [])
    assert (found["price"], found["availability"]) == (
        {"min": "0.00", "max": "0.00"},
        {"in_stock": 0, "sold_out": 0},
    )
    assert sorted(facets(category="nowhere")) == sorted(found), "the same fields where a name is unknown"


def test_they_follow_every_write(shop: None) -> None:
    before = facets()["availability"]["in_stock"]

    make_product("Another lamp")

    assert facets()["availability"]["in_stock"] == before + 1


def test_in_the_caller_s_language() -> None:
    make_attribute("size", choices=("s",))
    category = make_category(names={"en": "Shirts", "ru": "Рубашки"})
    make_product(category=category, attributes=(ValueInput(code="size", value="s"),))

    found = ask(facets=1, language="ru")["facets"]

    assert found["categories"][0]["name"] == "Рубашки"
