"""Messages of Payme, Click and Uzum Bank about what has changed meanwhile: refused in their words, and nothing is moved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from karvon.accounts.tests.factories import make_user
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.merchants.tests.factories import make_merchant
from karvon.orders import books
from karvon.orders.models import Order, PaymentState
from karvon.orders.services import cancel_lines, cancel_order
from karvon.orders.tests.factories import part_of, put_at
from karvon.payments.models import (
    AttemptState,
    Payment,
    PaymentAttempt,
    ProviderAccount,
    ProviderEvent,
    Refund,
    RefundState,
)
from karvon.payments.providers.click import Click
from karvon.payments.tests import at_click, at_payme, at_uzum
from karvon.payments.tests.calling import expire, payment_state, states
from karvon.payments.tests.factories import make_account, make_unpaid
from karvon.payments.tests.simulated import platform

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.fixture
def order(db) -> Order:
    return make_unpaid("payme")


def payme(method: str, **params) -> int | None:
    return at_payme.code(at_payme.ask(method, id="a1", **params))


def uzum(action: str, order: Order | None = None) -> str | None:
    return at_uzum.code(at_uzum.ask(action, order))


def pay_at_payme(order: Order) -> None:
    at_payme.create(order)
    assert payme("PerformTransaction") is None


def test_of_three_providers_one_gets_the_order(order):
    prepare_id = at_click.prepared(order)
    assert at_payme.create(order)["state"] == 1
    assert uzum("create", order) is None
    assert at_click.complete(order, prepare_id)["error"] == 0

    assert payme("PerformTransaction") == -31008
    assert uzum("confirm") == "10015"
    assert at_uzum.ask("status")["status"] == "FAILED"
    assert states() == [AttemptState.PAID, AttemptState.CREATED, AttemptState.FAILED]
    assert list(Payment.objects.filter(paid_at__isnull=False).values_list("provider", flat=True)) == ["click"]
    assert payme("CancelTransaction", reason=3) is None
    drain_outbox()
    assert books.verify_books() == []


def test_an_order_that_is_called_off_takes_no_money_anywhere(order):
    prepare_id = at_click.prepared(order)
    at_payme.create(order)
    uzum("create", order)
    cancel_order(order_id=order.pk, actor=make_user(role="staff"))

    assert at_click.prepare(order)["error"] == -9  # not even once more
    assert at_click.complete(order, prepare_id)["error"] == -9
    assert payme("PerformTransaction") == -31008
    assert uzum("confirm") == "10015"
    assert not Payment.objects.filter(paid_at__isnull=False).exists()
    refused = ProviderEvent.objects.filter(outcome="refused")
    assert set(refused.values_list("payment__provider", flat=True)) == {"click", "payme", "uzum"}


def test_an_expired_order_is_not_prepared_again_at_click(order):
    at_click.prepared(order)
    expire(order)
    assert at_click.prepare(order)["error"] == -9
    assert payment_state(order) == PaymentState.EXPIRED


def test_what_went_back_in_part_is_not_given_back_whole(order):
    pay_at_payme(order)
    line = order.lines.get()
    cancel_lines(fulfilment_id=part_of(order).pk, quantities={line.pk: 1}, actor=make_user(role="staff"))
    drain_outbox()
    assert Refund.objects.get().state == RefundState.MANUAL

    assert payme("CancelTransaction", reason=5) == -31007
    assert (states(), Refund.objects.get().state) == ([AttemptState.PAID], RefundState.MANUAL)


def test_of_two_shops_one_has_begun_and_nothing_is_called_off():
    shops = [make_variant(merchant=make_merchant(), units=5) for _ in range(2)]
    order = make_unpaid("payme", *((variant, 1) for variant in shops))
    pay_at_payme(order)
    first, second = order.fulfilments.order_by("pk")
    put_at(second, "packed")
    Order.objects.filter(pk=order.pk).update(state="confirmed")

    assert payme("CancelTransaction", reason=5) == -31007
    first.refresh_from_db()
    assert (first.state, states(), Refund.objects.count()) == ("confirmed", [AttemptState.PAID], 0)


# --- accounts that change meanwhile ---
def test_an_account_that_is_switched_off_still_hears_of_what_was_begun(settings):
    values = dict(settings.KARVON_PROVIDERS["payme"])
    row = make_account("payme", None, **{name: values[name] for name in ("PAYME_MERCHANT_ID", "PAYME_KEY")})
    order = make_unpaid("payme")
    at_payme.create(order)
    ProviderAccount.objects.filter(pk=row.pk).update(is_active=False)

    assert at_payme.code(at_payme.create(make_unpaid("payme"), "a2")) == -31050
    assert payme("PerformTransaction") is None
    assert payment_state(order) == PaymentState.PAID


def test_a_seller_who_enters_an_account_meanwhile_is_still_paid_through_the_platform():
    seller = make_merchant()
    order = make_unpaid("click", (make_variant(merchant=seller, units=9), 1))
    prepare_id = at_click.prepared(order)
    created = at_payme.create(order)
    for provider in ("click", "payme"):
        make_account(provider, seller, PAYME_MERCHANT_ID="b", PAYME_KEY="own", CLICK_SECRET_KEY="own")

    assert at_payme.create(order) == created
    assert at_payme.code(at_payme.create(order, "a2")) == -31050
    assert at_click.prepare(order, click_trans_id=2)["error"] == -5
    assert at_click.complete(order, prepare_id)["error"] == 0
    assert payment_state(order) == PaymentState.PAID


def test_a_platforms_order_is_not_to_be_found_in_a_sellers_account(order):
    own = make_account(
        "uzum", make_merchant(), UZUM_SERVICE_ID=str(at_uzum.SERVICE), UZUM_USERNAME="u", UZUM_PASSWORD="p"
    )
    headers = {"content-type": "application/json", "authorization": at_uzum.basic("u", "p")}
    body = at_uzum.orjson.dumps(at_uzum.message("create", order))

    assert at_uzum.code(at_uzum.send("create", body, key=own.key, headers=headers)) == "10007"
    assert at_uzum.code(at_uzum.send("create", body, key=own.key)) == "10001"
    assert at_uzum.code(at_uzum.send("create", body, key="x" * 500, headers=headers)) == "10001"
    assert states() == []


def test_accounts_that_cannot_be_read_ask_to_be_asked_again(order):
    for provider in ("payme", "click", "uzum"):
        ProviderAccount.objects.create(provider=provider, secrets="gAAAA-of another key")

    assert at_payme.code(at_payme.create(order)) == -32400
    assert at_click.prepare(order)["error"] == -7
    assert uzum("create", order) == "99999"
    assert (states(), ProviderEvent.objects.count()) == ([], 0)


# --- Click is asked by the order, which may have several payments there ---
def test_clicks_answer_about_an_order_is_not_taken_for_another_transaction(settings, order):
    first, second = at_click.prepared(order), at_click.prepared(order, click_trans_id=2)
    assert first != second
    assert at_click.complete(order, second, click_trans_id=2)["error"] == 0
    payment = Payment.objects.get()

    told = Click().fetch(
        platform(settings, "click"), reference="", charge_reference="", payment_id=payment.pk
    )
    assert told == []  # nobody was asked: nobody is there
    assert PaymentAttempt.objects.get(pk=second).data["click_paydoc_id"] == "77"


def test_a_clock_that_is_wrong_keeps_nobody_out(order):
    for time in (9_999_999_999_999, at_payme.to_ms(clock.now() + timedelta(hours=13))):
        assert at_payme.code(at_payme.create(order, time=time)) == -31008
    assert states() == []
