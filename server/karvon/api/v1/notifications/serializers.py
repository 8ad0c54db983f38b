"""An inbox and what its owner wants to be told."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from karvon.accounts.models import User
from karvon.api.fields import RowIdField
from karvon.api.notices import NotificationRequest
from karvon.notifications.models import ChannelName, Topic, list_choices
from karvon.notifications.selectors import list_preferences


class AnnouncementRequest(NotificationRequest):
    merchant = RowIdField(required=False, help_text="For people of a shop: the shop that speaks.")


class InboxQuery(serializers.Serializer[Any]):
    unread = serializers.BooleanField(required=False, allow_null=True, default=None)


class UnreadCount(serializers.Serializer[Any]):
    unread = serializers.IntegerField()


class NotificationPreference(serializers.Serializer[Any]):
    channel = serializers.ChoiceField(choices=ChannelName.choices)
    topic = serializers.ChoiceField(choices=Topic.choices)
    is_enabled = serializers.BooleanField()


class NotificationPreferences(serializers.Serializer[Any]):
    """What is left out of a request stays as it is; answers name every channel with its topics. Sales reports, the weekly
    list of low stock and reminders of carts come by mail alone.
    """

    preferences: Any = serializers.ListField(child=NotificationPreference(), max_length=100)


def show_preferences(user: User) -> dict[str, Any]:
    """What NotificationPreferences documents."""
    grid = [
        {"channel": channel, "topic": topic, "is_enabled": is_enabled}
        for channel, topic, is_enabled in list_preferences(user)
    ]
    return {"preferences": grid}


_NO_MAILS = {"preferences": [{"channel": "mail", "topic": "announcements", "is_enabled": False}]}
PREFERENCES_REQUEST = OpenApiExample("no announcements by mail", value=_NO_MAILS, request_only=True)
PREFERENCES_ANSWER = OpenApiExample(
    "every channel and topic",
    value={
        "preferences": [
            {"channel": channel, "topic": topic, "is_enabled": (channel, topic) != ("mail", "announcements")}
            for channel, topic in list_choices()
        ]
    },
    response_only=True,
)
UNREAD_ANSWER = OpenApiExample("three", value={"unread": 3}, response_only=True)
