"""/products/{id}/images/ over HTTP."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.api.v1.media.tests.test_images_api import picture
from karvon.catalog.exchange.tests.factories import make_csv, make_merchant, run, shopify_row
from karvon.catalog.models import Product, ProductImage
from karvon.kernel.testing import drain_outbox
from karvon.media.models import Asset
from karvon.media.tests.pictures import draw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("eager_tasks")]


@pytest.fixture
def product() -> Product:
    run(make_merchant(), make_csv([shopify_row("a"), shopify_row("b")]), "shopify")
    return Product.objects.get(handle="a")


def url_of(product: Product, rest: str = "") -> str:
    return f"/api/v1/products/{product.pk}/images/{rest}"


def add(client: APIClient, product: Product, side: int = 30) -> dict:
    answer = client.post(url_of(product), {"image": picture(draw(side, side))}, format="multipart")
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_pictures_are_shown_to_shoppers_in_their_order(product: Product) -> None:
    client = make_client(product.merchant.owner)

    first, second = add(client, product, 20), add(client, product, 21)
    client.post(url_of(product, "reorder/"), {"order": [second["id"], first["id"]]}, format="json")

    assert [one["id"] for one in client.get(url_of(product)).json()["results"]] == [second["id"], first["id"]]
    shown = make_client().get(f"/api/v1/products/{product.pk}/").json()
    assert str(second["image"]["url"]) in str(shown["image"])


def test_renditions_reach_the_shop_window(product: Product) -> None:
    client = make_client(product.merchant.owner)
    add(client, product, 400)

    drain_outbox()

    shown = make_client().get(f"/api/v1/products/{product.pk}/").json()
    assert "-320.webp" in str(shown)
    assert "-160.avif" in str(shown)


def test_a_picture_of_the_library(product: Product) -> None:
    client = make_client(product.merchant.owner)
    asset = client.post("/api/v1/images/", {"image": picture()}, format="multipart").json()
    variant = product.variants.get()

    made = client.post(
        url_of(product), {"asset": asset["id"], "alt": "Front", "variant": variant.pk}, format="json"
    )
    again = client.post(url_of(product), {"asset": asset["id"]}, format="json")

    assert made.status_code == 201, made.json()
    assert (made.json()["alt"], made.json()["variant"]) == ("Front", variant.pk)
    assert again.json()["id"] == made.json()["id"]
    assert client.delete(f"/api/v1/images/{asset['id']}/").status_code == 409


def test_changing_and_removing(product: Product) -> None:
    client = make_client(product.merchant.owner)
    made = add(client, product)
    url = url_of(product, f"{made['id']}/")

    assert client.patch(url, {"alt": "Back"}, format="json").json()["alt"] == "Back"
    assert client.patch(url, {"variant": 999_999}, format="json").status_code == 400
    assert client.delete(url).status_code == 204
    assert client.get(url_of(product)).json()["results"] == []
    assert Asset.objects.count() == 1


@pytest.mark.parametrize("order", [[], [1], "all twice"])
def test_an_order_names_each_picture_once(product: Product, order: list[int] | str) -> None:
    client = make_client(product.merchant.owner)
    made = add(client, product)

    wanted = [made["id"]] * 2 if isinstance(order, str) else order
    answer = client.post(url_of(product, "reorder/"), {"order": wanted}, format="json")

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["order"])


def test_either_a_file_or_an_id(product: Product) -> None:
    client = make_client(product.merchant.owner)

    neither = client.post(url_of(product), {"alt": "x"}, format="json")

    assert (neither.status_code, list(neither.json()["details"])) == (400, ["image"])


def test_strangers_change_nothing(product: Product) -> None:
    made = add(make_client(product.merchant.owner), product)
    stranger = make_merchant("stranger").owner
    client = make_client(stranger)
    theirs = client.post("/api/v1/images/", {"image": picture(draw(5, 5))}, format="multipart").json()
    url = url_of(product, f"{made['id']}/")

    for answer in (
        client.get(url_of(product)),
        client.post(url_of(product), {"image": picture(draw(6, 6))}, format="multipart"),
        client.post(url_of(product), {"asset": theirs["id"]}, format="json"),
        client.patch(url, {"alt": "mine"}, format="json"),
        client.delete(url),
        client.post(url_of(product, "reorder/"), {"order": [made["id"]]}, format="json"),
    ):
        assert answer.status_code == 404
    # nor can a merchant show another's picture
    assert (
        make_client(product.merchant.owner)
        .post(url_of(product), {"asset": theirs["id"]}, format="json")
        .status_code
        == 404
    )
    assert ProductImage.objects.count() == 1
    assert Asset.objects.count() == 2
    for role, status in ((Role.CUSTOMER, 403), (Role.COURIER, 403), (Role.STAFF, 200)):
        assert make_client(make_user(role=role)).get(url_of(product)).status_code == status
