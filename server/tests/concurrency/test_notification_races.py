"""One notification, many workers: everybody is told once, nobody is missed; with a control."""

from __future__ import annotations

from functools import partial

import pytest
from django.db.models import QuerySet

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_user
from karvon.notifications import services
from karvon.notifications.models import Mail, Notification, NotificationState, TargetType
from karvon.notifications.services import announcing
from tests.concurrency.crowds import Meeting, run_crowd

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 40


@pytest.fixture
def notification(monkeypatch: pytest.MonkeyPatch) -> Notification:
    monkeypatch.setattr(announcing, "hand_out", lambda _notification_id: True)
    monkeypatch.setattr(announcing, "BATCH", 4)
    for number in range(PEOPLE):
        make_user(email=f"p{number}@example.com")
    operator = make_user(role=Role.STAFF)
    return services.announce(actor=operator, title="Hello", body="", target_type=TargetType.CUSTOMERS)


def test_six_workers_tell_everybody_once(notification: Notification) -> None:
    work = partial(services.send_notification, notification_id=notification.pk)

    assert run_crowd([work] * 6) == [None] * 6

    notification.refresh_from_db()
    assert (notification.state, notification.recipients) == (NotificationState.SENT, PEOPLE)
    assert notification.deliveries.count() == 2 * PEOPLE
    assert Mail.objects.count() == PEOPLE


def test_control_without_the_lock_a_batch_is_counted_twice(
    notification: Notification, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting(2)
    people_for = announcing._people_for

    def meet(one: Notification) -> QuerySet[object]:
        meeting.wait()
        return people_for(one)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    monkeypatch.setattr(announcing, "_people_for", meet)
    batch = partial(services.hand_out_batch, notification_id=notification.pk)

    run_crowd([batch] * 2)

    # both saw the same cursor; only the key of deliveries kept people from being told twice
    notification.refresh_from_db()
    assert notification.cursor == sorted(notification.deliveries.values_list("user_id", flat=True))[-1]
    assert (notification.recipients, notification.deliveries.count()) == (4, 8)
