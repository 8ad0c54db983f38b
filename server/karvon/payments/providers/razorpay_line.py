"""How Razorpay is spoken to: its official SDK over this room's own connections, told apart in our words.

The SDK (2.0.1) sets no timeout, prints what goes wrong on the connection, and fails on answers that are no JSON; its capture and
refund share one mutable default between calls, so whoever calls them hands over a dictionary of its own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import razorpay

from karvon.payments import outside
from karvon.payments.calls import read_words
from karvon.payments.errors import ProviderRefused
from karvon.payments.protocol import Account


class Refused(ProviderRefused):
    """Razorpay answered, and said no: `why` is its description, for staff."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(details={"razorpay": [why]})
        self.status, self.why = status, why


class Answer(NamedTuple):
    """As much of a `requests.Response` as the SDK looks at."""

    status_code: int
    said: dict[str, Any]

    def json(self) -> dict[str, Any]:
        return self.said


class Connections:
    """What the SDK takes for its session: each of its requests is sent as all others are, once.

    Raises ProviderUnavailable when Razorpay does not answer with a JSON object, is out of order or wants to be left alone,
    Refused for a no.
    """

    def get(self, url: str, **options: Any) -> Answer:
        return self._ask("GET", url, **options)

    def post(self, url: str, **options: Any) -> Answer:
        return self._ask("POST", url, **options)

    def _ask(
        self,
        method: str,
        url: str,
        *,
        auth: tuple[str, str],
        headers: dict[str, str],
        params: dict[str, Any] | None = None,
        data: str | None = None,
        verify: object = None,  # its own list of certificates; ours is kept up to date
    ) -> Answer:
        # the SDK's own name ends with a space, which HTTP does not allow
        headers = {name: value.strip() for name, value in headers.items()}
        status, said = outside.ask_json(
            method, url, auth=auth, headers=headers, params=params or None, content=data
        )
        if status >= 400:
            told = said.get("error")
            why = read_words(told.get("description")) if isinstance(told, dict) else ""
            raise Refused(status, why or str(status))
        return Answer(status, said)


@lru_cache(maxsize=1)
def _connections() -> Connections:
    return Connections()


def connect(account: Account) -> Any:
    """The SDK's client for an account. Raises ProviderUnavailable for one without keys."""
    auth = (account["RAZORPAY_KEY_ID"], account["RAZORPAY_KEY_SECRET"])
    return razorpay.Client(session=_connections(), auth=auth, base_url=account.base_url)
