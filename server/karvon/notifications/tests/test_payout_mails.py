"""What owners hear about their money."""

from __future__ import annotations

import pytest
from django.core import mail

from karvon.accounts.models import Role
from karvon.accounts.tests.factories import make_client, make_user
from karvon.kernel.models import DeliveryState, EventDelivery
from karvon.kernel.testing import drain_outbox
from karvon.ledger.services import (
    BankInput,
    approve_payout,
    mark_payout_failed,
    mark_payout_paid,
    set_bank_details,
)
from karvon.ledger.tests.factories import make_payouts
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.notifications.models import Mail, Preference
from karvon.notifications.selectors import inbox_of
from karvon.notifications.services import send_mail

pytestmark = pytest.mark.django_db


def send_all() -> list[tuple[str, str]]:
    """What the relay and the worker would do; to whom which subject went."""
    drain_outbox()
    for each in Mail.objects.order_by("id"):
        send_mail(mail_id=each.pk)
    return [(each.to[0], each.subject) for each in mail.outbox]


@pytest.fixture
def people():
    return make_user(role=Role.STAFF), make_user(role=Role.ADMIN)


@pytest.fixture
def merchant():
    owner = make_user(email="owner@example.com", language="en", first_name="Aziza", role=Role.MERCHANT)
    merchant = make_merchant(name="Plov", owner=owner)
    make_staff(merchant, user=make_user(email="manager@example.com"))
    return merchant


def titles(user) -> list[str]:
    return [each.notification.title for each in inbox_of(user)]


def test_an_owner_hears_of_each_step_once(merchant, people):
    maker, approver = people
    (payout,) = make_payouts(merchant, actor=maker)
    assert send_all() == [], "a draft is nobody's news"

    approve_payout(payout_id=payout.pk, actor=approver)
    mark_payout_paid(payout_id=payout.pk, actor=maker, reference="PP-4711")
    send_all()
    # the relay hands everything over once more, as after a crash
    EventDelivery.objects.update(state=DeliveryState.PENDING, attempts=0)
    sent = send_all()

    assert sent == [
        ("owner@example.com", "UZS 100,000.00 for Plov are on their way"),
        ("owner@example.com", "UZS 100,000.00 for Plov have been paid out"),
    ]
    assert titles(merchant.owner) == [subject for _to, subject in reversed(sent)]
    body, html = mail.outbox[1].body, mail.outbox[1].alternatives[0][0]
    for text in (body, html):
        assert "PP-4711" in text
        assert "4417" in text
        assert payout.number not in text
        assert f"/admin/ledger/payout/{payout.pk}/change/" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [("uz", "yetib bormadi"), ("ru", "не дошла"), ("ar", "لم تصل")],
)
def test_in_their_language_with_the_reason(merchant, people, language, words):
    merchant.owner.language = language
    merchant.owner.save(update_fields=["language"])
    maker, approver = people
    (payout,) = make_payouts(merchant, actor=maker)
    approve_payout(payout_id=payout.pk, actor=approver)
    mark_payout_failed(payout_id=payout.pk, actor=maker, reason="The account <is> closed")

    send_all()

    assert words in mail.outbox[-1].subject
    assert "The account <is> closed" in mail.outbox[-1].body
    assert "The account &lt;is&gt; closed" in mail.outbox[-1].alternatives[0][0]


def test_payouts_may_be_declined_and_new_bank_details_may_not(merchant, people):
    for channel in ("mail", "inbox"):
        Preference.objects.create(user=merchant.owner, channel=channel, topic="payouts", is_enabled=False)
    maker, approver = people
    (payout,) = make_payouts(merchant, actor=maker)
    approve_payout(payout_id=payout.pk, actor=approver)
    data = BankInput("Thief", "Bank", "20208000900999999999")
    set_bank_details(merchant_id=merchant.pk, data=data, actor=maker)
    set_bank_details(merchant_id=merchant.pk, data=data, actor=maker)

    sent = send_all()

    assert sent == [("owner@example.com", "The bank details of Plov were changed")]
    assert "9999" in mail.outbox[0].body
    assert "20208000900999999999" not in mail.outbox[0].body + mail.outbox[0].alternatives[0][0]
    assert "write to us at once" in mail.outbox[0].body
    assert titles(merchant.owner) == []


def test_the_dashboard_says_what_is_to_come(merchant, people):
    maker, approver = people
    url = f"/api/v1/analytics/merchants/{merchant.pk}/"
    (payout,) = make_payouts(merchant, actor=maker, amount=100_000)
    before = make_client(merchant.owner).get(url).json()["payouts"]
    approve_payout(payout_id=payout.pk, actor=approver)
    mark_payout_failed(payout_id=payout.pk, actor=maker)

    after = make_client(merchant.owner).get(url).json()["payouts"]

    assert (before["balance"], before["pending"]) == ("0.00", "100000.00")
    assert [(each["id"], each["state"], each["account"][-4:]) for each in before["latest"]] == [
        (payout.pk, "draft", "4417")
    ]
    assert (after["balance"], after["pending"], after["latest"][0]["state"]) == (
        "100000.00",
        "0.00",
        "failed",
    )
    foreign = make_client(make_merchant().owner).get(f"{url}?currency=UZS")
    assert foreign.status_code == 404
