"""The provider of docs/payments.md: its one file and its entry are all that it takes to be paid with."""

from __future__ import annotations

import hashlib
import hmac
import re
import textwrap
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import orjson
import pytest

from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.orders import books
from karvon.orders.models import order as ways
from karvon.orders.services import cancel_order
from karvon.payments import registry
from karvon.payments.errors import SignatureInvalid
from karvon.payments.models import PaymentStatus
from karvon.payments.protocol import CallbackRequest, Provider
from karvon.payments.services import (
    ask_provider,
    begin_payment,
    check_account,
    receive_callback,
    save_account,
    send_due_refunds,
)
from karvon.payments.tests.factories import make_unpaid

pytestmark = pytest.mark.django_db

KEY = "tulip-key-of-this-test"


class TulipServer(BaseHTTPRequestHandler):
    """Tulip itself, as far as the guide knows it; what it was asked by key it does once."""

    checkouts: dict[str, dict[str, object]]
    refunds: dict[str, dict[str, object]]

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        self._answer(200, {"id": name} if "shops" in self.path else self.checkouts[name])

    def do_POST(self) -> None:
        told = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return self._answer(401, {"message": "who are you"})
        kept = self.refunds if "refunds" in self.path else self.checkouts
        key = self.headers["Idempotency-Key"]
        thing = {"id": f"t-{key}", "page": "https://tulip.example/pay", "state": "open", **told}
        return self._answer(201, kept.setdefault(f"t-{key}", thing))

    def _answer(self, status: int, body: object) -> None:
        content = orjson.dumps(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Nobody reads along."""


@pytest.fixture
def tulip(settings):
    TulipServer.checkouts, TulipServer.refunds = {}, {}
    with ThreadingHTTPServer(("127.0.0.1", 0), TulipServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        settings.KARVON_PROVIDERS = {**settings.KARVON_PROVIDERS, "tulip": {"BASE_URL": base}}
        registry.register(provider_of_the_guide())
        yield TulipServer
        registry._providers.pop("tulip")
        ways._payment_methods.pop("tulip")
        server.shutdown()


def provider_of_the_guide() -> Provider:
    guide = (Path(__file__).parents[4] / "docs" / "payments.md").read_text()
    (code,) = re.findall(r"^ *```python\n(.*?)^ *```$", guide, re.DOTALL | re.MULTILINE)
    module = ModuleType("karvon.payments.providers.tulip")
    exec(compile(textwrap.dedent(code), "docs/payments.md", "exec"), module.__dict__)
    provider: Provider = module.Tulip()
    return provider


def event_of(checkout, key=KEY) -> CallbackRequest:
    body = orjson.dumps({"id": "e-1", "kind": "paid", "checkout": checkout})
    signed = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return CallbackRequest("POST", "", body, {"tulip-signature": signed}, "198.51.100.7", clock.now())


@pytest.mark.parametrize("is_told", [True, False])
def test_the_guide_is_all_that_it_takes(tulip, is_told):
    account = save_account(provider="tulip", values={"TULIP_SHOP": "123456", "TULIP_KEY": KEY}, actor=None)
    assert check_account(account_id=account.pk, actor=None).check_error == ""
    order = make_unpaid("tulip")

    payment = begin_payment(order_id=order.pk, provider="tulip", payer=order.customer)
    assert payment.next_step["url"] == "https://tulip.example/pay"
    tulip.checkouts[payment.reference] |= {"state": "paid", "charge": "c-1"}
    checkout = tulip.checkouts[payment.reference]
    with pytest.raises(SignatureInvalid):
        receive_callback(provider="tulip", request=event_of(checkout, key="another"))
    if is_told:
        for _each in range(2):
            assert receive_callback(provider="tulip", request=event_of(checkout)).status == 200
    else:
        ask_provider(payment_id=payment.pk)
    order.refresh_from_db()
    assert (order.state, order.payment_state) == ("confirmed", "paid")

    cancel_order(order_id=order.pk, actor=order.customer)
    drain_outbox()
    send_due_refunds()
    payment.refresh_from_db()
    assert payment.state == PaymentStatus.REFUNDED
    assert [each["amount"] for each in tulip.refunds.values()] == [checkout["amount"]]
    assert books.verify_books() == []
