"""GET /api/admin/audit-logs."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.contracts.checks import (
    assert_method_refused,
    assert_page,
    assert_refused,
    assert_shape,
    mapping,
    moment,
    number,
    optional,
    text,
)
from tests.contracts.world import ADMIN, CUSTOMER, OWNER, RIVAL, STAFF, World

pytestmark = pytest.mark.django_db
ADDRESS = "/api/admin/audit-logs"
FIELDS = {
    "id": number,
    "actor": mapping,
    "action": text,
    "change": text,
    "object_type": text,
    "object_id": text,
    "merchant": optional(number),
    "before": optional(mapping),
    "after": optional(mapping),
    "ip": optional(text),
    "request_id": text,
    "created_at": moment,
}


def client_of(world: World, who: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(**{f"HTTP_{name.upper()}": value for name, value in world.headers(who).items()})
    return client


@pytest.fixture
def renamed(world: World) -> World:
    """An operator renames the shop, its owner then gives it a phone."""
    address = f"/api/v1/merchants/{world.merchant.pk}/"
    assert client_of(world, STAFF).patch(address, {"name": "Bozor"}, "json").status_code == 200
    assert client_of(world, OWNER).patch(address, {"phone": "+998901112233"}, "json").status_code == 200
    return world


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS + "/"])
def test_operators_see_who_what_before_and_after(renamed: World, address: str) -> None:
    rows = assert_page(client_of(renamed, ADMIN).get(address, {"object_type": "merchants.merchant"}))

    second, first = rows
    for row in rows:
        assert_shape(row, FIELDS)
        assert_shape(row["actor"], {"id": number, "label": text, "role": text})
    assert first["actor"] == {"id": renamed.people[STAFF].pk, "label": "operator", "role": "staff"}
    assert (first["action"], first["change"]) == ("update_merchant", "update")
    assert (first["before"], first["after"]) == ({"name": "Bazaar"}, {"name": "Bozor"})
    assert (first["object_id"], first["ip"]) == (str(renamed.merchant.pk), "127.0.0.1")
    assert second["after"] == {"phone": "***"}
    assert "+998901112233" not in str(rows)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"actor": "operator"}, 1),
        ({"actor": "OWNER"}, 1),
        ({"actor": "nobody"}, 0),
        ({"action": "update_merchant"}, 2),
        ({"action": "update"}, 2),
        ({"action": "delete"}, 0),
        ({"object_type": "merchant"}, 2),
        ({"object_type": "catalog.product"}, 0),
        ({"object_id": "0"}, 0),
        ({"from": "2000-01-01"}, 2),
        ({"to": "2000-01-01"}, 0),
        ({"from": "2000-01-01T00:00:00Z", "to": "2999-12-31"}, 2),
    ],
)
def test_filters(renamed: World, asked: dict[str, Any], count: int) -> None:
    answer = client_of(renamed, ADMIN).get(ADDRESS, {"object_type": "merchant", **asked})

    assert len(assert_page(answer)) == count


@pytest.mark.parametrize("asked", [{"from": "yesterday"}, {"to": "2026-13-01"}, {"page": "x"}])
def test_bad_filters(world: World, asked: dict[str, str]) -> None:
    assert_refused(client_of(world, ADMIN).get(ADDRESS, asked), 400, field=next(iter(asked)))


def test_refusals(world: World) -> None:
    assert_refused(APIClient().get(ADDRESS), 401)
    assert_refused(client_of(world, CUSTOMER).get(ADDRESS), 403)
    assert_refused(client_of(world, OWNER).get(ADDRESS), 403)
    assert_method_refused(client_of(world, ADMIN), ADDRESS, "post", "put", "patch", "delete")


def test_owners_read_their_own_part_in_the_canonical_api(renamed: World) -> None:
    address = "/api/v1/audit-logs/"

    rows = assert_page(client_of(renamed, OWNER).get(address, {"object_type": "merchant"}))

    assert [row["actor"]["role"] for row in rows] == ["merchant", "staff"]
    # where the platform's own people sit is not told
    assert [row["ip"] for row in rows] == ["127.0.0.1", None]
    theirs = assert_page(client_of(renamed, RIVAL).get(address))
    assert {row["merchant"] for row in theirs} <= {renamed.rival.pk}
    assert_refused(client_of(renamed, RIVAL).get(address, {"merchant": renamed.merchant.pk}), 404)
