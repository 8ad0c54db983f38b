"""GET /products/{id or slug}/: the page, its languages, its ETag and its cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.v1.catalog.tests.reading import PRODUCTS, ask, assert_refused
from karvon.catalog import services
from karvon.catalog.inputs import ProductInput, ValueInput
from karvon.catalog.models import Product
from karvon.catalog.services.modifiers import ModifierInput
from karvon.catalog.tests.factories import (
    make_attribute,
    make_category,
    make_collection,
    make_modifier_group,
    make_product,
    variant_input,
)
from karvon.inventory.services import receive_stock
from karvon.merchants.tests.factories import make_merchant

pytestmark = pytest.mark.django_db


def url_of(product: Product) -> str:
    return f"{PRODUCTS}{product.pk}/"


def value(code: str, content: str | bool) -> ValueInput:
    return ValueInput(code=code, value=content)


def test_the_page_has_the_list_s_fields_and_more() -> None:
    category = make_category("Shirts", parent=make_category("Clothes"))
    merchant = make_merchant()
    make_attribute("size", choices=("s", "m"), is_option=True)
    make_attribute("weight", type="number", unit="g")
    group = make_modifier_group(merchant, "Gift paper", "Card", price_delta="-500.5")
    product = make_product(
        "Shirt", merchant=merchant, category=category, description="<p>Linen</p>", vendor="Weaver",
        attributes=(value("weight", "200"),), modifier_group_ids=(group.pk,),
        variants=(
            variant_input("100", sku="S-1", tracks_stock=True, options=(value("size", "s"),), barcode="4780"),
            variant_input("120", sku="M-1", compare_at_price=Decimal(150), weight_grams=210, titles={"en": "M"}),
        ),
    )  # fmt: skip
    collection = make_collection("Summer", products=[product])
    small, medium = product.variants.order_by("position")
    receive_stock(variant_id=small.pk, branch_id=merchant.branches.get().pk, quantity=3, actor=None)

    listed, page = ask()["results"][0], ask(url_of(product))

    assert {**page, **listed, "description": "<p>Linen</p>"} == page
    assert (page["kind"], page["vendor"], page["images"]) == ("physical", "Weaver", [])
    assert [each["slug"] for each in page["categories"]] == ["clothes", "shirts"]
    assert page["collections"] == [{"id": collection.pk, "slug": "summer", "title": "Summer"}]
    assert page["attributes"] == [
        {
            "code": "weight",
            "name": "Weight",
            "type": "number",
            "value": "200",
            "label": "200 g",
            "colour": None,
        }
    ]
    assert page["variants"] == [
        {
            "id": small.pk, "sku": "S-1", "title": "", "price": "100.00", "compare_at_price": None,
            "barcode": "4780", "weight_grams": None, "tracks_stock": True, "stock": 3, "in_stock": True,
            "options": {"size": {"name": "Size", "type": "choice", "value": "s", "label": "S", "colour": None}},
            "image": None,
        },
        {
            "id": medium.pk, "sku": "M-1", "title": "M", "price": "120.00", "compare_at_price": "150.00",
            "barcode": None, "weight_grams": 210, "tracks_stock": False, "stock": None, "in_stock": True,
            "options": {}, "image": None,
        },
    ]  # fmt: skip
    assert page["modifier_groups"] == [
        {
            "id": group.pk, "name": group.name_en, "min_picks": 0, "max_picks": 1,
            "modifiers": [
                {"id": each.pk, "name": each.name_en, "price_delta": "-500.50"} for each in group.modifiers.all()
            ],
        }
    ]  # fmt: skip


def test_all_five_types_of_attributes() -> None:
    make_attribute("material", choices=("linen",), position=1)
    make_attribute("weight", type="number", position=2)
    make_attribute("author", type="text", position=3)
    make_attribute("washable", type="boolean", position=4)
    services.create_attribute(
        actor=None, code="shade", names={"en": "Shade"}, type="colour", position=5,
        choices=[ValueInput(code="", value="red", labels={"en": "Red"}, colour="#ff0000")],
    )  # fmt: skip
    product = make_product(
        attributes=(
            value("material", "linen"), value("weight", "1.500"), value("author", "Navoiy"),
            value("washable", False), value("shade", "red"),
        )
    )  # fmt: skip

    page = ask(url_of(product))

    assert [(each["type"], each["value"], each["label"], each["colour"]) for each in page["attributes"]] == [
        ("choice", "linen", "Linen", None),
        ("number", "1.5", "1.5", None),
        ("text", "Navoiy", "Navoiy", None),
        ("boolean", False, "", None),
        ("colour", "red", "Red", "#ff0000"),
    ]


def test_by_slug_of_any_script() -> None:
    product = make_product(slug="o-zbek-палов", titles={"en": "Palov"})
    digits = make_product(slug="2024")

    assert ask(f"{PRODUCTS}o-zbek-палов/")["id"] == product.pk
    assert ask(f"{PRODUCTS}o-zbek-палов")["id"] == product.pk
    assert digits.slug != str(product.pk)


def test_a_withdrawn_modifier_is_not_offered() -> None:
    merchant = make_merchant()
    group = make_modifier_group(merchant, "Onion", "Garlic")
    product = make_product(merchant=merchant, modifier_group_ids=(group.pk,))
    onion = group.modifiers.get(name_en="Onion")

    services.update_modifier_group(
        group_id=group.pk, actor=None, modifiers=[ModifierInput(names={"en": "Onion"}, id=onion.pk)]
    )

    assert [each["name"] for each in ask(url_of(product))["modifier_groups"][0]["modifiers"]] == ["Onion"]


@pytest.mark.parametrize("key", ["0", "999999", "nothing", "9" * 40, "-1", "a%ff", "..", "слово", "1e3"])
def test_what_is_not_there(key: str) -> None:
    assert_refused(APIClient().get(f"{PRODUCTS}{key}/"), 404)


def test_what_is_not_shown() -> None:
    merchant = make_merchant()
    draft = make_product(merchant=merchant, state="draft")

    for client in (APIClient(), make_client(merchant.owner)):
        assert_refused(client.get(url_of(draft)), 404)
        assert_refused(client.get(f"{PRODUCTS}{draft.slug}/"), 404)


class TestLanguages:
    TEXTS = {"uz": "Palov", "ru": "Плов", "en": "Pilaf", "ar": "بيلاف"}

    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("uz", "Palov"), ("ru-RU,en;q=0.5", "Плов"), ("ar", "بيلاف"), ("de,fr", "Pilaf"), ("", "Pilaf"),
            ("en;q=0.2,uz;q=0.9", "Palov"), ("*;;;q=x", "Pilaf"),
        ],
    )  # fmt: skip
    def test_each(self, header: str, expected: str) -> None:
        product = make_product(titles=self.TEXTS, category=make_category(names=self.TEXTS))

        page = ask(url_of(product), language=header)

        assert (page["title"], page["category_name"], page["categories"][0]["name"]) == (expected,) * 3
        assert ask(language=header)["results"][0]["title"] == expected

    def test_what_is_missing_falls_back(self) -> None:
        """To the seller's language, then English, then whatever there is."""
        uzbek = make_merchant(default_language="uz")
        both = make_product(merchant=uzbek, titles={"uz": "Non", "en": "Bread"})
        english = make_product(merchant=uzbek, titles={"en": "Cake", "ru": "Торт"})
        arabic = make_product(merchant=uzbek, titles={"ar": "شاي"})

        shown = [ask(url_of(each), language="ru")["title"] for each in (both, english, arabic)]

        assert shown == ["Non", "Торт", "شاي"]
        assert ask(url_of(english), language="ar")["title"] == "Cake"

    def test_a_cache_is_told(self) -> None:
        product = make_product()

        for path in (PRODUCTS, url_of(product)):
            assert "Accept-Language" in APIClient().get(path)["Vary"]


class TestTags:
    def test_unchanged_is_not_sent_again(self) -> None:
        url = url_of(make_product())
        tag = APIClient().get(url)["ETag"]

        again = APIClient().get(url, headers={"If-None-Match": tag})
        of_many = APIClient().get(url, headers={"If-None-Match": f'"other", W/{tag}'})

        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
        assert "Accept-Language" in again["Vary"]
        assert of_many.status_code == 304
        assert APIClient().get(url, headers={"If-None-Match": '"other"'}).status_code == 200

    def test_every_change_has_another(self) -> None:
        category = make_category("Lamps")
        merchant = make_merchant()
        product = make_product(
            merchant=merchant, category=category, variants=(variant_input(tracks_stock=True),)
        )
        url = url_of(product)

        tags = [APIClient().get(url)["ETag"], APIClient().get(url, headers={"Accept-Language": "ru"})["ETag"]]
        services.update_product(product_id=product.pk, product=ProductInput(vendor="X"), actor=None)
        tags.append(APIClient().get(url)["ETag"])
        receive_stock(
            variant_id=product.variants.get().pk, branch_id=merchant.branches.get().pk, quantity=1, actor=None
        )
        tags.append(APIClient().get(url)["ETag"])
        services.update_category(category_id=category.pk, actor=None, names={"en": "Lights"})
        tags.append(APIClient().get(url)["ETag"])

        assert len(set(tags)) == 5 - (tags[0] == tags[1])


class TestCost:
    def test_one_query(self) -> None:
        product = make_product()

        for key in (str(product.pk), product.slug):
            with CaptureQueriesContext(connection) as queries:
                ask(f"{PRODUCTS}{key}/")
            assert len(queries) == 1

    def test_one_query_with_a_token(self) -> None:
        product, client = make_product(), make_client(make_user())

        with CaptureQueriesContext(connection) as queries:
            assert client.get(url_of(product)).status_code == 200
        assert len(queries) == 1


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic abc", "JWT a.b.c", "Bearer \xff"])
def test_a_bad_token_is_refused(header: str) -> None:
    product = make_product()

    for path in (PRODUCTS, url_of(product)):
        answer = APIClient().get(path, HTTP_AUTHORIZATION=header)
        assert_refused(answer, 401)
        assert "Bearer" in answer["WWW-Authenticate"]
