"""Who hears of payments that need a person, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from karvon.accounts.models import Role
from karvon.accounts.roles import ROLE_GROUPS
from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import make_variant
from karvon.kernel.db import transactional
from karvon.kernel.events import publish
from karvon.kernel.models import DeliveryState, EventDelivery
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.notifications.models import Mail, MailKind, Preference
from karvon.notifications.selectors import inbox_of
from karvon.orders.services import cancel_order
from karvon.payments.events import PaymentNeedsAttention
from karvon.payments.models import Payment, Refund, RefundState
from karvon.payments.services import begin_payment, confirm_by_hand
from karvon.payments.tests.factories import BANK, bank_account, compare_something, make_account, make_unpaid

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db):
    return make_user(role=Role.STAFF, email="operator@example.com", language="en")


def refund_by_hand(operator, *items) -> Refund:
    """Of an order that was paid by bank and called off: nobody can be asked to give it back."""
    order = make_unpaid("bank_transfer", *items)
    payment = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)
    confirm_by_hand(payment_id=payment.pk, actor=operator, reference=f"line {payment.pk}")
    cancel_order(order_id=order.pk, actor=operator)
    drain_outbox()
    return Refund.objects.get(payment=payment, state=RefundState.MANUAL)


def mails() -> list[Mail]:
    return list(Mail.objects.filter(kind=MailKind.PAYMENT_ATTENTION).order_by("pk"))


def titles(user) -> list[str]:
    return [each.notification.title for each in inbox_of(user)]


def test_a_refund_by_hand_is_told_once_to_each_operator(operator):
    bank_account()
    refund = refund_by_hand(operator)
    EventDelivery.objects.update(state=DeliveryState.PENDING, attempts=0)  # as after a crash
    drain_outbox()

    (mail,) = mails()
    assert (mail.recipient, mail.subject) == (
        "operator@example.com",
        "Bank transfer: a refund has to be made by hand",
    )
    for body in (mail.text_body, mail.html_body):
        assert refund.payment.order.number in body
        assert "20,000.00" in body
        assert f"/admin/payments/refund/{refund.pk}/change/" in body
    assert titles(operator) == [mail.subject]
    assert titles(refund.payment.order.customer).count(mail.subject) == 0


def announce(what: str, *references: str) -> None:
    """As the payments room does, of nothing that is there."""
    for reference in references:
        transactional(publish)(PaymentNeedsAttention("stripe", reference, what))
    drain_outbox()


def test_a_bad_night_is_one_mail_and_everything_is_in_the_inbox(operator):
    announce("dispute", "dp_1", "dp_2", "dp_1")
    announce("missing_here", "ch_1", "ch_2", "ch_3")

    assert len(mails()) == 1
    assert titles(operator) == [
        "Stripe: Paid there, unknown here",  # once a day, whatever their number
        *["Stripe: Disputed by the customer"] * 2,
    ]
    Mail.objects.update(created_at=mails()[0].created_at - timedelta(hours=2))
    announce("dispute", "dp_3")
    assert len(mails()) == 2


def test_only_those_who_may_look_are_told_and_as_they_want(operator):
    declined = make_user(role=Role.ADMIN, email="quiet@example.com")
    for channel in ("mail", "inbox"):
        Preference.objects.create(user=declined, channel=channel, topic="payments", is_enabled=False)
    closed = make_user(role=Role.STAFF, email="left@example.com", is_active=False)
    compare_something()
    drain_outbox()
    assert [mail.recipient for mail in mails()] == ["operator@example.com"]
    assert titles(declined) == titles(closed) == []

    Group.objects.create(name=ROLE_GROUPS[Role.STAFF])  # staff that may do nothing
    announce("dispute", "dp_1")
    assert len(titles(operator)) == 1


def test_in_their_language(operator):
    words = {"uz": "qo‘lda", "ru": "вручную", "ar": "يدويًا"}
    for language in words:
        operator.pk, operator.username, operator.email = None, None, f"{language}@example.com"
        operator.language = language
        operator.save(force_insert=True)
    announce("refund_by_hand", "00000000-0000-4000-8000-000000000000")

    subjects = {mail.language: mail.subject for mail in mails()}
    assert set(subjects) == {"en", *words}
    assert all(word in subjects[language] for language, word in words.items())


def test_a_shop_hears_that_it_has_the_money_itself(operator):
    shop = make_merchant(name="Plov")
    make_account("bank_transfer", shop, **BANK)
    refund = refund_by_hand(operator, (make_variant(merchant=shop, units=9), 1))

    order = refund.payment.order
    assert Payment.objects.get().account.merchant == shop
    assert any(title.startswith("Give UZS") and title.endswith(order.number) for title in titles(shop.owner))
    assert "own account of Plov" in mails()[0].text_body
