"""People of one shop never see, find or change the rows of another."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model

from karvon.accounts.models import User
from karvon.backoffice.tests.town import Shop, address, make_town, open_as
from karvon.catalog.models import Product, ProductState
from karvon.inventory.models import StockLevel
from karvon.orders.models import Fulfilment

pytestmark = pytest.mark.django_db

OWNERS = ["owner", "manager", "cook"]


def find_person(name: str, shop: Shop) -> User:
    return {"owner": shop.merchant.owner, "manager": shop.manager, "cook": shop.cook}[name]


def listed(browser: Any, row: Model, **query: Any) -> set[int]:
    answer = browser.get(address(row, "changelist", **query))
    # 400: no filter of this page
    assert answer.status_code in (200, 400, 403)
    return {each.pk for each in answer.context["cl"].result_list} if answer.status_code == 200 else set()


@pytest.mark.parametrize("person", OWNERS)
def test_lists_hold_only_the_own_rows(person):
    own, other = make_town()
    user = find_person(person, own)

    for mine, theirs in zip(own.rows(), other.rows(), strict=True):
        page = admin.site._registry[type(mine)]
        seen = set(page.visible(type(mine)._default_manager.all(), user).values_list("pk", flat=True))
        assert theirs.pk not in seen, page
        if person == "owner":
            assert mine.pk in seen, page


def test_no_filter_of_an_address_reaches_another_shop():
    own, other = make_town()
    browser = open_as(own.merchant.owner)
    theirs = other.merchant.pk

    for query in (
        {"q": "Beta"},
        {"merchant__id__exact": theirs},
        {"merchant": theirs},
        {"id__exact": other.product.pk},
    ):
        assert listed(browser, other.product, **query) <= {own.product.pk}, query
    for query in ({"q": other.part.number}, {"branch__id__exact": other.part.branch_id}):
        assert listed(browser, other.part, **query) <= {own.part.pk}, query
    # a way through other rooms' columns is no filter at all
    assert (
        browser.get(address(Product, "changelist", merchant__owner__email__startswith="a")).status_code == 400
    )


@pytest.mark.parametrize("person", OWNERS)
def test_another_shops_row_is_not_there(person):
    own, other = make_town()
    browser = open_as(find_person(person, own))

    for theirs in other.rows():
        for name in ("change", "history", "delete"):
            url = address(theirs, name, theirs.pk)
            for answer in (browser.get(url), browser.post(url, {"post": "yes"})):
                # not there, or not for this role: the same for rows that exist nowhere
                assert answer.status_code in (302, 403, 404), url
                if answer.status_code == 302:
                    assert answer["Location"] == "/admin/", url
        assert type(theirs)._default_manager.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize(
    ("row", "page"),
    [
        ("level", "adjust"), ("level", "receive"), ("level", "transfer"), ("part", "advance"), ("part", "reject"),
        ("part", "cancel-units"), ("product", "pictures"), ("product", "stock"), ("review", "reply"), ("review", "hide"),
        ("merchant", "suspend"), ("merchant", "close"), ("job", "download"), ("job", "progress"),
    ],
)  # fmt: skip
def test_nothing_can_be_done_to_another_shops_row(row, page):
    own, other = make_town()
    browser = open_as(own.merchant.owner)
    theirs = getattr(other, row)
    url = address(theirs, "change", theirs.pk).removesuffix("change/") + f"{page}/"
    given = {"on_hand": 0, "quantity": 1, "to": "preparing", "reason": "mine now", "comment": "mine now"}

    assert browser.get(url).status_code in (403, 404)
    assert browser.post(url, given).status_code in (403, 404)

    for kept in (other.level, other.part, other.review, other.merchant):
        before = {field.name: getattr(kept, field.attname) for field in kept._meta.concrete_fields}
        now = type(kept)._default_manager.get(pk=kept.pk)
        assert {field.name: getattr(now, field.attname) for field in now._meta.concrete_fields} == before


def test_actions_on_a_list_leave_another_shops_rows_alone():
    own, other = make_town()
    browser = open_as(own.merchant.owner)
    chosen = {"_selected_action": [own.product.pk, other.product.pk]}

    browser.post(address(Product, "changelist"), {"action": "archive", **chosen})
    browser.post(address(Product, "changelist"), {"action": "delete_selected", "post": "yes", **chosen})
    browser.post(
        address(Fulfilment, "changelist"), {"action": "take_next_step", "_selected_action": [other.part.pk]}
    )

    theirs = Product.objects.get(pk=other.product.pk)
    assert (theirs.state, theirs.deleted_at) == (ProductState.PUBLISHED, None)
    assert Product.objects.get(pk=own.product.pk).deleted_at is not None
    assert Fulfilment.objects.get(pk=other.part.pk).state == other.part.state


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [
        ("catalog", "productimage", "asset"),
        ("promotions", "promotion", "products"),
        ("promotions", "promotion", "merchant"),
    ],
)
def test_choices_found_by_typing_are_the_own_ones(app, model, field):
    own, _other = make_town()
    browser = open_as(own.merchant.owner)
    query = {"app_label": app, "model_name": model, "field_name": field}

    found = browser.get("/admin/autocomplete/", query | {"term": ""}).json()["results"]
    searched = browser.get("/admin/autocomplete/", query | {"term": "Beta"}).json()["results"]

    assert len(found) == 1
    assert searched == []


def test_the_search_of_the_side_bar_finds_only_the_own():
    own, other = make_town()
    browser = open_as(own.merchant.owner)

    for words, is_found in (("Alpha lamp", True), ("Beta lamp", False), (other.order.number, False)):
        html = browser.get("/admin/search/", {"s": words, "extended": 1}).content.decode()
        assert (f"/admin/catalog/product/{own.product.pk}/" in html) is is_found
        for theirs in (other.product, other.order, other.part):
            assert address(theirs, "change", theirs.pk) not in html


def test_rows_cannot_be_moved_into_another_shop():
    own, other = make_town()
    browser = open_as(own.merchant.owner)
    page = address(own.promotion, "add")

    answer = browser.post(
        page, {"merchant": other.merchant.pk, "kind": "percent", "value": "99", "code": "STOLEN1"}
    )

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["merchant"]
    assert not type(own.promotion).objects.filter(code="STOLEN1").exists()


def test_stock_is_received_only_at_own_branches():
    own, other = make_town()
    browser = open_as(own.merchant.owner)
    url = address(StockLevel, "changelist") + "receive-new/"

    answer = browser.post(url, {"sku": "BETA-1", "branch": other.level.branch_id, "quantity": 5})
    tricked = browser.post(url, {"sku": "BETA-1", "branch": own.level.branch_id, "quantity": 5})

    assert answer.context["form"].errors["branch"]
    assert tricked.context["form"].errors["sku"]
    assert StockLevel.objects.get(pk=other.level.pk).on_hand == other.level.on_hand
