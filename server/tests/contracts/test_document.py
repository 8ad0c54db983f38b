"""The API document and the server tell the same story, and the document leaves nothing unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

from karvon.api.documents import DOCUMENTS
from tests.contracts.operations import (
    DOCUMENT_NAMES,
    METHODS,
    Operation,
    list_all_operations,
    list_operations,
    read_document,
)

# pages and the document itself are no operations
PAGES = (SpectacularAPIView, SpectacularSwaggerView, SpectacularRedocView)

# the rows of the contract that existing clients rely on, method and path exactly as there
DOCUMENTED = """
POST    /auth/users/
POST    /auth/jwt/create/
POST    /auth/jwt/refresh/
POST    /auth/jwt/verify/
GET     /auth/users/me/
PUT     /auth/users/me/
PATCH   /auth/users/me/
GET     /products/
POST    /products/
GET     /products/{id}/
PUT     /products/{id}/
PATCH   /products/{id}/
DELETE  /products/{id}/
GET     /categories/
POST    /categories/
GET     /categories/{id}/
PUT     /categories/{id}/
PATCH   /categories/{id}/
DELETE  /categories/{id}/
GET     /cart/
POST    /cart/
POST    /cart/add/
PUT     /cart/update/{line_id}/
DELETE  /cart/remove/{line_id}/
DELETE  /cart/clear/
GET     /orders/
POST    /orders/
GET     /orders/{id}/
PUT     /orders/{id}/
PATCH   /orders/{id}/
GET     /reviews/
POST    /reviews/
GET     /reviews/{id}/
PUT     /reviews/{id}/
PATCH   /reviews/{id}/
DELETE  /reviews/{id}/
GET     /health/
"""

# the contract's own resources, completed by the rooms that exist; what is still to come has no room yet
RESOURCES = """
addresses attributes audit-logs balances branches categories collections commission-rules customers documents export-jobs favourites
fulfilments images import-jobs invitations/accept kyc likes merchants modifier-groups notifications orders payments payout-batches
payouts products promotions
reviews stock tags
"""
TO_COME = """
delivery/quote delivery/zones couriers kitchen recommendations
devices webhooks gift-cards tiers auth/ws-ticket privacy
"""


def list_patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from list_patterns(each, route)
        else:
            yield route, each


def list_views(name: str) -> list[tuple[str, Any]]:
    """(path as documented, view class) of every view that a document should describe."""
    found = [
        ("/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route), getattr(pattern.callback, "cls", None))
        for route, pattern in list_patterns(get_resolver())
    ]
    return [
        (path, view)
        for path, view in found
        if DOCUMENTS[name].describes(path) and view is not None and not issubclass(view, PAGES)
    ]


def shape_of(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


@pytest.mark.parametrize("name", DOCUMENT_NAMES)
def test_the_document_has_what_the_server_has_and_nothing_else(name: str) -> None:
    served = {
        (method.upper(), path)
        for path, view in list_views(name)
        for method in METHODS
        if hasattr(view, method)
    }

    assert {(each.method, each.path) for each in list_operations(name)} == served


def test_every_api_address_is_in_a_document() -> None:
    described = {path for name in DOCUMENT_NAMES for path, _ in list_views(name)}
    served = {
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        for route, pattern in list_patterns(get_resolver())
        if issubclass(getattr(pattern.callback, "cls", object), APIView)
        and not issubclass(pattern.callback.cls, PAGES)
    }

    assert served - described == set()


@pytest.mark.parametrize(
    "row", [tuple(line.split()) for line in DOCUMENTED.strip().splitlines()], ids=" ".join
)
def test_the_rows_of_existing_clients_are_there(row: tuple[str, str]) -> None:
    method, path = row

    assert (method, shape_of("/api/v1" + path)) in {
        (each.method, shape_of(each.path)) for each in list_operations()
    }


def test_every_resource_of_these_rooms_is_there_and_none_that_has_no_room() -> None:
    folders = {each.path.removeprefix("/api/v1/").rstrip("/") for each in list_operations()}

    assert [name for name in RESOURCES.split() if name not in folders] == []
    assert [name for name in TO_COME.split() if name in folders] == []


@pytest.mark.parametrize("name", DOCUMENT_NAMES)
def test_operation_ids_are_unique(name: str) -> None:
    ids = [each.details["operationId"] for each in list_operations(name)]

    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("operation", list_all_operations(), ids=str)
def test_every_operation_explains_itself(operation: Operation) -> None:
    details = operation.details

    assert details["operationId"]
    assert details.get("summary", "").strip()
    assert details.get("tags")
    assert "security" in details
    assert "400" in details["responses"]
    assert any(status.startswith("2") for status in details["responses"])


@pytest.mark.parametrize("operation", list_all_operations(), ids=str)
def test_every_answer_of_json_has_a_named_shape(operation: Operation) -> None:
    for status, answer in operation.details["responses"].items():
        if status == "204":
            assert "content" not in answer
            continue
        for media_type, content in answer["content"].items():
            if media_type == "application/json":
                schema = content["schema"].get("items", content["schema"])  # some contracts have bare arrays
                assert "$ref" in schema or schema["type"] == "object", status


@pytest.mark.parametrize(
    "operation", [each for each in list_all_operations() if "requestBody" in each.details], ids=str
)
def test_every_body_has_an_example(operation: Operation) -> None:
    assert operation.example_body() is not None


@pytest.mark.parametrize("operation", list_all_operations(), ids=str)
def test_lists_say_how_they_are_paged(operation: Operation) -> None:
    schema = operation.details["responses"].get("200", {}).get("content", {}).get("application/json", {})
    reference = schema.get("schema", {}).get("$ref", "").rpartition("/")[2]
    if operation.method != "GET" or "results" not in _properties(operation.document, reference):
        return

    assert {"page", "page_size"} <= {each["name"] for each in operation.details["parameters"]}
    assert "404" in operation.details["responses"]


def _properties(document: str, component: str) -> dict[str, Any]:
    found: dict[str, Any] = (
        read_document(document)["components"]["schemas"].get(component, {}).get("properties", {})
    )
    return found


def differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Where two documents differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other}, key=str)
        return [
            each for name in names for each in differences(one.get(name), other.get(name), f"{place}/{name}")
        ]
    return [] if one == other else [f"{place}: {one!r} != {other!r}"[:500]]


@pytest.mark.parametrize(
    ("address", "name"),
    [("/api/v1/schema", "v1"), ("/api/schema", "market"), ("/store/schema", "storefront")],
)
def test_the_document_is_the_one_that_is_served(client: Any, address: str, name: str) -> None:
    import yaml

    served = yaml.load(client.get(f"{address}/").content, yaml.CSafeLoader)

    assert differences(served, read_document(name)) == []


def test_safe_methods_take_no_body() -> None:
    assert [
        str(each)
        for each in list_all_operations()
        if each.method in SAFE_METHODS and "requestBody" in each.details
    ] == []
