"""Mails into the queue: a row each, written in the transaction of what asked for them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.kernel.errors import PermissionRefused
from karvon.notifications.errors import MailNotFound, MailNotStuck
from karvon.notifications.models import Mail, MailKind, MailState

if TYPE_CHECKING:
    from karvon.accounts.models import User
    from karvon.notifications.rendering import RenderedMail

logger = logging.getLogger(__name__)

# how long a mail waits for the worker it was handed to before the sweep hands it over again
HANDED_OVER = timedelta(seconds=60)
QUEUE = "emails"


@transactional
def queue_mail(
    *,
    event_id: UUID,
    kind: MailKind,
    recipient: str,
    mail: RenderedMail,
    user: User | None = None,
    about_id: int | None = None,
    now: datetime | None = None,
) -> Mail | None:
    """One mail per event, kind and recipient, however often the event arrives; None for an address that
    is none. `user` is whose private link it will carry (`private_links`), `about_id` what that is about.

    It is handed to a worker after the commit; if the broker cannot be reached then, the sweep does it later.
    """
    if not _is_address(recipient):
        logger.warning("mail of %s for event %s has no usable address", kind, event_id)
        return None
    row, created = Mail.objects.get_or_create(
        event_id=event_id,
        kind=kind,
        recipient=recipient,
        defaults={
            "user": user,
            "about_id": about_id,
            "language": mail.language,
            "subject": mail.subject,
            "text_body": mail.text,
            "html_body": mail.html,
            "next_attempt_at": (now or clock_now()) + HANDED_OVER,
        },
    )
    if created:
        _hand_over_after_commit(row.pk)
    return row


@transactional
def send_again(*, mail_id: int, actor: User | None, now: datetime | None = None) -> Mail:
    """Queues a mail anew that failed, or of which nobody knows whether it arrived. Operators only.

    Raises MailNotFound, MailNotStuck (409), PermissionRefused.
    """
    if actor is not None and not actor.is_operator:
        raise PermissionRefused
    mail = Mail.objects.select_for_update().filter(pk=mail_id).first()
    if mail is None:
        raise MailNotFound
    if mail.state not in {MailState.FAILED, MailState.UNKNOWN}:
        raise MailNotStuck
    mail.state, mail.error, mail.rounds = MailState.QUEUED, "", mail.rounds + 1
    mail.attempts, mail.sending_since = 0, None
    mail.next_attempt_at = (now or clock_now()) + HANDED_OVER
    mail.save(update_fields=["state", "error", "rounds", "attempts", "sending_since", "next_attempt_at"])
    _hand_over_after_commit(mail.pk)
    return mail


def _is_address(recipient: str) -> bool:
    try:
        validate_email(recipient)
    except ValidationError:
        return False
    return True


def _hand_over_after_commit(mail_id: int) -> None:
    transaction.on_commit(lambda: hand_over(mail_id))


def hand_over(mail_id: int) -> bool:
    """Gives a queued mail to a worker; False when the broker cannot be reached (the sweep tries again)."""
    from karvon.notifications.tasks import send_mail_task

    try:
        send_mail_task.apply_async(kwargs={"mail_id": mail_id}, queue=QUEUE, retry=False)
    except (OperationalError, RedisError, OSError):
        logger.warning("the broker took no mail: mail %s waits for the next sweep", mail_id)
        return False
    return True
