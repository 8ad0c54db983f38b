"""The ways to people. A channel is a folder here with a class of this protocol, and one line in `_CHANNELS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from karvon.notifications.channels.inbox import InboxChannel
from karvon.notifications.channels.mail import MailChannel

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from karvon.accounts.models import User
    from karvon.notifications.models import Notification


class Channel(Protocol):
    """`name` is one of `ChannelName`, and stays the same for good."""

    name: str

    def reachable(self, people: QuerySet[User]) -> QuerySet[User]:
        """Those whom this channel can reach at all."""

    def hand_over(self, notification: Notification, *, after: int, to: int) -> None:
        """Send to whoever has a delivery of this channel and a number in (after, to]: with a statement or two, in the batch's
        transaction, into a queue of the channel's own; nothing is spoken to here.
        """


_CHANNELS: Final[tuple[Channel, ...]] = (InboxChannel(), MailChannel())


def list_channels() -> tuple[Channel, ...]:
    """Every channel, in the order in which people are told."""
    return _CHANNELS
