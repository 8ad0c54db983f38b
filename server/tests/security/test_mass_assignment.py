"""Fields that nobody may write: sending them along changes nothing that the same request without them would not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from tests.contracts.asking import body_of, url_of
from tests.contracts.operations import Operation, list_all_operations, read_document
from tests.contracts.test_rights import TABLE, WHO
from tests.contracts.world import RIVAL, STRANGER, World

pytestmark = pytest.mark.django_db

WRITES = [each for each in list_all_operations() if each.method in ("POST", "PUT", "PATCH")]
# what decides over rights, owners and money, without keys that sequences give out
PRIVILEGED = (
    "SELECT username, role, is_superuser, is_active, is_email_verified, is_phone_verified, membership FROM accounts_user",
    "SELECT m.username, u.username, m.state, m.currency FROM merchants_merchant m JOIN accounts_user u ON u.id = owner_id",
    "SELECT s.merchant_id, u.username, s.role, s.is_active FROM merchants_merchantstaff s JOIN accounts_user u ON u.id = user_id",
    "SELECT handle, merchant_id, state, rating_sum, reviews_count FROM catalog_product",
    "SELECT sku, merchant_id, price FROM catalog_variant",
    "SELECT customer_id, state, payment_state, subtotal, total FROM orders_order",
    "SELECT unit_price, quantity FROM orders_orderline",
    "SELECT name, merchant_id, used_count FROM promotions_promotion",
    "SELECT product_id, user_id, rating, state, is_verified FROM reviews_review",
    "SELECT on_hand, reserved FROM inventory_stocklevel",
    "SELECT user_id, line1 FROM accounts_address",
    "SELECT owner_ref FROM media_asset",
)


def read_privileged() -> list[list[tuple[Any, ...]]]:
    found = []
    with connection.cursor() as cursor:
        for query in PRIVILEGED:
            cursor.execute(query)
            found.append(sorted(cursor.fetchall(), key=repr))
    return found


def named_fields(operation: Operation) -> set[str]:
    """What the document lets a client write here."""
    content = operation.details.get("requestBody", {}).get("content", {})
    return {
        name
        for kind in content.values()
        for name in read_document(operation.document)["components"]["schemas"]
        .get(kind["schema"].get("$ref", "").rpartition("/")[2], {})
        .get("properties", {})
    }


def extras(world: World) -> dict[str, Any]:
    other, rival = world.people[STRANGER].pk, world.people[RIVAL].pk
    people = (
        "user",
        "user_id",
        "author",
        "author_id",
        "customer",
        "customer_id",
        "owner",
        "owner_id",
        "actor",
    )
    return {
        **dict.fromkeys(people, other),
        "id": 1,
        "pk": 1,
        "merchant_id": world.rival.pk,
        "owner_ref": f"user:{rival}",
        "role": "admin",
        "membership": "gold",
        "is_membership_fixed": True,
        "is_staff": True,
        "is_superuser": True,
        "is_active": True,
        "is_verified": True,
        "is_email_verified": True,
        "is_phone_verified": True,
        "token_version": 99,
        "state": "delivered",
        "status": "delivered",
        "payment_state": "paid",
        "price": "0.01",
        "unit_price": "0.01",
        "seen_price": "0.01",
        "subtotal": "0.01",
        "discount": "9999.00",
        "delivery_fee": "0.00",
        "total": "0.01",
        "uses": 0,
        "rating_sum": 5000,
        "reviews_count": 1000,
        "reserved": 0,
        "token": "known",
        "created_at": "2001-01-01T00:00:00Z",
    }


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_fields_that_nobody_named_change_nothing(operation: Operation, world: World) -> None:
    added = {name: value for name, value in extras(world).items() if name not in named_fields(operation)}

    without, with_extras = outcome(world, operation, {}), outcome(world, operation, added)

    assert with_extras == without


def outcome(world: World, operation: Operation, added: dict[str, Any]) -> Any:
    statuses = TABLE[operation.details["operationId"]]
    who = WHO[statuses.index(min(statuses))]
    with world.as_new():
        client = APIClient(raise_request_exception=False)
        client.credentials(**{f"HTTP_{name.upper()}": value for name, value in world.headers(who).items()})
        body = {**(body_of(world, operation) or {}), **added}
        has_file = any(hasattr(value, "chunks") for value in body.values())
        send = getattr(client, operation.method.lower())
        answer = send(url_of(world, operation), body, format="multipart" if has_file else "json")
        return answer.status_code, read_privileged()
