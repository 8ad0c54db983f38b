"""What people do with their inbox and what they want to be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from karvon.accounts.models import User
from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed
from karvon.notifications.errors import NotificationNotFound
from karvon.notifications.models import Delivery, Preference, list_choices
from karvon.notifications.selectors import inbox_of


@transactional
def mark_read(*, user: User, message_id: int, now: datetime | None = None) -> Delivery:
    """Mark one message of one's own inbox read; again changes nothing. Raises NotificationNotFound."""
    message = inbox_of(user).select_for_update(of=("self",)).filter(pk=message_id).first()
    if message is None:
        raise NotificationNotFound
    if message.read_at is None:
        message.read_at = now or clock_now()
        message.save(update_fields=["read_at"])
    return message


@transactional
def mark_all_read(*, user: User, now: datetime | None = None) -> int:
    """Mark the whole inbox read; how many messages were not."""
    return inbox_of(user).filter(read_at__isnull=True).update(read_at=now or clock_now())


@transactional
def set_preferences(*, user: User, wanted: Mapping[tuple[str, str], bool]) -> None:
    """Say which (channel, topic) one wants; what is not named stays. Raises ValidationFailed for what is no choice."""
    unknown = sorted(set(wanted) - set(list_choices()))
    if unknown:
        message = _("“%(topic)s” does not come by “%(channel)s”.")
        raise ValidationFailed(
            details={
                "preferences": [message % {"topic": topic, "channel": channel} for channel, topic in unknown]
            }
        )
    Preference.objects.bulk_create(
        (
            Preference(user=user, channel=channel, topic=topic, is_enabled=is_enabled)
            for (channel, topic), is_enabled in sorted(wanted.items())
        ),
        update_conflicts=True,
        unique_fields=["user", "channel", "topic"],
        update_fields=["is_enabled"],
    )
