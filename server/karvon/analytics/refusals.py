"""Mails that people may do without, and the link in each of them that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.core import signing

from karvon.accounts.models import User
from karvon.analytics.models import MailRefusal
from karvon.kernel.db import transactional
from karvon.kernel.errors import NotFound
from karvon.notifications.models import MailKind

REFUSABLE: Final = (MailKind.SALES_REPORT, MailKind.LOW_STOCK_DIGEST, MailKind.CART_REMINDER)
_SALT = "karvon.analytics.refusal"


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
    if user is None or kind not in REFUSABLE:
        raise NotFound
    return user, MailKind(kind)


@transactional
def refuse(user: User, kind: MailKind) -> None:
    """No more mails of this kind. Doing it again does nothing."""
    MailRefusal.objects.bulk_create([MailRefusal(user=user, kind=kind)], ignore_conflicts=True)


@transactional
def accept(user: User, kind: MailKind) -> None:
    """Mails of this kind again."""
    MailRefusal.objects.filter(user=user, kind=kind).delete()


def has_refused(user: User, kind: MailKind) -> bool:
    return MailRefusal.objects.filter(user=user, kind=kind).exists()


def who_want(people: Iterable[User], kind: MailKind) -> list[User]:
    """Those with an address who have not refused: one query."""
    people = [person for person in people if person.email]
    refused = set(MailRefusal.objects.filter(user__in=people, kind=kind).values_list("user_id", flat=True))
    return [person for person in people if person.pk not in refused]
