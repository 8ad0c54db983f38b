"""Every list of the canonical API has the one shape of the contracts, and their manners."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.test import Client

from karvon.api.index import RESOURCES
from karvon.catalog.tests.factories import make_category, make_product

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).resolve().parents[4] / "docs/openapi/v1.yaml"


@pytest.fixture(scope="module")
def document() -> dict:
    return yaml.load(DOCUMENT.read_text(), Loader=yaml.CSafeLoader)


def test_no_answer_is_a_bare_array(document):
    bare = [
        (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method == "get"
        for content in operation["responses"]["200"].get("content", {}).values()
        if content["schema"].get("type") == "array"
    ]

    assert bare == []


@pytest.mark.parametrize("name", [name for name in RESOURCES if name not in ("cart", "orders")])
def test_public_lists_are_pages(client: Client, name: str):
    make_product()

    page = client.get(f"/api/v1/{name}/").json()

    assert {"count", "next", "previous", "results"} <= set(page)
    assert isinstance(page["count"], int)
    assert client.get(f"/api/v1/{name}/?page=99999").status_code == 404
    for number in ("0", "-1", "x", "1.5", "", "９"):
        refusal = client.get(f"/api/v1/{name}/", {"page": number})
        assert refusal.status_code == 400, number
        assert list(refusal.json()["details"]) == ["page"]


def test_pages_link_to_each_other_and_keep_the_question(client: Client):
    for _ in range(3):
        make_category()

    first = client.get("/api/v1/categories/?parent=root&page_size=1").json()
    second = client.get(first["next"]).json()

    assert (first["count"], len(first["results"]), first["previous"]) == (3, 1, None)
    assert second["results"] != first["results"]
    assert client.get(second["previous"]).json() == first


def test_the_index_leads_to_lists_that_are_there(client: Client):
    index = client.get("/api/v1/").json()

    assert client.get("/", follow=True).status_code == 200
    for address in (*index["resources"].values(), index["documentation"], index["schema"]):
        assert client.get(address).status_code in (200, 401), address
