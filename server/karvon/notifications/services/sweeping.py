"""Beat's part: mails that are due, mails whose worker was lost, mails nobody needs any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.notifications.models import Mail, MailState
from karvon.notifications.services.queueing import HANDED_OVER

# longer than a worker may take over one mail (its time limit), so nobody is sending it any more
LOST_AFTER = timedelta(minutes=5)
KEPT = timedelta(days=90)
BATCH = 200


@transactional
def take_due_mails(*, now: datetime | None = None) -> list[int]:
    """Queued mails whose time has come, to be handed to a worker; they are not taken again for a minute."""
    time = now or clock_now()
    due = Mail.objects.select_for_update(skip_locked=True).filter(
        state=MailState.QUEUED, next_attempt_at__lte=time
    )
    taken = list(due.order_by("next_attempt_at", "id").values_list("pk", flat=True)[:BATCH])
    Mail.objects.filter(pk__in=taken).update(next_attempt_at=time + HANDED_OVER)
    return taken


@transactional
def give_up_lost_mails(*, now: datetime | None = None) -> int:
    """Mails in sending for too long end as "unknown": they may have arrived, so they are not sent again."""
    lost = Mail.objects.filter(state=MailState.SENDING, sending_since__lt=(now or clock_now()) - LOST_AFTER)
    return lost.update(
        state=MailState.UNKNOWN,
        sending_since=None,
        error="The worker was lost while it was sending.",
    )


def purge_old_mails(*, now: datetime | None = None) -> int:
    """Forgets mails of three months ago: they hold names and addresses. How many."""
    old = Mail.objects.filter(created_at__lt=(now or clock_now()) - KEPT)
    removed, _by_model = old.exclude(state__in=(MailState.QUEUED, MailState.SENDING)).delete()
    return removed
