"""The back office's pages of payments: what a person may do by hand, and that no secret is ever shown."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from karvon.accounts.tests.factories import make_user
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.services import cancel_order
from karvon.payments.accounts import account_of_row
from karvon.payments.admin.events import read_body
from karvon.payments.models import Payment, PaymentStatus, ProviderAccount, ProviderEvent, Refund, RefundState
from karvon.payments.services import begin_payment
from karvon.payments.tests import at_uzum
from karvon.payments.tests.factories import bank_account, make_account, make_unpaid, pay_and_return

pytestmark = pytest.mark.django_db

VALUES = {
    "RAZORPAY_KEY_ID": "rzp_test_Karvon01",
    "RAZORPAY_KEY_SECRET": "s3cret-of-the-key",
    "RAZORPAY_WEBHOOK_SECRET": "s3cret-of-the-hook",
}


def browser_of(user) -> Client:
    browser = Client(headers={"Accept": "text/html"})
    browser.force_login(user, backend="karvon.accounts.backends.PasswordBackend")
    return browser


def url_of(row, page: str = "change/") -> str:
    name = f"admin:payments_{row._meta.model_name}_change"
    return reverse(name, args=(row.pk,)).removesuffix("change/") + page


@pytest.fixture
def operator(db):
    return make_user(role="staff")


def test_money_comes_by_bank_and_goes_back_by_hand(operator):
    bank_account()
    order, browser = make_unpaid("bank_transfer"), browser_of(operator)
    payment = begin_payment(order_id=order.pk, provider="bank_transfer", payer=order.customer)

    assert "bdi&gt;" not in browser.get(url_of(payment, "came/")).content.decode()
    assert Payment.objects.get().state == PaymentStatus.PENDING
    browser.post(url_of(payment, "came/"), {"reference": "statement 1"})
    drain_outbox()
    assert Payment.objects.get().state == PaymentStatus.PAID

    too_much = browser.post(url_of(payment, "refund/"), {"amount": "1"})
    assert "There is not that much of this payment left to refund." in too_much.content.decode()
    cancel_order(order_id=order.pk, actor=operator, reason="broken")
    drain_outbox()
    refund = Refund.objects.get()
    assert refund.state == RefundState.MANUAL

    # nobody at the bank can be asked
    assert browser.post(url_of(refund, "again/")).status_code == 403
    browser.post(url_of(refund, "done/"), {"reference": "order 7"})
    refund.refresh_from_db()
    assert (refund.state, refund.reference, refund.actor) == (RefundState.SUCCEEDED, "order 7", operator)
    page = browser.get(url_of(payment)).content.decode()
    assert [text in page for text in ("Money came in", "Refund asked for", "Refund ended")] == [True] * 3


@pytest.mark.parametrize("action", ["refund/", "came/"])
def test_only_operators_move_money(action):
    payment = pay_and_return(make_unpaid("stripe")).payment
    owner = make_merchant().owner

    assert browser_of(owner).post(url_of(payment, action), {"amount": "1", "reference": "x"}).status_code in (
        403,
        404,
    )
    assert Refund.objects.count() == 1


@pytest.mark.usefixtures("contracts")
def test_a_refund_says_who_gives_it_back(operator):
    """At a provider that nobody can ask, but that tells by itself what is given back in its cabinet."""
    order = make_unpaid("uzum")
    at_uzum.ask("create", order)
    at_uzum.ask("confirm")
    cancel_order(order_id=order.pk, actor=operator)
    drain_outbox()
    refund, browser = Refund.objects.get(), browser_of(operator)

    assert "platform · by hand, in the cabinet of Uzum Bank" in browser.get(url_of(refund)).content.decode()
    page = browser.get(url_of(refund, "done/")).content.decode()
    assert "What is booked here first, Uzum Bank can no longer give back." in page
    assert browser_of(make_merchant().owner).post(url_of(refund, "done/")).status_code in (403, 404)
    at_uzum.ask("reverse")
    assert browser.post(url_of(refund, "done/")).status_code == 403
    assert "platform · by hand" not in browser.get(url_of(refund)).content.decode()


def test_what_a_provider_said_is_shown_as_text(operator):
    pay_and_return(make_unpaid("stripe"))
    event = ProviderEvent.objects.get()

    page = browser_of(operator).get(url_of(event)).content.decode()

    assert "&lt;b&gt;" in page
    assert "<b>\\u202e" not in page
    assert "&quot;amount&quot;: 1.10," in page
    assert "\u202e" not in page


@pytest.mark.parametrize(
    ("body", "content_type", "shown"),
    [
        (
            b'{"a":[1.10,{"b":null}]}',
            "application/json",
            '{\n  "a": [\n    1.10,\n    {\n      "b": null\n    }\n  ]\n}',
        ),
        (b"amount=1.50&sign=a%26b", "application/x-www-form-urlencoded", "amount = 1.50\nsign = a&b"),
        (b"\xff\x00{", "", "\\xff\x00{"),
        (b"[" * 100_000, "application/json", "[" * 100_000),
    ],
    ids=["json", "form", "bytes", "deep"],
)
def test_bodies_are_read_for_people(body, content_type, shown):
    assert read_body(body, content_type) == shown


def test_an_owner_enters_an_account_whose_secrets_are_never_shown():
    merchant, other = make_merchant(), make_merchant()
    browser = browser_of(merchant.owner)
    add = reverse("admin:payments_provideraccount_add")
    chosen = browser.post(add, {"provider": "razorpay"})
    assert chosen["Location"] == f"{add}?provider=razorpay"

    wrong = browser.post(
        chosen["Location"], VALUES | {"merchant": merchant.pk, "is_active": "on", "RAZORPAY_KEY_ID": "x"}
    )
    assert "This is not of the form that the provider gives out." in wrong.content.decode()
    foreign = VALUES | {"merchant": other.pk, "is_active": "on"}
    assert browser.post(chosen["Location"], foreign).status_code == 200
    platform = VALUES | {"merchant": "", "is_active": "on"}
    assert browser.post(chosen["Location"], platform).status_code == 200
    assert not ProviderAccount.objects.exists()
    browser.post(chosen["Location"], VALUES | {"merchant": merchant.pk, "is_active": "on"})

    row = ProviderAccount.objects.get()
    page = browser.get(url_of(row)).content.decode()
    assert (row.merchant, account_of_row(row).values) == (merchant, VALUES)
    assert "s3cret" not in page + wrong.content.decode()
    assert f"/api/v1/payments/callbacks/of/{row.key}/razorpay/" in page
    assert "rzp_test_Karvon01" in page

    browser.post(url_of(row), {"RAZORPAY_KEY_ID": "rzp_live_Karvon02"})  # not in use any more, secrets kept
    row.refresh_from_db()
    assert (row.is_active, account_of_row(row).values) == (
        False,
        VALUES | {"RAZORPAY_KEY_ID": "rzp_live_Karvon02"},
    )
    theirs = make_account("razorpay", other, **VALUES)
    assert browser.get(url_of(theirs)).status_code in (302, 403, 404)
    assert browser.post(url_of(theirs, "test/")).status_code in (403, 404)
    theirs.refresh_from_db()
    assert theirs.checked_at is None
