"""Every read of notifications and mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from karvon.notifications.models import ChannelName, Delivery, Mail, Preference, list_choices

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User


def mails_visible_to(principal: User | AnonymousUser) -> QuerySet[Mail]:
    """Operators see mails, nobody else: they hold other people's names and order links."""
    is_operator = principal.is_authenticated and principal.is_operator
    return Mail.objects.all() if is_operator else Mail.objects.none()


def inbox_of(user: User) -> QuerySet[Delivery]:
    """A person's messages with what they say, newest first. One query."""
    messages = Delivery.objects.filter(user=user, channel=ChannelName.INBOX)
    return messages.select_related("notification").order_by("-id")


def count_unread(user: User) -> int:
    """How many messages somebody has not read."""
    return inbox_of(user).filter(read_at__isnull=True).count()


def list_preferences(user: User) -> list[tuple[str, str, bool]]:
    """(channel, topic, wanted) for all that may be declined; what was never said is wanted."""
    said = {
        (each.channel, each.topic): each.is_enabled
        for each in Preference.objects.filter(user=user).order_by()
    }
    return [(*choice, said.get(choice, True)) for choice in list_choices()]
