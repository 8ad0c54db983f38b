"""Every read of mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from karvon.notifications.models import Mail

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from karvon.accounts.models import User


def mails_visible_to(principal: User | AnonymousUser) -> QuerySet[Mail]:
    """Operators see mails, nobody else: they hold other people's names and order links."""
    is_operator = principal.is_authenticated and principal.is_operator
    return Mail.objects.all() if is_operator else Mail.objects.none()
