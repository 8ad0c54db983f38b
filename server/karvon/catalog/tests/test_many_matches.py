"""Searches and suggestions for words that a large part of the catalogue has."""

from __future__ import annotations

import pytest

from karvon.accounts.tests.factories import make_client
from karvon.catalog.models import Product, WindowRow
from karvon.catalog.search import matching
from karvon.catalog.search.suggesting import suggest
from karvon.catalog.tests.factories import make_products
from karvon.catalog.window import record_popularity

URL = "/api/v1/products/"


@pytest.fixture
def goods(db, monkeypatch) -> list[Product]:
    """Nine products that have the word, three of them in their titles, with rising sales; more than are ranked."""
    monkeypatch.setattr(matching, "MOST_RANKED", 4)
    described = make_products(6, title="Desk", description_en="With a lamp on it.")
    titled = make_products(3, title="Lamp")
    make_products(2, title="Chair")
    record_popularity({each.pk: place for place, each in enumerate([*described, *titled])})
    WindowRow.objects.filter(pk=titled[2].pk).update(in_stock=False)
    return [*described, *titled]


def found(query: str) -> list[str]:
    return [each["title"] for each in make_client().get(f"{URL}?{query}").json()["results"]]


def test_titles_go_first_then_what_is_in_stock_then_what_sells_best(goods):
    assert found("search=lamp") == [
        "Lamp 1", "Lamp 0", "Lamp 2", "Desk 5", "Desk 4", "Desk 3", "Desk 2", "Desk 1", "Desk 0",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9, 20])
def test_pages_of_any_size_hold_each_match_once(goods, size):
    whole = found("search=lamp")

    pages, address = [], f"{URL}?search=lamp&page_size={size}"
    while address:
        page = make_client().get(address).json()
        assert page["count"] == 9
        pages += [each["title"] for each in page["results"]]
        address = page["next"]

    assert pages == whole


def test_filters_hold_for_both_kinds_of_matches(goods):
    assert found("search=lamp&in_stock=0") == ["Lamp 2"]
    assert found("search=lamp&price_min=5000") == []
    merchant = goods[6].merchant.username
    assert found(f"search=lamp&merchant={merchant}") == ["Lamp 1", "Lamp 0", "Lamp 2"]


def test_a_search_costs_two_queries_and_one_when_its_count_is_known(
    goods, django_assert_num_queries, transactional_db
):
    with django_assert_num_queries(2):
        found("search=lamp")
    with django_assert_num_queries(1):
        found("search=lamp")


def test_suggestions_begin_with_the_word_before_they_contain_it(db):
    inside = make_products(2, title="Oak desk")
    begins = make_products(2, title="Desk")
    record_popularity({each.pk: 9 - place for place, each in enumerate([*inside, *begins])})

    assert [each["text"] for each in suggest("desk", "en")] == [
        "Desk 0",
        "Desk 1",
        "Oak desk 0",
        "Oak desk 1",
    ]
    assert [each["text"] for each in suggest("desk", "en", limit=3)] == ["Desk 0", "Desk 1", "Oak desk 0"]
    assert [each["text"] for each in suggest("dessk", "en", limit=1)] == ["Oak desk 0"]
    assert suggest("kettle", "en") == []
