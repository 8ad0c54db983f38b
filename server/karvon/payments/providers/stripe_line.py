"""How Stripe is spoken to: its official library over this room's own connections, told apart in our words.

Loading the library takes 35 MB, which only those pay who ask Stripe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import stripe

from karvon.payments import outside
from karvon.payments.calls import read_words
from karvon.payments.errors import ProviderRefused, ProviderUnavailable
from karvon.payments.protocol import Account


class Connections(stripe.HTTPClient):
    """Stripe's requests, sent as all others are. Raises ProviderUnavailable, which the library lets pass."""

    name = "karvon"

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        answer = outside.send(method, url, headers=headers, content=post_data)
        return answer.content, answer.status, answer.headers

    def close(self) -> None:
        """They are everybody's."""


@lru_cache(maxsize=1)
def _connections() -> Connections:
    return Connections()


@contextmanager
def connect(account: Account) -> Iterator[stripe.StripeClient]:
    """Stripe's client; what it raises becomes ProviderUnavailable, or ProviderRefused with Stripe's words."""
    client = stripe.StripeClient(
        account["STRIPE_SECRET_KEY"],
        base_addresses={"api": account.base_url},
        # who asks again is this room, with the same key
        max_network_retries=0,
        http_client=_connections(),
    )
    try:
        yield client
    except stripe.StripeError as error:
        status = error.http_status or 0
        if not 400 <= status < 500 or status in (408, 409, 429):
            raise ProviderUnavailable from error
        said = read_words(" ".join(str(each) for each in (error.code, error.user_message) if each))
        raise ProviderRefused(details={"stripe": [said]}) from error
