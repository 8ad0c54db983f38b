"""How Razorpay is spoken to: its official SDK over a session that is bounded in time and tells failures in our words.

The SDK (2.0.1) sets no timeout, prints what goes wrong on the connection, and fails on answers that are no JSON; its capture and
refund share one mutable default between calls, so whoever calls them hands over a dictionary of its own.
"""

from __future__ import annotations

from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import razorpay
import requests

from karvon.payments.errors import ProviderRefused, ProviderUnavailable
from karvon.payments.protocol import Account

# seconds to connect and to wait for the answer: five together
TIMEOUT = (2.0, 3.0)


class Refused(ProviderRefused):
    """Razorpay answered, and said no: `why` is its description, for staff."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__()
        self.status, self.why = status, why


class BoundedSession(requests.Session):
    """No retries, no redirects, no cookies; whatever is not a JSON object is raised.

    Raises ProviderUnavailable when Razorpay does not answer, is out of order or wants to be left alone, Refused for a no.
    """

    def request(self, method: str, url: str | bytes, **options: Any) -> requests.Response:  # type: ignore[override]
        options |= {"timeout": TIMEOUT, "allow_redirects": False}
        try:
            response = super().request(method, url, **options)
            body = response.json()
        except requests.RequestException as error:
            raise ProviderUnavailable from error
        status = response.status_code
        if status in (408, 429) or not (200 <= status < 300 or 400 <= status < 500):
            raise ProviderUnavailable
        if not isinstance(body, dict):
            raise ProviderUnavailable
        if status >= 400:
            told = body.get("error")
            why = told.get("description") if isinstance(told, dict) else ""
            raise Refused(status, str(why or status))
        return response


@lru_cache(maxsize=1)
def _session() -> BoundedSession:
    session = BoundedSession()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def connect(account: Account) -> Any:
    """The SDK's client for an account. Raises ProviderUnavailable for one without keys."""
    auth = (account["RAZORPAY_KEY_ID"], account["RAZORPAY_KEY_SECRET"])
    return razorpay.Client(session=_session(), auth=auth, base_url=account.base_url)
