"""Mails that people may do without, and the link in each of them that says so.

What somebody said, by a link or among their preferences, is the same row: no mails about the topic that the kind belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet

from karvon.accounts.models import User
from karvon.kernel.errors import NotFound
from karvon.notifications.models import ChannelName, MailKind, Preference, Topic
from karvon.notifications.services import set_preferences

TOPICS: Final[Mapping[MailKind, Topic]] = MappingProxyType(
    {
        MailKind.SALES_REPORT: Topic.REPORTS,
        MailKind.LOW_STOCK_DIGEST: Topic.STOCK_DIGESTS,
        MailKind.CART_REMINDER: Topic.CARTS,
    }
)
_SALT = "karvon.analytics.refusal"  # stays: links in mails that were sent are good for ever


def make_refusal_link(user: User, kind: MailKind) -> str:
    """Where this person, and nobody else, ends mails of this kind; good for ever."""
    token = signing.dumps([user.pk, str(kind)], salt=_SALT)
    return f"{settings.KARVON_PUBLIC_URL}/unsubscribe/{token}/"


def read_refusal_link(token: str) -> tuple[User, MailKind]:
    """Whom and which mails a link is about. Raises NotFound for one that is not ours, or whose account is closed."""
    try:
        user_id, kind = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise NotFound from None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or kind not in TOPICS:
        raise NotFound
    return user, MailKind(kind)


def refuse(user: User, kind: MailKind) -> None:
    """No more mails of this kind. Doing it again does nothing."""
    set_preferences(user=user, wanted={(ChannelName.MAIL, TOPICS[kind]): False})


def accept(user: User, kind: MailKind) -> None:
    """Mails of this kind again."""
    set_preferences(user=user, wanted={(ChannelName.MAIL, TOPICS[kind]): True})


def has_refused(user: User, kind: MailKind) -> bool:
    return _refusals(kind).filter(user=user).exists()


def who_want(people: Iterable[User], kind: MailKind) -> list[User]:
    """Those with an address who have not refused: one query."""
    people = [person for person in people if person.email]
    refused = set(_refusals(kind).filter(user__in=people).values_list("user_id", flat=True))
    return [person for person in people if person.pk not in refused]


def _refusals(kind: MailKind) -> QuerySet[Preference]:
    return Preference.objects.filter(channel=ChannelName.MAIL, topic=TOPICS[kind], is_enabled=False)
