"""POST /api/admin/notifications, GET and POST /api/merchant/notifications, and the inbox of the canonical API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from karvon.notifications.models import Notification
from karvon.notifications.services import send_notification
from tests.contracts.checks import (
    assert_method_refused,
    assert_page,
    assert_refused,
    assert_shape,
    flag,
    mapping,
    moment,
    number,
    optional,
    text,
)
from tests.contracts.merchant.test_audit_logs import client_of
from tests.contracts.world import ADMIN, CLERK, CUSTOMER, OWNER, STRANGER, World

pytestmark = pytest.mark.django_db
SENT = {
    "id": number,
    "title": text,
    "body": text,
    "target_type": text,
    "target_id": optional(number),
    "created_by": optional(number),
    "created_at": moment,
}
MESSAGE = SENT | {
    "topic": text,
    "data": mapping,
    "is_read": flag,
    "read_at": optional(moment),
}
TEXTS = {"title": "Closed on Navruz", "body": "See you on the 22nd."}


def tell(world: World, who: str, address: str, body: dict[str, Any], **headers: str) -> Any:
    return client_of(world, who).post(address, TEXTS | body, "json", **headers)


@pytest.mark.parametrize("address", ["/api/admin/notifications", "/api/admin/notifications/"])
@pytest.mark.parametrize("target", ["all", "merchants", "customers", "merchant", "user"])
def test_operators_notify(world: World, address: str, target: str) -> None:
    numbers = {"merchant": world.merchant.pk, "user": world.people[OWNER].pk}
    body = {"target_type": target} | ({"target_id": numbers[target]} if target in numbers else {})

    answer = tell(world, ADMIN, address, body)

    assert answer.status_code == 202, answer.content
    assert_shape(answer.json(), SENT)
    assert answer.json()["created_by"] == world.people[ADMIN].pk
    send_notification(notification_id=answer.json()["id"])
    sent = Notification.objects.get(pk=answer.json()["id"])
    reached = set(sent.deliveries.filter(channel="inbox").values_list("user_id", flat=True))
    assert (world.people[OWNER].pk in reached) == (target != "customers")
    assert (world.people[CUSTOMER].pk in reached) == (target in ("all", "customers"))


def test_a_repeated_key_notifies_once(world: World) -> None:
    before = Notification.objects.count()
    answers = [
        tell(world, ADMIN, "/api/admin/notifications", {"target_type": "all"}, HTTP_IDEMPOTENCY_KEY="navruz")
        for _ in range(2)
    ]

    assert [each.status_code for each in answers] == [202, 202]
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert Notification.objects.count() == before + 1


def test_a_shop_tells_its_people(world: World) -> None:
    answer = tell(world, OWNER, "/api/merchant/notifications", {})

    assert answer.status_code == 202, answer.content
    assert (answer.json()["target_type"], answer.json()["target_id"]) == ("merchant", world.merchant.pk)
    send_notification(notification_id=answer.json()["id"])
    with CaptureQueriesContext(connection) as queries:
        (row,) = assert_page(client_of(world, CLERK).get("/api/merchant/notifications"))
    # who asks, count, page
    assert len(queries) <= 3
    assert_shape(row, MESSAGE)
    assert (row["title"], row["is_read"]) == (TEXTS["title"], False)


@pytest.mark.parametrize("target", ["all", "merchants", "customers"])
def test_a_shop_cannot_tell_everybody(world: World, target: str) -> None:
    before = Notification.objects.count()

    assert_refused(tell(world, OWNER, "/api/merchant/notifications", {"target_type": target}), 403)
    assert_refused(tell(world, OWNER, "/api/admin/notifications", {"target_type": target}), 403)
    assert Notification.objects.count() == before


def test_refusals(world: World) -> None:
    mine, admin = "/api/merchant/notifications", "/api/admin/notifications"
    others = {"target_type": "merchant", "target_id": world.rival.pk}
    stranger = {"target_type": "user", "target_id": world.people[STRANGER].pk}
    for body in (others, stranger):
        assert_refused(tell(world, OWNER, mine, body), 404)
    assert_refused(tell(world, ADMIN, admin, {"target_type": "merchant", "target_id": 10**15}), 404)
    assert_refused(tell(world, CLERK, mine, {}), 403)
    assert_refused(tell(world, CUSTOMER, mine, {}), 403)
    for address in (mine, admin):
        assert_refused(APIClient().post(address, TEXTS, "json"), 401)
    assert_refused(APIClient().get(mine), 401)
    assert_refused(tell(world, ADMIN, admin, {"target_type": "planet"}), 400, field="target_type")
    assert_refused(tell(world, ADMIN, admin, {"target_type": "user"}), 400, field="target_id")
    assert_refused(tell(world, ADMIN, admin, {"target_type": "all", "title": ""}), 400, field="title")
    assert_method_refused(client_of(world, ADMIN), mine, "put", "patch", "delete")
    assert_method_refused(client_of(world, ADMIN), admin, "get", "put", "patch", "delete")


def test_an_inbox_from_unread_to_read(world: World) -> None:
    client, address = client_of(world, CUSTOMER), "/api/v1/notifications/"

    (row,) = assert_page(client.get(address, {"unread": "true"}))
    assert_shape(row, MESSAGE)
    assert client.get(f"{address}unread-count/").json() == {"unread": 1}
    assert client.post(f"{address}{row['id']}/read/").json()["is_read"] is True
    assert assert_page(client.get(address, {"unread": "true"})) == []
    assert len(assert_page(client.get(address, {"unread": "false"}))) == 1
    assert client.post(f"{address}read/").json() == {"unread": 0}
    assert_refused(client_of(world, STRANGER).post(f"{address}{row['id']}/read/"), 404)


def test_preferences_name_every_channel_and_topic(world: World) -> None:
    client, address = client_of(world, CUSTOMER), "/api/v1/notifications/preferences/"
    sent = {"preferences": [{"channel": "mail", "topic": "orders", "is_enabled": False}]}

    before = client.get(address).json()["preferences"]
    after = client.put(address, sent, "json").json()["preferences"]

    everywhere, by_mail = (
        ("announcements", "orders", "stock", "payouts", "payments"),
        ("reports", "stock_digests", "carts"),
    )
    assert [(each["channel"], each["topic"]) for each in before] == [
        *(("inbox", topic) for topic in everywhere),
        *(("mail", topic) for topic in (*everywhere, *by_mail)),
    ]
    assert all(each["is_enabled"] for each in before)
    assert [each for each in after if not each["is_enabled"]] == sent["preferences"]
    bad = {"preferences": [{"channel": "pigeon", "topic": "orders", "is_enabled": False}]}
    assert_refused(client.put(address, bad, "json"), 400, field="preferences.0.channel")
    nowhere = {"preferences": [{"channel": "inbox", "topic": "carts", "is_enabled": False}]}
    assert_refused(client.put(address, nowhere, "json"), 400, field="preferences")
