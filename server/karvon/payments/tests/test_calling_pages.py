"""What the pay pages of the providers that call us have in common, at the simulated providers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from karvon.kernel import clock
from karvon.orders import books
from karvon.orders.models import PaymentState
from karvon.payments.errors import ProviderRefused
from karvon.payments.models import AttemptState
from karvon.payments.registry import find_provider
from karvon.payments.services import ask_about_open, begin_payment
from karvon.payments.tests.calling import payment_state, states
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import platform, simulated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contracts")]


@pytest.mark.parametrize("provider", ["payme", "click"])
def test_told_late_lost_or_shuffled(settings, provider):
    with simulated(settings) as simulators:
        for behaviour in ("callback-shuffled", "callback-late", "callback-lost"):
            order = make_unpaid(provider)
            payment = begin_payment(order_id=order.pk, provider=provider, payer=order.customer)
            simulators.act(payment.next_step["url"], behaviour)
            simulators.deliver()
            if behaviour == "callback-lost":
                assert payment_state(order) == PaymentState.PENDING
                assert ask_about_open(now=clock.now() + timedelta(minutes=20)) == 1
            assert payment_state(order) == PaymentState.PAID, behaviour
        assert simulators.complaints() == []
    assert set(states()) == {AttemptState.PAID}
    assert books.verify_books() == []


@pytest.mark.parametrize(("provider", "key"), [("payme", "PAYME_KEY"), ("click", "CLICK_SECRET_KEY")])
def test_the_connection_is_tested_with_the_key(settings, provider, key):
    way = find_provider(provider)
    with simulated(settings):
        account = platform(settings, provider)
        way.check(account)
        wrong = type(account)(provider, dict(account.values) | {key: "x"}, account.base_url)
        with pytest.raises(ProviderRefused):
            way.check(wrong)
