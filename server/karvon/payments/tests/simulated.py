"""A shop that has its payments at the simulators: settings, and the calls of providers straight into the services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from karvon.kernel import clock
from karvon.kernel.errors import DomainError
from karvon.payments import outside
from karvon.payments.protocol import Account, CallbackRequest
from karvon.payments.services import receive_callback
from karvon.payments.tests.leaks import find_in_database
from karvon.settings.providers import read_accounts
from karvon.simulators.server import Simulators
from karvon.simulators.world import CALLBACKS, Answer, Call, Caller

STATUSES = {"signature_invalid": 400, "provider_unknown": 404}


def callback(call: Call, **changes: Any) -> CallbackRequest:
    """A provider's call as the shop's views hand it on."""
    fields = {
        "method": call.method,
        "action": call.path.removeprefix(f"{CALLBACKS}/{call.provider}").strip("/"),
        "body": call.body,
        "headers": {name.lower(): text for name, text in call.headers.items()},
        "address": "198.51.100.7",
        "received_at": clock.now(),
    }
    return CallbackRequest(**fields | changes)  # type: ignore[arg-type]


def hear(call: Call) -> Answer:
    """The shop's answer to a call; a refusal that makes the provider try again is a 503."""
    try:
        reply = receive_callback(provider=call.provider, request=callback(call))
    except DomainError as error:
        return Answer(STATUSES.get(error.code, 503), error.code.encode())
    return Answer(reply.status, reply.body)


class Postbag:
    """A caller that keeps what providers say instead of handing it on."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Answer:
        self.calls.append(call)
        return Answer(200)


def hang_up() -> None:
    """Forget the lines to providers that are open, so that a fork does not speak into its parent's."""
    outside.client.cache_clear()


@contextmanager
def simulated(settings: Any, caller: Caller = hear) -> Iterator[Simulators]:
    """The simulators in this process, as the platform's own accounts; their calls come from the test's own thread.

    When the test is over nothing that must not be kept is in the database.
    """
    with Simulators(caller=caller) as simulators:
        settings.KARVON_PROVIDERS = read_accounts(defaultdict(str, simulators.environment()))
        yield simulators
    assert find_in_database() == []


def platform(settings: Any, provider: str) -> Account:
    values = settings.KARVON_PROVIDERS[provider]
    return Account(provider, values, values["BASE_URL"])
