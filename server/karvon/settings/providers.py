"""The platform's own accounts with payment providers, by the names that integrators know. Merchants' own are in the admin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# provider → (name of the environment, what it is), in the order in which they are documented
ACCOUNTS: dict[str, tuple[tuple[str, str], ...]] = {
    "payme": (
        ("PAYME_MERCHANT_ID", "id of the cashbox at Payme"),
        ("PAYME_KEY", "the cashbox's key: Payme signs on with it"),
    ),
    "click": (
        ("CLICK_SERVICE_ID", "id of the service at Click"),
        ("CLICK_MERCHANT_ID", "id of the merchant at Click"),
        ("CLICK_MERCHANT_USER_ID", "the user of Click's Merchant API"),
        ("CLICK_SECRET_KEY", "signs what Click sends and what it is asked"),
    ),
    "uzum": (
        ("UZUM_SERVICE_ID", "id of the service at Uzum Bank"),
        ("UZUM_USERNAME", "the name that Uzum Bank signs on with"),
        ("UZUM_PASSWORD", "goes with it"),
    ),
    "stripe": (
        ("STRIPE_SECRET_KEY", "sk_live_… or sk_test_…"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_…: signs Stripe's events; two by comma while it is changed"),
        (
            "STRIPE_CURRENCIES",
            "that the contract takes, by comma: USD,EUR; empty: what Stripe does not take it refuses",
        ),
    ),
    "razorpay": (
        ("RAZORPAY_KEY_ID", "rzp_live_… or rzp_test_…"),
        ("RAZORPAY_KEY_SECRET", "goes with it"),
        ("RAZORPAY_WEBHOOK_SECRET", "signs Razorpay's events; two by comma while it is changed"),
    ),
    "paypal": (
        ("PAYPAL_CLIENT_ID", "id of the REST app"),
        ("PAYPAL_CLIENT_SECRET", "goes with it"),
        ("PAYPAL_WEBHOOK_ID", "the webhook that events are checked for"),
        (
            "PAYPAL_WEBHOOK_CHECK",
            "empty: events are checked by their certificate, PayPal is asked where that is in doubt; postback: always; offline: never",
        ),
    ),
}


def read_accounts(env: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """{provider: {name: value}}, with "BASE_URL" where another place than the provider's own is named."""
    return {
        provider: {
            **{name: env[name] for name, _meaning in names},
            "BASE_URL": env[f"{provider.upper()}_BASE_URL"].rstrip("/"),
        }
        for provider, names in ACCOUNTS.items()
    }
