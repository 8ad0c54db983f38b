"""What shop and providers have agreed upon in the demo and the tests: well known, worth nothing, refused in production.

Every secret has `demo` in it, so that a production start can tell it from a real one by its text alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Credentials:
    """One shop's accounts at the six providers; a field is the environment name in lower case."""

    stripe_secret_key: str = "sk_test_karvon_demo_4f8Zr2mX9vT4nB8kL1pW6sD3"  # noqa: S105
    stripe_webhook_secret: str = "whsec_karvon_demo_7hJ0aCyEuIoRtQwMzNxVbKlP"  # noqa: S105
    razorpay_key_id: str = "rzp_test_karvondemo00"
    razorpay_key_secret: str = "karvon_demo_5gQwMzNxVbKlPs9d"  # noqa: S105
    razorpay_webhook_secret: str = "karvon_demo_webhook_8kL1pW6s"  # noqa: S105
    paypal_client_id: str = "karvon-demo-AZx3yQ7LrM2nB8kV"
    paypal_client_secret: str = "karvon-demo-EFs6tD1hJ4gC0aUi"  # noqa: S105
    paypal_webhook_id: str = "0KARVONDEMO12345A"
    payme_merchant_id: str = "5f0c0de0000000000000da7a"
    payme_key: str = "karvon-demo-payme-&R5yT2uI8oP"
    click_service_id: str = "20001"
    click_merchant_id: str = "10001"
    click_merchant_user_id: str = "30001"
    click_secret_key: str = "karvon-demo-click-Kd8sW2"  # noqa: S105
    uzum_service_id: str = "498600"
    uzum_username: str = "karvon-demo-uzum"
    uzum_password: str = "karvon-demo-uzum-Vb3xZ7"  # noqa: S105


DEMO = Credentials()
PROVIDERS = ("stripe", "razorpay", "paypal", "payme", "click", "uzum")


def environment(base: str, credentials: Credentials = DEMO) -> dict[str, str]:
    """What a shop puts in its environment to have its payments here: keys, and a base URL for each provider.

    `base` is where the simulators listen, as `http://127.0.0.1:8001`.
    """
    keys = {field.name.upper(): str(getattr(credentials, field.name)) for field in fields(credentials)}
    return keys | {f"{name.upper()}_BASE_URL": f"{base}/{name}" for name in PROVIDERS}
