"""Entry points of the worker; what sends goes through the queue `emails`."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from karvon.notifications import services
from karvon.notifications.services.announcing import hand_out
from karvon.notifications.services.queueing import hand_over


@shared_task(
    name="notifications.send_mail",
    acks_late=True,
    ignore_result=True,
    # far below services.sweeping.LOST_AFTER
    soft_time_limit=60,
    time_limit=90,
)
def send_mail_task(*, mail_id: int, **_: Any) -> None:
    """Send one mail; handed over twice it is sent once."""
    services.send_mail(mail_id=mail_id)


@shared_task(name="notifications.sweep_mails", ignore_result=True)
def sweep_mails(**_: Any) -> None:
    """Every few seconds: what is due goes to the workers, what was lost is marked as such."""
    services.give_up_lost_mails()
    for mail_id in services.take_due_mails():
        if not hand_over(mail_id):
            break


@shared_task(name="notifications.purge_old_mails", ignore_result=True)
def purge_old_mails(**_: Any) -> None:
    """Daily."""
    services.purge_old_mails()


# the name is documented
@shared_task(name="send_notification", acks_late=True, ignore_result=True)
def send_notification_task(*, notification_id: int, **_: Any) -> None:
    """Hand one notification out, batch by batch; handed over twice, one goes on."""
    services.send_notification(notification_id=notification_id)


@shared_task(name="notifications.resume_notifications", ignore_result=True)
def resume_notifications(**_: Any) -> None:
    """Every half minute: what was interrupted goes to the workers again."""
    for notification_id in services.take_interrupted():
        if not hand_out(notification_id):
            break


@shared_task(name="notifications.purge_old_notifications", ignore_result=True)
def purge_old_notifications(**_: Any) -> None:
    """Daily, in batches."""
    while services.purge_old_notifications():
        pass
