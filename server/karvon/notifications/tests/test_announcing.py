"""Announcements: to whom, over what, in batches that survive a lost worker; and what lands in the inbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from karvon.accounts.models import Role, User
from karvon.accounts.tests.factories import make_user
from karvon.inventory.events import StockLow
from karvon.inventory.tests.factories import level_of, make_variant
from karvon.kernel.errors import PermissionRefused, ValidationFailed
from karvon.merchants.models import StaffRole
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.notifications import handlers, services
from karvon.notifications.errors import NotificationNotFound, TargetNotFound, TargetRefused
from karvon.notifications.models import (
    Delivery,
    Mail,
    MailKind,
    Notification,
    NotificationState,
    TargetType,
    Topic,
)
from karvon.notifications.selectors import count_unread, inbox_of
from karvon.notifications.services import announcing
from karvon.notifications.tests.factories import make_message, make_order
from karvon.orders.events import OrderConfirmed

pytestmark = pytest.mark.django_db


def announce(target_type: str = TargetType.ALL, **options: object) -> Notification:
    actor = options.pop("actor", None) or make_user(role=Role.STAFF)
    return services.announce(
        actor=actor, title="Closed", body="On 21 March.\nSee you!", target_type=target_type, **options
    )


def reached(notification: Notification, channel: str = "inbox") -> set[int]:
    return set(notification.deliveries.filter(channel=channel).values_list("user_id", flat=True))


def test_each_target_reaches_its_people():
    merchant, customer = make_merchant(), make_user()
    cook = make_staff(merchant, user=make_user(role=Role.MERCHANT_STAFF)).user
    other_owner = make_merchant().owner
    make_staff(merchant, is_active=False)
    closed = make_user(is_active=False)
    expected = {
        (TargetType.MERCHANT, merchant.pk): {merchant.owner_id, cook.pk},
        (TargetType.USER, customer.pk): {customer.pk},
        (TargetType.MERCHANTS, None): {merchant.owner_id, cook.pk, other_owner.pk},
        (TargetType.ALL, None): set(User.objects.exclude(pk=closed.pk).values_list("pk", flat=True)),
    }

    operator = make_user(role=Role.STAFF)
    for (kind, number), people in expected.items():
        notification = announce(kind, target_id=number, actor=operator)
        services.send_notification(notification_id=notification.pk)
        assert reached(notification) - {operator.pk} == people - {operator.pk}, kind

    notification = announce(TargetType.CUSTOMERS, actor=operator)
    services.send_notification(notification_id=notification.pk)
    assert customer.pk in reached(notification)
    assert merchant.owner_id not in reached(notification)


def test_mail_goes_to_whoever_has_an_address_in_their_language():
    make_user(email="aziza@example.com", language="uz")
    make_user(email=None, phone="+998901234567")
    notification = announce(TargetType.CUSTOMERS)

    services.send_notification(notification_id=notification.pk)

    mail = Mail.objects.get(recipient="aziza@example.com")
    assert (mail.kind, mail.language, mail.subject) == (MailKind.ANNOUNCEMENT, "uz", "Closed")
    assert "See you!" in mail.text_body
    assert "On 21 March.<br><br>See you!" in mail.html_body
    assert Mail.objects.count() == len(reached(notification, "mail")) == 1
    assert len(reached(notification)) == 2


def test_what_somebody_declines_is_not_sent():
    person = make_user(email="aziza@example.com")
    services.set_preferences(user=person, wanted={("mail", "announcements"): False})
    services.set_preferences(
        user=person, wanted={("mail", "announcements"): False, ("inbox", "orders"): False}
    )
    notification = announce(TargetType.USER, target_id=person.pk)

    services.send_notification(notification_id=notification.pk)

    assert reached(notification) == {person.pk}
    assert reached(notification, "mail") == set()
    assert not Mail.objects.exists()


def test_a_lost_worker_costs_nobody_anything(monkeypatch):
    monkeypatch.setattr(announcing, "BATCH", 3)
    people = [make_user(email=f"p{number}@example.com") for number in range(8)]
    notification = announce(TargetType.CUSTOMERS)
    mail = announcing.list_channels()[1]
    services.hand_out_batch(notification_id=notification.pk)

    def queue_and_die(*args: object, **window: int) -> None:
        type(mail).hand_over(mail, *args, **window)
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(mail, "hand_over", queue_and_die)
        with pytest.raises(RuntimeError), transaction.atomic():
            services.hand_out_batch(notification_id=notification.pk)
    # the batch that died left nothing behind, and whoever comes next goes on from where the cursor stands
    services.send_notification(notification_id=notification.pk)
    services.send_notification(notification_id=notification.pk)

    notification.refresh_from_db()
    assert (notification.state, notification.recipients) == (NotificationState.SENT, 8)
    assert reached(notification) == reached(notification, "mail") == {each.pk for each in people}
    assert Mail.objects.count() == 8


def test_interrupted_notifications_are_taken_up_again():
    notification = announce()
    now = datetime.now(UTC)

    assert services.take_interrupted(now=now) == []
    later = now + announcing.SILENT + timedelta(seconds=1)
    assert services.take_interrupted(now=later) == [notification.pk]
    assert services.take_interrupted(now=later) == []


def test_five_thousand_people_take_a_few_statements_a_batch():
    User.objects.bulk_create(
        User(username=f"u{number}", email=f"u{number}@example.com", password="!") for number in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE accounts_user"
        )  # as autovacuum does; it may have seen the table when it was empty
    notification = announce(TargetType.CUSTOMERS)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        services.send_notification(notification_id=notification.pk)

    # per batch: lock, numbers, two channels, a queue of mails per language, cursor
    assert len(queries) <= 6 * 9
    assert Delivery.objects.count() == 10_000
    assert Mail.objects.count() == 5000


def test_who_may_tell_whom():
    merchant, other = make_merchant(), make_merchant()
    owner, cook = merchant.owner, make_staff(merchant, role=StaffRole.COOK).user
    for kind in (TargetType.ALL, TargetType.MERCHANTS, TargetType.CUSTOMERS):
        with pytest.raises(TargetRefused):
            announce(kind, actor=owner, merchant=merchant)
    with pytest.raises(TargetRefused):
        announce(TargetType.MERCHANT, target_id=merchant.pk, actor=owner)
    for kind, number in ((TargetType.MERCHANT, other.pk), (TargetType.USER, other.owner_id)):
        with pytest.raises(TargetNotFound):
            announce(kind, target_id=number, actor=owner, merchant=merchant)
    with pytest.raises(PermissionRefused):
        announce(TargetType.MERCHANT, target_id=merchant.pk, actor=cook, merchant=merchant)
    for kind, number in ((TargetType.ALL, 1), (TargetType.USER, None)):
        with pytest.raises(ValidationFailed):
            announce(kind, target_id=number)
    assert not Notification.objects.exists()

    announce(TargetType.MERCHANT, target_id=merchant.pk, actor=owner, merchant=merchant)
    announce(TargetType.USER, target_id=cook.pk, actor=owner, merchant=merchant)


def test_an_order_is_told_in_the_inbox_too_once():
    customer = make_user(email="aziza@example.com")
    order, event_id = make_order(customer=customer), uuid4()

    for _ in range(2):
        handlers.mail_order_confirmation(OrderConfirmed(order_id=order.pk), event_id=event_id)

    message = inbox_of(customer).get()
    assert message.notification.title == f"Order {order.number} is confirmed"
    assert message.notification.data == {"order": order.pk, "number": order.number}
    assert Mail.objects.count() == 1


def test_an_order_is_told_as_its_customer_likes():
    customer = make_user(email="aziza@example.com")
    services.set_preferences(user=customer, wanted={("mail", "orders"): False})

    handlers.mail_order_confirmation(
        OrderConfirmed(order_id=make_order(customer=customer).pk), event_id=uuid4()
    )

    assert count_unread(customer) == 1
    assert not Mail.objects.exists()


def test_low_stock_is_told_in_the_inbox_of_those_in_charge():
    merchant = make_merchant()
    level = level_of(make_variant(merchant=merchant, units=2, threshold=3))
    news = StockLow(
        level_id=level.pk,
        variant_id=level.variant_id,
        branch_id=level.branch_id,
        merchant_id=merchant.pk,
        available=2,
        threshold=3,
    )

    handlers.mail_stock_low(news, event_id=uuid4())

    assert inbox_of(merchant.owner).get().notification.topic == Topic.STOCK


def test_reading():
    person, stranger = make_user(), make_user()
    first, second = make_message(person), make_message(person)
    make_message(stranger)

    with pytest.raises(NotificationNotFound):
        services.mark_read(user=stranger, message_id=first.pk)
    read_at = services.mark_read(user=person, message_id=first.pk).read_at
    assert services.mark_read(user=person, message_id=first.pk).read_at == read_at
    assert count_unread(person) == 1
    assert services.mark_all_read(user=person) == 1
    assert (count_unread(person), count_unread(stranger)) == (0, 1)
    assert [each.pk for each in inbox_of(person)] == [second.pk, first.pk]


def test_old_notifications_are_forgotten():
    make_message(make_user())
    waiting = announce()

    assert services.purge_old_notifications(now=datetime.now(UTC) + timedelta(days=181)) == 1

    assert list(Notification.objects.all()) == [waiting]
    assert not Delivery.objects.exists()
