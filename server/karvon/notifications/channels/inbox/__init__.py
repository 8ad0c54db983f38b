"""The inbox of an account: its delivery is the message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from karvon.accounts.models import User
    from karvon.notifications.models import Notification


class InboxChannel:
    name = "inbox"

    def reachable(self, people: QuerySet[User]) -> QuerySet[User]:
        return people

    def hand_over(self, notification: Notification, *, after: int, to: int) -> None:
        """Nothing more is to be done: the person reads the delivery."""
