"""Mails to the people of a merchant, and to those who are to become some."""

from __future__ import annotations

import pytest
from django.core import mail

from karvon.accounts.tests.factories import make_client, make_user
from karvon.kernel.testing import drain_outbox
from karvon.merchants.models import StaffInvitation
from karvon.merchants.offers import hash_secret
from karvon.merchants.services import (
    activate_merchant,
    decide_kyc,
    invite_staff,
    make_invitation_link,
    revoke_invitation,
    suspend_merchant,
)
from karvon.merchants.tests.factories import make_merchant, make_staff
from karvon.notifications.models import Mail
from karvon.notifications.services import send_mail

pytestmark = pytest.mark.django_db


def send_all():
    """What the relay and the worker would do."""
    drain_outbox()
    for each in Mail.objects.order_by("id"):
        send_mail(mail_id=each.pk)


def test_the_owner_is_told_what_came_of_the_papers():
    merchant = make_merchant(owner=make_user(email="owner@example.com", language="en"), kyc_status="pending")

    decide_kyc(actor=None, merchant_id=merchant.pk, decision="rejected", note="The passport cannot be read")
    send_all()

    (sent,) = mail.outbox
    assert sent.to == ["owner@example.com"]
    assert "The passport cannot be read" in sent.body
    assert "were not accepted" in sent.subject


def test_a_mail_with_a_link_that_no_table_holds(settings):
    merchant = make_merchant(default_language="ru")
    settings.KARVON_INVITATION_URL = "https://shop.example/invitation#{token}"

    answer = make_client(merchant.owner).post(
        f"/api/v1/merchants/{merchant.pk}/invitations/",
        {"email": "Cook@Example.com", "role": "cook"},
        format="json",
        HTTP_HOST="evil.example",
    )
    send_all()

    assert (answer.status_code, answer.json()["email"], answer.json()["language"]) == (
        201,
        "cook@example.com",
        "ru",
    )
    (sent,) = mail.outbox
    row, secret = StaffInvitation.objects.get(), make_invitation_link(answer.json()["id"]).partition("#")[2]
    assert (sent.to, f"https://shop.example/invitation#{secret}" in sent.body) == (["cook@example.com"], True)
    assert "предлагает" in sent.body
    assert row.secret_hash == hash_secret(secret)
    stored = Mail.objects.get()
    assert secret not in stored.text_body + stored.html_body + row.nonce


def test_a_withdrawn_offer_is_not_mailed():
    merchant = make_merchant()
    offer = invite_staff(actor=None, merchant_id=merchant.pk, email="a@example.com", role="cook")
    drain_outbox()
    revoke_invitation(actor=None, merchant_id=merchant.pk, invitation_id=offer.pk)

    send_all()

    assert mail.outbox == []
    assert Mail.objects.get().state == "failed"


def test_a_suspension_is_told_with_its_reason():
    merchant = make_merchant(name="Plov", owner=make_user(email="owner@example.com", language="ar"))
    make_staff(merchant, user=make_user(email="manager@example.com", language="en"))
    make_staff(merchant, user=make_user(email="cook@example.com"), role="cook")

    suspend_merchant(actor=None, merchant_id=merchant.pk, reason="Expired goods <b>")
    activate_merchant(actor=None, merchant_id=merchant.pk)
    send_all()

    assert (
        sorted(each.to[0] for each in mail.outbox) == ["manager@example.com"] * 2 + ["owner@example.com"] * 2
    )
    suspended = next(each for each in mail.outbox if each.subject == "Plov is suspended")
    assert "Note: Expired goods <b>" in suspended.body
    assert "Expired goods &lt;b&gt;" in suspended.alternatives[0][0]
    assert any(each.subject == "Plov is open again" for each in mail.outbox)
