"""What tests say of orders that are paid at Stripe, as it stands on this machine."""

from __future__ import annotations

import json

from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders.models import Order
from karvon.payments.models import Payment
from karvon.payments.protocol import CallbackRequest
from karvon.payments.providers.stripe import Stripe
from karvon.payments.services import begin_payment
from karvon.payments.tests.simulated import platform
from karvon.simulators.stripe import signature
from karvon.simulators.world import Call

SECRET = "whsec_test_secret"


def event_of(kind="charge.succeeded", thing=None, **changes):
    """An event of a charge that nobody asked about, unless told otherwise."""
    event = {
        "id": "evt_1", "object": "event", "type": kind, "created": 1_700_000_000, "livemode": False,
        "data": {"object": {"id": "x"} if thing is None else thing},
    }  # fmt: skip
    return event | changes


def request_of(body, *, secret=SECRET, at=None, content_type="application/json; charset=utf-8"):
    """A body as Stripe sends it, signed now."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = at or int(clock.now().timestamp())
    headers = {
        "content-type": content_type,
        "stripe-signature": f"t={at},v1={signature(secret, body, at)}",
    }
    return CallbackRequest("POST", "", body, headers, "198.51.100.7", clock.now())


def begin(order, **more) -> Payment:
    return begin_payment(order_id=order.pk, provider="stripe", payer=order.customer, **more)


def page_of(payment) -> str:
    return payment.next_step["url"]


def paid(stripe, order) -> Payment:
    payment = begin(order)
    stripe.act(page_of(payment), "pay")
    drain_outbox()
    payment.refresh_from_db()
    return payment


def session_of(stripe, payment):
    return stripe.world.providers["stripe"].books.sessions[payment.reference]


def state_of(order) -> tuple[str, str]:
    order = Order.objects.get(pk=order.pk)
    return order.state, order.payment_state


def tell(stripe, kind, thing) -> Call:
    """Stripe sends an event of its own, signed."""
    simulator = stripe.world.providers["stripe"]
    call = simulator.signed(simulator._event(kind, thing))
    stripe.world.call(call)
    return call


def fetch(settings, payment):
    account = platform(settings, "stripe")
    asked = {"reference": payment.reference, "charge_reference": payment.charge_reference}
    return Stripe().fetch(account, **asked, payment_id=payment.pk)
