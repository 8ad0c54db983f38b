"""POST /products/; PUT, PATCH, DELETE /products/{id}/; /merchant/products/: who may, what changes, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.v1.catalog.tests.reading import PRODUCTS, ask, assert_refused, found
from karvon.catalog.models import Product, Variant
from karvon.catalog.tests.factories import (
    make_attribute,
    make_category,
    make_modifier_group,
    make_product,
    make_products,
    variant_input,
)
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant, make_staff

pytestmark = pytest.mark.django_db

OWN = "/api/v1/merchant/products/"
LISTED = {
    "id", "title", "slug", "description", "price", "currency", "category", "category_name", "image",
    "stock_quantity", "created_at", "updated_at", "average_rating", "reviews_count", "merchant", "price_min",
    "price_max", "compare_at_price", "in_stock", "tags",
}  # fmt: skip


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


@pytest.fixture
def client(merchant: Merchant) -> APIClient:
    return make_client(merchant.owner)


def post(client: APIClient, status: int = 201, **body: Any) -> dict[str, Any]:
    answer = client.post(PRODUCTS, {"title": "Shirt", "price": "10", **body}, format="json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def url_of(product: Product) -> str:
    return f"{PRODUCTS}{product.pk}/"


class TestMaking:
    def test_by_the_documented_fields(self, client: APIClient, merchant: Merchant) -> None:
        category = make_category("Shirts")

        made = post(
            client, title="Linen shirt", description="<p>Cool</p>", price="250000.50", category=category.pk,
            stock_quantity=7, tags=["Linen"],
        )  # fmt: skip

        assert set(made) >= LISTED
        assert (made["price"], made["category"], made["category_name"]) == (
            "250000.50",
            category.pk,
            "Shirts",
        )
        assert made["merchant"] == {"id": merchant.pk, "username": merchant.username, "name": merchant.name}
        assert made["tags"] == [{"slug": "linen", "name": "Linen"}]
        assert (made["stock_quantity"], made["in_stock"], made["description"]) == (7, True, "<p>Cool</p>")
        shown = ask(f"{PRODUCTS}{made['id']}/")
        assert {name: shown[name] for name in LISTED} == {name: made[name] for name in LISTED}

    def test_with_everything(self, client: APIClient, merchant: Merchant) -> None:
        make_attribute("size", choices=("s", "m"), is_option=True)
        make_attribute("author", type="text")
        group = make_modifier_group(merchant, "Wrap")

        made = post(
            client, titles={"ru": "Рубашка", "uz": "Ko‘ylak"}, slug="my-shirt", handle="h-1", kind="physical",
            vendor="Weaver", state="draft", publish_at="2030-01-01T00:00:00Z", unpublish_at="2031-01-01T00:00:00Z",
            attributes=[{"code": "author", "value": "Navoiy"}], modifier_groups=[group.pk],
            variants=[
                {"sku": "S", "price": "10", "compare_at_price": "12", "barcode": "1", "weight_grams": 5,
                 "title": "Small", "stock_quantity": 3, "options": [{"code": "size", "value": "s"}]},
                {"sku": "M", "price": "11", "tracks_stock": False},
            ],
        )  # fmt: skip

        assert made["titles"] == {"uz": "Ko‘ylak", "ru": "Рубашка", "en": "Shirt", "ar": ""}
        assert (made["slug"], made["handle"], made["state"]) == ("my-shirt", "h-1", "draft")
        assert (made["publish_at"], made["modifier_groups"]) == ("2030-01-01T00:00:00Z", [group.pk])
        assert made["attributes"] == {"author": "Navoiy"}
        assert [(each["sku"], each["price"], each["options"]) for each in made["variants"]] == [
            ("S", "10.00", {"size": "s"}),
            ("M", "11.00", {}),
        ]
        assert made["variants"][0]["titles"]["en"] == "Small"
        assert (made["price_min"], made["price_max"], made["stock_quantity"]) == ("10.00", "11.00", 3)
        assert found() == set(), "a draft is not shown"

    def test_many_with_a_price_alone(self, client: APIClient) -> None:
        """Their SKUs are made from their slugs, which are made from their titles."""
        made = [post(client) for _ in range(3)]

        assert len({each["slug"] for each in made}) == 3
        assert [each["variants"][0]["sku"] for each in made] == [each["slug"] for each in made]
        assert [each["state"] for each in made] == ["published"] * 3

    def test_the_title_is_in_the_language_of_the_request(self, client: APIClient) -> None:
        answer = client.post(
            PRODUCTS, {"title": "Плов", "price": 5}, format="json", headers={"Accept-Language": "ru"}
        )

        assert answer.json()["titles"] == {"uz": "", "ru": "Плов", "en": "", "ar": ""}
        assert answer.json()["slug"] == "плов"

    def test_html_is_made_harmless(self, client: APIClient) -> None:
        made = post(
            client, description='<p onclick="x()">Hi<script>alert(1)</script></p><img src=x onerror=y>'
        )

        assert made["description"] == "<p>Hi</p>"

    def test_a_dish_of_a_restaurant(self) -> None:
        owner = make_merchant(kind="restaurant").owner

        assert post(make_client(owner))["kind"] == "food"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": "x" * 256}, "title"),
            ({"title": None}, "title"),
            ({"title": "a\x00b"}, "title"),
            ({"titles": {"de": "Hemd"}}, "titles"),
            ({"titles": "Hemd"}, "titles"),
            ({"price": "-1"}, "price"),
            ({"price": "1.234"}, "price"),
            ({"price": "1e20"}, "price"),
            ({"price": "NaN"}, "price"),
            ({"price": None}, "price"),
            ({"category": 10**9}, "category"),
            ({"category": 10**30}, "category"),
            ({"category": "shirts"}, "category"),
            ({"kind": "alive"}, "kind"),
            ({"state": "hidden"}, "state"),
            ({"tags": "red"}, "tags"),
            ({"tags": ["x" * 65]}, "tags.0"),
            ({"tags": ["x"] * 51}, "tags"),
            ({"stock_quantity": -1}, "stock_quantity"),
            ({"publish_at": "soon"}, "publish_at"),
            ({"publish_at": "2031-01-01T00:00:00Z", "unpublish_at": "2030-01-01T00:00:00Z"}, "unpublish_at"),
            ({"modifier_groups": [10**9]}, "modifier_groups"),
            ({"variants": []}, "title"),
            ({"variants": [{"sku": "A"}]}, "price"),
            ({"variants": [{"price": "1"}]}, "variants.0.sku"),
            ({"variants": [{"sku": "A", "price": "1"}, {"sku": "a", "price": "1"}]}, "variants"),
            ({"variants": [{"sku": "A\nB", "price": "1"}]}, "variants"),
            ({"variants": [{"sku": "A", "price": "1", "weight_grams": -1}]}, "variants.0.weight_grams"),
            ({"attributes": [{"code": "size", "value": [1]}]}, "attributes.0.value"),
            ({"attributes": [{"code": "size", "value": "\x00"}]}, "attributes.0.value"),
            ({"attributes": [{"code": "size", "value": "s"}] * 2}, "attributes"),
            ({"attributes": [{"code": "weight", "value": "heavy"}]}, "attributes"),
            ({"attributes": [{"code": "weight", "value": "1e99"}]}, "attributes"),
            ({"attributes": [{"code": "washable", "value": "perhaps"}]}, "attributes"),
        ],
        ids=lambda each: ascii(each)[:60] if isinstance(each, dict) else None,
    )
    def test_what_is_not_right(self, client: APIClient, body: dict[str, Any], field: str) -> None:
        make_attribute("size", choices=("s",))
        make_attribute("weight", type="number")
        make_attribute("washable", type="boolean")

        answer = client.post(PRODUCTS, {"title": "Shirt", "price": "1", **body}, format="json")

        assert_refused(answer, 400, field)

    @pytest.mark.parametrize("missing", ["title", "price"])
    def test_what_is_missing(self, client: APIClient, missing: str) -> None:
        body = {"title": "Shirt", "price": "1"}
        del body[missing]

        assert_refused(client.post(PRODUCTS, body, format="json"), 400, "title")

    @pytest.mark.parametrize("code", ["material", "size"])
    def test_unknown_attributes_and_choices(self, client: APIClient, code: str) -> None:
        make_attribute("size", choices=("s",))

        answer = client.post(
            PRODUCTS, {"title": "x", "price": 1, "attributes": [{"code": code, "value": "xl"}]}, format="json"
        )

        assert assert_refused(answer, 400)["code"] == "unknown_attribute"

    def test_a_sku_of_another_product(self, client: APIClient) -> None:
        post(client, sku="ABC")

        answer = client.post(PRODUCTS, {"title": "x", "price": 1, "sku": "abc"}, format="json")

        assert assert_refused(answer, 409)["code"] == "sku_taken"
        post(make_client(make_merchant().owner), sku="ABC")

    def test_a_handle_of_another_product(self, client: APIClient) -> None:
        post(client, handle="h")

        answer = client.post(PRODUCTS, {"title": "x", "price": 1, "handle": "h"}, format="json")

        assert assert_refused(answer, 409, "handle")["code"] == "handle_taken"


class TestWho:
    def test_people_of_several_merchants_say_which(self, merchant: Merchant, client: APIClient) -> None:
        second = make_merchant(owner=merchant.owner)

        assert_refused(client.post(PRODUCTS, {"title": "x", "price": 1}, format="json"), 400, "merchant")
        assert post(client, merchant=second.pk)["merchant"]["id"] == second.pk

    def test_operators_write_for_any_merchant(self, merchant: Merchant) -> None:
        for role in (Role.STAFF, Role.ADMIN):
            client = make_client(make_user(role=role))
            made = post(client, merchant=merchant.pk)
            url = f"{PRODUCTS}{made['id']}/"
            assert client.patch(url, {"vendor": "X"}, format="json").status_code == 200
            assert client.delete(url).status_code == 204
            assert_refused(client.post(PRODUCTS, {"title": "x", "price": 1}, format="json"), 400, "merchant")

    def test_only_managers_among_staff(self, merchant: Merchant) -> None:
        product = make_product(merchant=merchant)

        for role, status in (("manager", 200), ("cashier", 403), ("cook", 403)):
            client = make_client(make_staff(merchant, role=role).user)
            assert client.patch(url_of(product), {"vendor": role}, format="json").status_code == status
        product.refresh_from_db()
        assert product.vendor == "manager"

    def test_everybody_else(self, merchant: Merchant) -> None:
        product = make_product("Mine", merchant=merchant)
        group = make_modifier_group(merchant, "x")
        theirs = make_merchant()
        body = {"title": "Yours", "price": 1}

        for user, status in (
            (None, 401), (make_user(role=Role.CUSTOMER), 403), (make_user(role=Role.COURIER), 403), (theirs.owner, 404),
        ):  # fmt: skip
            client = make_client(user)
            for answer in (
                client.post(PRODUCTS, {**body, "merchant": merchant.pk}, format="json"),
                client.put(url_of(product), body, format="json"),
                client.patch(url_of(product), body, format="json"),
                client.delete(url_of(product)),
                client.get(f"{OWN}{product.pk}/"),
            ):
                assert_refused(answer, status)
        answer = make_client(theirs.owner).post(
            PRODUCTS, {**body, "modifier_groups": [group.pk]}, format="json"
        )
        assert_refused(answer, 400, "modifier_groups")
        assert found() == {"Mine"}

    def test_a_suspended_merchant_changes_nothing(self) -> None:
        merchant = make_merchant(state="suspended")
        product = make_product(merchant=merchant)
        client = make_client(merchant.owner)

        assert client.patch(url_of(product), {"vendor": "X"}, format="json").status_code == 403
        assert client.post(PRODUCTS, {"title": "x", "price": 1}, format="json").status_code == 403


class TestChanging:
    @pytest.fixture
    def product(self, merchant: Merchant) -> Product:
        return make_product(
            titles={"en": "Shirt", "ru": "Рубашка"}, merchant=merchant, category=make_category("Shirts"),
            tags=("linen",), vendor="Weaver", description="Cool",
            variants=(variant_input("10", sku="S"), variant_input("12", sku="M")),
        )  # fmt: skip

    def test_patch_leaves_the_rest(self, client: APIClient, product: Product) -> None:
        before = client.get(f"{OWN}{product.pk}/").json()

        after = client.patch(url_of(product), {"title": "Blouse"}, format="json").json()

        assert after["updated_at"] >= before["updated_at"]
        assert {**before, "title": "Blouse", "updated_at": after["updated_at"],
                "titles": {**before["titles"], "en": "Blouse"}} == after  # fmt: skip
        assert found() == {"Blouse"}

    def test_patch_of_nothing_changes_nothing(self, client: APIClient, product: Product) -> None:
        before = client.get(f"{OWN}{product.pk}/")

        after = client.patch(url_of(product), {}, format="json")

        assert (after.status_code, after.json(), after["ETag"]) == (200, before.json(), before["ETag"])

    def test_patch_of_one_variant(self, client: APIClient, product: Product) -> None:
        after = client.patch(
            url_of(product), {"variants": [{"sku": "m", "price": "9"}]}, format="json"
        ).json()

        assert [(each["sku"], each["price"], each["is_active"]) for each in after["variants"]] == [
            ("S", "10.00", True),
            ("M", "9.00", True),
        ]

    def test_put_withdraws_variants_that_are_not_given(self, client: APIClient, product: Product) -> None:
        def put(*skus: str) -> list[tuple[str, bool]]:
            variants = [{"sku": sku, "price": "9"} for sku in skus]
            answer = client.put(url_of(product), {"title": "Shirt", "variants": variants}, format="json")
            assert answer.status_code == 200
            return [(each["sku"], each["is_active"]) for each in answer.json()["variants"]]

        assert sorted(put("M", "L")) == [("L", True), ("M", True), ("S", False)]
        assert sorted(put("S")) == [("L", False), ("M", False), ("S", True)], "and shows again those that are"
        shown = ask(url_of(product))
        assert ([each["sku"] for each in shown["variants"]], shown["price_max"]) == (["S"], "9.00")

    def test_put_needs_a_title(self, client: APIClient, product: Product) -> None:
        assert_refused(client.put(url_of(product), {"vendor": "x"}, format="json"), 400, "title")

    def test_put_of_what_was_read(self, client: APIClient, product: Product) -> None:
        """Fields that are not the caller's to write are ignored."""
        before = client.get(f"{OWN}{product.pk}/").json()
        given = {key: before[key] for key in LISTED - {"merchant", "tags", "price", "stock_quantity"}}

        after = client.put(url_of(product), given, format="json").json()

        assert {**after, "updated_at": ""} == {**before, "updated_at": ""}

    def test_a_price_alone(self, client: APIClient, merchant: Merchant, product: Product) -> None:
        single = make_product(merchant=merchant, price=5)

        assert client.patch(url_of(single), {"price": "6"}, format="json").json()["price"] == "6.00"
        assert_refused(client.patch(url_of(product), {"price": "6"}, format="json"), 400, "price")
        after = client.patch(url_of(product), {"price": "6", "sku": "M"}, format="json").json()
        assert (after["price_min"], after["price_max"]) == ("6.00", "10.00")

    def test_null_empties(self, client: APIClient, product: Product) -> None:
        times = {"publish_at": "2020-01-01T00:00:00Z", "unpublish_at": "2040-01-01T00:00:00Z"}
        client.patch(url_of(product), times, format="json")

        after = client.patch(url_of(product), {"publish_at": None, "category": None}, format="json").json()

        assert (after["publish_at"], after["unpublish_at"]) == (None, "2040-01-01T00:00:00Z")
        assert (after["category"], after["category_name"]) == (None, None)
        body = {"variants": [{"sku": "S", "compare_at_price": "20"}]}
        assert client.patch(url_of(product), body, format="json").json()["compare_at_price"] == "20.00"
        body = {"variants": [{"sku": "S", "compare_at_price": None}]}
        assert client.patch(url_of(product), body, format="json").json()["compare_at_price"] is None

    def test_lists_are_replaced(self, client: APIClient, product: Product) -> None:
        make_attribute("size", choices=("s",))
        client.patch(url_of(product), {"attributes": [{"code": "size", "value": "s"}]}, format="json")

        after = client.patch(url_of(product), {"tags": ["Cotton"], "attributes": []}, format="json").json()

        assert ([each["slug"] for each in after["tags"]], after["attributes"]) == (["cotton"], {})

    def test_the_last_title_stays(self, client: APIClient, product: Product) -> None:
        assert_refused(
            client.patch(url_of(product), {"titles": {"en": "", "ru": ""}}, format="json"), 400, "title"
        )

    def test_publishing_and_withdrawing(self, client: APIClient, product: Product) -> None:
        for state, shown in (("draft", False), ("published", True), ("archived", False)):
            assert client.patch(url_of(product), {"state": state}, format="json").json()["state"] == state
            assert bool(found()) == shown

    @pytest.mark.parametrize("method", ["post", "put", "patch"])
    def test_bodies_that_are_none(self, client: APIClient, product: Product, method: str) -> None:
        url = PRODUCTS if method == "post" else url_of(product)
        call = getattr(client, method)

        assert_refused(call(url, "{", content_type="application/json"), 400)
        assert_refused(call(url, "[1]", content_type="application/json"), 400, "non_field_errors")
        assert_refused(call(url, "<a/>", content_type="application/xml"), 415)


@pytest.mark.django_db(transaction=True)
class TestRefusalsLeaveNothing:
    """What was written before the refusal is rolled back, in the tables and in the window."""

    def test_of_a_new_product(self, client: APIClient) -> None:
        post(client, sku="ABC")

        for body in (
            {"sku": "abc"},
            {"modifier_groups": [10**9]},
            {"attributes": [{"code": "x", "value": "y"}]},
        ):
            answer = client.post(PRODUCTS, {"title": "Half", "price": 1, **body}, format="json")
            assert answer.status_code in (400, 409)

        assert (Product.objects.count(), Variant.objects.count(), found()) == (1, 1, {"Shirt"})

    def test_of_a_change(self, client: APIClient) -> None:
        made = post(client)
        url = f"{PRODUCTS}{made['id']}/"
        before = client.get(f"{OWN}{made['id']}/").json()

        answer = client.patch(url, {"title": "Half", "variants": [{"sku": "NEW"}]}, format="json")

        assert_refused(answer, 400, "price")
        assert client.get(f"{OWN}{made['id']}/").json() == before
        assert found() == {"Shirt"}


class TestVersions:
    def test_somebody_was_quicker(self, client: APIClient, merchant: Merchant) -> None:
        product = make_product(merchant=merchant)
        seen = client.get(f"{OWN}{product.pk}/")["ETag"]

        first = client.patch(url_of(product), {"vendor": "A"}, format="json", headers={"If-Match": seen})
        second = client.patch(url_of(product), {"vendor": "B"}, format="json", headers={"If-Match": seen})
        gone = client.delete(url_of(product), headers={"If-Match": seen})
        again = client.put(
            url_of(product), {"title": "T"}, format="json", headers={"If-Match": first["ETag"]}
        )

        assert (first.status_code, again.status_code) == (200, 200)
        for answer in (second, gone):
            assert assert_refused(answer, 409)["code"] == "changed_meanwhile"
        product.refresh_from_db()
        assert (product.vendor, product.deleted_at) == ("A", None)

    @pytest.mark.parametrize(("given", "status"), [("*", 200), ('"zz"', 409), ("", 409), ('W/"0.1"', 409)])
    def test_other_tags(self, client: APIClient, merchant: Merchant, given: str, status: int) -> None:
        product = make_product(merchant=merchant)

        answer = client.patch(url_of(product), {"vendor": "A"}, format="json", headers={"If-Match": given})

        assert answer.status_code == status

    def test_the_tag_of_the_public_page_is_good_too(self, client: APIClient, merchant: Merchant) -> None:
        product = make_product(merchant=merchant)
        seen = APIClient().get(url_of(product))["ETag"]

        answer = client.patch(url_of(product), {"vendor": "A"}, format="json", headers={"If-Match": seen})

        assert answer.status_code == 200


class TestDeleting:
    def test_it_is_gone_and_the_row_stays(self, client: APIClient, merchant: Merchant) -> None:
        made = post(client, sku="ABC", handle="h", slug="shirt")
        url = f"{PRODUCTS}{made['id']}/"

        answer = client.delete(url)

        assert (answer.status_code, answer.content) == (204, b"")
        for gone in (client.get(url), client.delete(url), client.patch(url, {}, format="json")):
            assert_refused(gone, 404)
        assert_refused(client.get(f"{OWN}{made['id']}/"), 404)
        assert client.get(OWN).json()["count"] == 0
        assert Product.objects.get(pk=made["id"]).deleted_at is not None
        assert Variant.objects.get(product=made["id"]).is_active is False

    def test_its_names_may_be_used_again(self, client: APIClient) -> None:
        body = {"sku": "ABC", "handle": "h", "slug": "shirt"}
        client.delete(f"{PRODUCTS}{post(client, **body)['id']}/")

        again = post(client, **body)

        assert (again["slug"], again["handle"], again["variants"][0]["sku"]) == ("shirt", "h", "ABC")


class TestOwnList:
    def test_every_state_and_only_one_s_own(self, client: APIClient, merchant: Merchant) -> None:
        for state in ("draft", "published", "archived"):
            make_product(state.capitalize(), merchant=merchant, state=state)
        make_product("Another's")

        page = client.get(OWN).json()

        assert [each["title"] for each in page["results"]] == ["Archived", "Published", "Draft"]
        assert set(page["results"][0]) >= LISTED
        assert [each["title"] for each in client.get(OWN, {"state": "draft"}).json()["results"]] == ["Draft"]
        assert_refused(client.get(OWN, {"state": "gone"}), 400, "state")
        assert make_client(make_user(role=Role.STAFF)).get(OWN).json()["count"] == 4

    def test_searching_titles_and_skus(self, client: APIClient, merchant: Merchant) -> None:
        make_product(titles={"ru": "Плов"}, merchant=merchant, variants=(variant_input(sku="AB-1"),))
        make_product(
            "Lamp", merchant=merchant, variants=(variant_input(sku="CD-1"), variant_input(sku="CD-2"))
        )

        def titles(search: str) -> list[str]:
            return [each["title"] for each in client.get(OWN, {"search": search}).json()["results"]]

        assert (titles("плов"), titles("ab-"), titles("cd"), titles("%")) == (
            ["Плов"],
            ["Плов"],
            ["Lamp"],
            [],
        )
        assert client.get(OWN, {"search": "a\x00"}).status_code in (200, 400)

    def test_its_cost_does_not_grow(self, client: APIClient, merchant: Merchant) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(OWN).status_code == 200
            return len(queries)

        make_attribute("size", choices=("s",))
        post(client, tags=["a"], attributes=[{"code": "size", "value": "s"}])
        one = cost()
        make_products(15, merchant=merchant)

        assert cost() == one <= 16

    @pytest.mark.parametrize("path", [OWN, f"{OWN}1/"])
    def test_who(self, path: str) -> None:
        assert_refused(make_client().get(path), 401)
        assert_refused(make_client(make_user()).get(path), 403)
