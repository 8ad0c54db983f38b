"""A merchant's own contract with a provider: its keys, its payments, its callbacks; the platform's knows nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
import razorpay
import stripe

from karvon.simulators.credentials import DEMO
from karvon.simulators.payme import authorization, write_link
from karvon.simulators.server import Simulators
from karvon.simulators.tests.shops import AMOUNT, Shop
from karvon.simulators.tests.test_webhooks import AtPayPal, AtRazorpay, AtStripe

OWN = {
    "stripe": {"stripe_secret_key": "sk_test_bazaar", "stripe_webhook_secret": "whsec_bazaar"},
    "razorpay": {"razorpay_key_id": "rzp_test_bazaar", "razorpay_webhook_secret": "bazaar's"},
    "paypal": {"paypal_client_id": "bazaar", "paypal_webhook_id": "WEBHOOKOFBAZAAR"},
    "payme": {"payme_merchant_id": "bazaar", "payme_key": "bazaar's"},
    "click": {"click_service_id": "77", "click_secret_key": "bazaar's"},
    "uzum": {"uzum_service_id": "78", "uzum_password": "bazaar's"},
}
LINKS: dict[str, Callable[[], str]] = {
    "payme": lambda: write_link({"m": "bazaar", "ac.order_id": "41", "a": str(AMOUNT)}),
    "click": lambda: (
        f"services/pay?service_id=77&merchant_id={DEMO.click_merchant_id}&amount=12500&transaction_param=41"
    ),
    "uzum": lambda: f"open-service?serviceId=78&order_id=41&amount={AMOUNT}",
}
AT = {"stripe": AtStripe, "razorpay": AtRazorpay, "paypal": AtPayPal}


def link_of(simulators: Simulators, provider: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Begun by a merchant with the keys of its own."""
    if provider in LINKS:
        return f"{simulators.base}/{provider}/{LINKS[provider]()}"
    monkeypatch.setattr("karvon.simulators.tests.test_webhooks.DEMO", replace(DEMO, **OWN[provider]))
    return AT[provider](simulators).begin()


@pytest.mark.parametrize("provider", OWN)
def test_a_merchant_s_payment_is_told_at_its_own_address_with_its_own_key(run, monkeypatch, provider):
    shop = Shop()
    simulators = run(shop)
    simulators.add_account(provider, "bazaar", **OWN[provider])

    link = link_of(simulators, provider, monkeypatch)
    page = httpx.get(link, verify=False)
    simulators.act(link, "pay")

    assert page.status_code == 200
    assert shop.calls
    assert all(
        call.path.startswith(f"/api/v1/payments/callbacks/of/bazaar/{provider}/") for call in shop.calls
    )
    if provider in AT:
        AT[provider](simulators).verify(shop.calls[-1])
    if provider == "payme":
        assert shop.calls[0].headers["Authorization"] == authorization("bazaar's")


def test_the_platform_does_not_see_a_merchant_s_payments(run, monkeypatch):
    simulators = run(Shop())
    for provider in ("stripe", "razorpay"):
        simulators.add_account(provider, "bazaar", **OWN[provider])
    platform = AtStripe(simulators), AtRazorpay(simulators)
    with monkeypatch.context() as patch:
        simulators.act(link_of(simulators, "stripe", patch), "pay")
        simulators.act(link_of(simulators, "razorpay", patch), "pay")

    assert platform[0].client.checkout.sessions.list().data == []
    assert platform[1].client.order.all()["count"] == 0
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient(
            "nobody", base_addresses={"api": f"{simulators.base}/stripe"}
        ).v1.balance.retrieve()
    with pytest.raises(razorpay.errors.BadRequestError):
        razorpay.Client(auth=("no", "body"), base_url=f"{simulators.base}/razorpay").order.all()


def test_an_operator_adds_a_merchant_s_account_by_the_names_of_the_environment(run):
    shop = Shop()
    simulators = run(shop)
    asked = {"provider": "uzum", "account": "bazaar", "UZUM_SERVICE_ID": "78", "UZUM_PASSWORD": "bazaar's"}

    added = httpx.post(f"{simulators.base}/_/accounts", json=asked, verify=False)
    simulators.act(f"{simulators.base}/uzum/{LINKS['uzum']()}", "pay")

    assert added.json() == {"provider": "uzum", "callbacks": "/api/v1/payments/callbacks/of/bazaar/uzum/"}
    assert shop.calls[0].path == "/api/v1/payments/callbacks/of/bazaar/uzum/check"
