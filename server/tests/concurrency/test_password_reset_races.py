"""One link used many times at once, and many requests for one."""

from __future__ import annotations

from collections import Counter
from threading import Barrier
from uuid import uuid4

import pytest

from karvon.accounts.models import User
from karvon.accounts.services import make_reset_link, resetting
from karvon.accounts.tests.factories import make_client, make_user
from karvon.notifications.models import Mail
from karvon.notifications.services import mail_password_reset
from tests.concurrency.racing import PATIENCE, race

pytestmark = pytest.mark.django_db(transaction=True)

CONTENDERS = 8


def use(link: str, number: int) -> int:
    uid, token = link.rpartition("#")[2].split("/")
    body = {"uid": uid, "token": token, "new_password": password(number)}
    url = "/api/v1/auth/users/reset_password_confirm/"
    return make_client().post(url, body, format="json").status_code


def password(number: int) -> str:
    return f"left-mule-capacitor-{number}"


def test_of_eight_uses_of_one_link_exactly_one_sets_its_password():
    user = make_user()
    link = make_reset_link(user)

    statuses = race([lambda number=number: use(link, number) for number in range(CONTENDERS)])

    assert Counter(statuses) == {204: 1, 400: CONTENDERS - 1}
    user.refresh_from_db()
    assert user.check_password(password(statuses.index(204)))


def test_control_without_the_row_lock_several_do(monkeypatch):
    link = make_reset_link(make_user())
    all_have_read = Barrier(CONTENDERS)

    def read_without_lock(user_id):
        user = User.objects.get(pk=user_id)
        all_have_read.wait(PATIENCE)
        return user

    monkeypatch.setattr(resetting, "_lock_person", read_without_lock)

    statuses = race([lambda number=number: use(link, number) for number in range(CONTENDERS)])

    assert Counter(statuses)[204] > 1


def test_of_eight_requests_at_once_one_becomes_a_mail():
    make_user(email="aziza@example.com")

    race([lambda: mail_password_reset(email="aziza@example.com", event_id=uuid4())] * CONTENDERS)

    assert Mail.objects.count() == 1
