"""Telling people something: who may tell whom, and handing it out in batches that survive a lost worker."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from karvon.accounts.models import Role, User
from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.kernel.errors import ValidationFailed
from karvon.merchants import policies
from karvon.merchants.models import Merchant, MerchantStaff
from karvon.notifications.channels import list_channels
from karvon.notifications.errors import TargetNotFound, TargetRefused
from karvon.notifications.models import (
    Delivery,
    Notification,
    NotificationState,
    Preference,
    TargetType,
    Topic,
)

if TYPE_CHECKING:
    from karvon.notifications.channels import Channel

logger = logging.getLogger(__name__)

BATCH: Final = 1000  # people per transaction
SILENT: Final = timedelta(seconds=60)  # after which whoever was handing out counts as lost
KEPT: Final = timedelta(days=180)
_OF_ONE: Final = frozenset({TargetType.MERCHANT, TargetType.USER})


@transactional
def announce(
    *,
    actor: User,
    title: str,
    body: str,
    target_type: TargetType | str,
    target_id: int | None = None,
    merchant: Merchant | None = None,
    now: datetime | None = None,
) -> Notification:
    """Tell people something; it is handed out in the background. With `merchant`, somebody of that shop speaks for it.

    Operators may tell anybody; a shop's owner and managers the people of their shop. Raises TargetRefused, TargetNotFound,
    ValidationFailed for a `target_id` that is missing or too much, and what `policies.require` raises.
    """
    kind = TargetType(target_type)
    if (target_id is None) == (kind in _OF_ONE):
        message = (
            _("Name the merchant or the person.")
            if target_id is None
            else _("Only with “merchant” and “user”.")
        )
        raise ValidationFailed(details={"target_id": [message]})
    _check_target(actor, kind, target_id, merchant)
    notification = Notification.objects.create(
        title=title,
        body=body,
        target_type=kind,
        target_id=target_id,
        created_by=actor,
        merchant=merchant,
        next_attempt_at=(now or clock_now()) + SILENT,
    )
    transaction.on_commit(lambda: hand_out(notification.pk))
    return notification


def _check_target(actor: User, kind: TargetType, target_id: int | None, merchant: Merchant | None) -> None:
    if merchant is None and not actor.is_operator:
        raise TargetRefused
    if merchant is not None:
        policies.require(actor, merchant.pk, policies.Action.MANAGE_STAFF)
        if target_id is None:
            raise TargetRefused
    if target_id is not None and not _is_there(kind, target_id, merchant):
        raise TargetNotFound


def _is_there(kind: TargetType, target_id: int, merchant: Merchant | None) -> bool:
    """Whether there is such a merchant or open account, and, for a shop that speaks, whether it is its own."""
    if kind == TargetType.MERCHANT:
        return target_id == merchant.pk if merchant else Merchant.objects.filter(pk=target_id).exists()
    people = _people_of(merchant.pk) if merchant else User.objects.all()
    return people.filter(pk=target_id, is_active=True).exists()


def _people_of(merchant_id: int | None = None) -> QuerySet[User]:
    """The owner of a shop and who works there; of all shops when none is named."""
    shops, staff = Merchant.objects.order_by(), MerchantStaff.objects.filter(is_active=True).order_by()
    if merchant_id is not None:
        shops, staff = shops.filter(pk=merchant_id), staff.filter(merchant=merchant_id)
    return User.objects.filter(Q(pk__in=staff.values("user")) | Q(pk__in=shops.values("owner")))


def _people_for(notification: Notification) -> QuerySet[User]:
    """Whom a notification is for: open accounts only."""
    people = User.objects.filter(is_active=True)
    if notification.target_type == TargetType.MERCHANTS:
        return people & _people_of()
    if notification.target_type == TargetType.CUSTOMERS:
        return people.filter(role=Role.CUSTOMER)
    if notification.target_type == TargetType.MERCHANT:
        return people & _people_of(notification.target_id or 0)
    if notification.target_type == TargetType.USER:
        return people.filter(pk=notification.target_id or 0)
    return people


@transactional
def hand_out_batch(*, notification_id: int, now: datetime | None = None) -> bool:
    """Write the deliveries of the next people, by number; whether there may be more.

    Of several workers one goes on; the others find the row locked and leave. Deliveries, queued mails and the cursor commit
    together, so a batch that dies is done anew, whole.
    """
    time = now or clock_now()
    waiting = Notification.objects.select_for_update(skip_locked=True, of=("self",))
    notification = waiting.filter(pk=notification_id, state=NotificationState.SENDING).first()
    if notification is None:
        return False
    people = _people_for(notification)
    after = notification.cursor
    batch = people.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]
    numbers = list(batch)
    if numbers:
        window = people.filter(pk__gt=after, pk__lte=numbers[-1])
        for channel in list_channels():
            _deliver(notification, window, channel)
            channel.hand_over(notification, after=after, to=numbers[-1])
        notification.cursor = numbers[-1]
        notification.recipients += len(numbers)
    if len(numbers) < BATCH:
        notification.state, notification.sent_at = NotificationState.SENT, time
    notification.next_attempt_at = time + SILENT
    notification.save(update_fields=["cursor", "recipients", "state", "sent_at", "next_attempt_at"])
    return notification.state == NotificationState.SENDING


def _deliver(notification: Notification, people: QuerySet[User], channel: Channel) -> None:
    """A delivery for each of these people who can be reached and has not declined: one statement."""
    declined = Preference.objects.filter(
        user=OuterRef("pk"), channel=channel.name, topic=notification.topic, is_enabled=False
    )
    rows = channel.reachable(people).filter(~Exists(declined)).order_by("pk")
    chosen, values = rows.values_list(
        Value(notification.pk), "pk", Value(channel.name)
    ).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Delivery._meta.db_table} (notification_id, user_id, channel) {chosen} "
            "ON CONFLICT DO NOTHING",
            values,
        )


def send_notification(*, notification_id: int) -> None:
    """Hand a notification out to its end, or until somebody else is found doing it."""
    while hand_out_batch(notification_id=notification_id):
        pass


@transactional
def take_interrupted(*, now: datetime | None = None) -> list[int]:
    """Notifications that nobody goes on with: their worker was lost, or the broker took no task."""
    time = now or clock_now()
    silent = Notification.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=NotificationState.SENDING, next_attempt_at__lte=time
    )
    taken = list(silent.order_by("next_attempt_at", "id").values_list("pk", flat=True)[:50])
    Notification.objects.filter(pk__in=taken).update(next_attempt_at=time + SILENT)
    return taken


def hand_out(notification_id: int) -> bool:
    """Give a notification to a worker; False when the broker cannot be reached (the sweep tries again)."""
    from karvon.notifications.tasks import send_notification_task

    try:
        send_notification_task.apply_async(kwargs={"notification_id": notification_id}, retry=False)
    except (OperationalError, RedisError, OSError):
        logger.warning("the broker took no task: notification %s waits for the next sweep", notification_id)
        return False
    return True


def tell(
    *, user: User, topic: Topic, title: str, source: str, body: str = "", data: dict[str, Any] | None = None
) -> None:
    """News for one person's inbox, once per `source`, unless they want none of the topic. Inside a transaction."""
    if not is_wanted(user_id=user.pk, channel="inbox", topic=topic):
        return
    notification, is_new = Notification.objects.get_or_create(
        source=source,
        defaults={
            "title": title[:200],
            "body": body,
            "topic": topic,
            "target_type": TargetType.USER,
            "target_id": user.pk,
            "data": data or {},
            "state": NotificationState.SENT,
            "recipients": 1,
            "sent_at": clock_now(),
        },
    )
    if is_new:
        Delivery.objects.create(notification=notification, user=user, channel="inbox")


def is_wanted(*, user_id: int, channel: str, topic: str) -> bool:
    """Whether somebody has not declined a topic over a channel."""
    declined = Preference.objects.filter(user=user_id, channel=channel, topic=topic, is_enabled=False)
    return not declined.exists()


def purge_old_notifications(*, now: datetime | None = None) -> int:
    """Forget what was told half a year ago, with its deliveries. How many notifications."""
    old = Notification.objects.filter(
        created_at__lt=(now or clock_now()) - KEPT, state=NotificationState.SENT
    ).values("pk")[:BATCH]
    Delivery.objects.filter(notification__in=old).delete()
    return Notification.objects.filter(pk__in=old, deliveries__isnull=True).delete()[0]
