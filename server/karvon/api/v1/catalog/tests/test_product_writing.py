"""POST, PUT, PATCH, DELETE /products/: what a merchant's own system does."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.catalog.tests.factories import make_category, make_product, variant_input
from karvon.inventory.models import StockLevel, StockMovement
from karvon.merchants.models import Merchant
from karvon.merchants.tests.factories import make_merchant

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"
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


def create(client: APIClient, **body: Any) -> Any:
    answer = client.post(URL, {"title": "Linen shirt", "price": "250000.00", **body}, "json")
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_a_new_product_is_on_show_with_what_was_said(client: APIClient, merchant: Merchant) -> None:
    category = make_category("Shirts")

    product = create(client, category=category.slug, description="<p>Cool</p>", stock_quantity=7)

    assert set(product) >= LISTED
    assert (product["price"], product["stock_quantity"], product["in_stock"]) == ("250000.00", 7, True)
    assert (product["category"], product["category_name"]) == (category.pk, "Shirts")
    assert product["description"] == "<p>Cool</p>"
    assert product["merchant"]["username"] == merchant.username
    shown = APIClient().get(f"{URL}{product['id']}/").json()
    assert {name: shown[name] for name in LISTED} == {name: product[name] for name in LISTED}
    assert StockMovement.objects.get().quantity == 7


def test_products_without_skus_do_not_get_into_each_others_way(client: APIClient) -> None:
    skus = {create(client)["variants"][0]["sku"] for _ in range(3)}

    assert len(skus) == 3


def test_drafts_are_seen_by_their_merchant_alone(client: APIClient) -> None:
    product = create(client, state="draft")

    assert APIClient().get(f"{URL}{product['id']}/").status_code == 404
    assert make_client(make_user()).get(f"/api/v1/merchant/products/{product['id']}/").status_code == 403
    own = client.get(f"/api/v1/merchant/products/{product['id']}/").json()
    assert own == product
    assert client.get("/api/v1/merchant/products/?state=draft").json()["results"] == [own]


@pytest.mark.parametrize("method", ["put", "patch"])
@pytest.mark.parametrize("key", ["id", "slug"])
def test_changes_by_id_and_slug(client: APIClient, method: str, key: str) -> None:
    product = create(client, stock_quantity=3)
    body = {"title": "Wool shirt", "price": "300000", "stock_quantity": 1}

    answer = getattr(client, method)(f"{URL}{product[key]}/", body, "json")

    assert answer.status_code == 200, answer.json()
    changed = answer.json()
    assert (changed["title"], changed["price"], changed["stock_quantity"]) == ("Wool shirt", "300000.00", 1)
    assert changed["variants"][0]["id"] == product["variants"][0]["id"]


@pytest.mark.django_db(transaction=True)
def test_a_refused_quantity_leaves_nothing_changed(client: APIClient, merchant: Merchant) -> None:
    product = make_product(merchant=merchant, variants=(variant_input("1"), variant_input("2")))

    answer = client.patch(f"{URL}{product.pk}/", {"title": "New", "stock_quantity": 4}, "json")

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["stock_quantity"])
    assert client.get(f"{URL}{product.pk}/").json()["title"] != "New"
    assert not StockLevel.objects.filter(on_hand__gt=0).exists()


@pytest.mark.parametrize(
    "body",
    [
        {"price": "-1"}, {"price": "NaN"}, {"price": "1e400"}, {"title": ""}, {"title": None}, {"category": 0},
        {"category": "no-such"}, {"category": True}, {"category": {}}, {"stock_quantity": -1},
        {"stock_quantity": 2**70}, {"state": "gone"}, {"variants": []}, {"variants": [{"sku": ""}]},
        {"attributes": {"colour": "red"}},
    ],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_field(client: APIClient, body: dict[str, Any]) -> None:
    answer = client.post(URL, {"title": "Linen shirt", "price": "1"} | body, "json")

    assert answer.status_code == 400, answer.content
    assert answer.json()["details"]


def test_only_its_merchant_and_operators_change_a_product(client: APIClient) -> None:
    product = create(client)
    stranger = make_merchant()

    for who, expected in (
        (APIClient(), 401),
        (make_client(make_user()), 403),
        (make_client(stranger.owner), 404),
    ):
        for method in ("put", "patch", "delete"):
            answer = getattr(who, method)(f"{URL}{product['slug']}/", {"title": "Mine"}, "json")
            assert answer.status_code == expected, (expected, method)
    assert client.get(f"{URL}{product['id']}/").json()["title"] == "Linen shirt"

    operator = make_client(make_user(role=Role.ADMIN))
    assert operator.patch(f"{URL}{product['id']}/", {"title": "Ours"}, "json").status_code == 200
    assert operator.delete(f"{URL}{product['id']}/").status_code == 204
    assert client.get(f"{URL}{product['id']}/").status_code == 404
