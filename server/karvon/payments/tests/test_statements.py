"""What a provider's message costs: the number of statements, which is what a callback's time is made of."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from karvon.inventory.tests.factories import make_variant
from karvon.merchants.tests.factories import make_merchant
from karvon.payments.services import begin_payment
from karvon.payments.tests.factories import make_unpaid
from karvon.payments.tests.simulated import Postbag, hear, simulated
from karvon.simulators.razorpay import checkout_link

pytestmark = pytest.mark.django_db
OWN = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET LOCAL")


def test_statements_of_an_event(settings):
    postbag = Postbag()
    with simulated(settings, caller=postbag) as simulators:
        order = make_unpaid("razorpay", (make_variant(merchant=make_merchant(currency="INR"), units=10), 2))
        payment = begin_payment(order_id=order.pk, provider="razorpay", payer=order.customer)
        data = payment.next_step["data"]
        simulators.act(
            checkout_link(f"{simulators.base}/razorpay", data["key_id"], data["razorpay_order_id"]), "pay"
        )
        _authorized, captured, paid = postbag.calls

        # its money; the same again, which every provider sends now and then; another event that tells of the same money
        counts = [count_statements(call) for call in (captured, captured, paid)]

    assert counts == [8, 2, 5]


def count_statements(call) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert hear(call).status == 200
    return sum(not each["sql"].startswith(OWN) for each in queries)
