"""Notifications as every door takes and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from karvon.api.fields import RowIdField
from karvon.notifications.models import Delivery, Notification, TargetType, Topic


class NotificationRequest(serializers.Serializer[Any]):
    """Who may tell whom: operators anybody, a shop's owner and managers the people of their shop."""

    title = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=4000)
    target_type = serializers.ChoiceField(choices=TargetType.choices)
    target_id = RowIdField(
        required=False, allow_null=True, help_text="For `merchant` and `user`: the number of the one."
    )


class NotificationDetail(serializers.Serializer[Any]):
    """What was announced; it reaches people in the background."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField()
    target_type = serializers.ChoiceField(choices=TargetType.choices)
    target_id = serializers.IntegerField(allow_null=True)
    created_by = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()


class MessageDetail(NotificationDetail):
    """A message in somebody's inbox."""

    topic = serializers.ChoiceField(choices=Topic.choices)
    data = serializers.DictField(help_text="What it is about: `order`, `number`, `level`, `variant`.")
    is_read = serializers.BooleanField()
    read_at = serializers.DateTimeField(allow_null=True)


def show_notification(notification: Notification) -> dict[str, Any]:
    """What NotificationDetail documents."""
    return {
        "id": notification.pk,
        "title": notification.title,
        "body": notification.body,
        "target_type": notification.target_type,
        "target_id": notification.target_id,
        "created_by": notification.created_by_id,
        "created_at": notification.created_at,
    }


def show_message(message: Delivery) -> dict[str, Any]:
    """What MessageDetail documents; the id is the message's, by which it is marked read."""
    notification = message.notification
    return show_notification(notification) | {
        "id": message.pk,
        "topic": notification.topic,
        "data": notification.data,
        "is_read": message.read_at is not None,
        "read_at": message.read_at,
    }


def show_messages(messages: Sequence[Delivery]) -> list[dict[str, Any]]:
    return [show_message(each) for each in messages]


_SENT: dict[str, Any] = {
    "id": 31,
    "title": "We are closed on 21 March",
    "body": "Happy Navruz! Orders placed on that day are prepared on the next.",
    "target_type": "merchant",
    "target_id": 12,
    "created_by": 4,
    "created_at": "2026-03-01T09:00:00Z",
}
_ASKED = {name: _SENT[name] for name in ("title", "body", "target_type", "target_id")}
NOTIFICATION_REQUEST = OpenApiExample("a holiday", value=_ASKED, request_only=True)
NOTIFICATION_ANSWER = OpenApiExample("a holiday", value=_SENT, response_only=True, status_codes=["202"])
MESSAGE: dict[str, Any] = {
    **_SENT,
    "id": 552,
    "topic": "announcements",
    "data": {},
    "is_read": False,
    "read_at": None,
}
MESSAGE_ANSWER = OpenApiExample("a message", value=MESSAGE, response_only=True, status_codes=["200"])
