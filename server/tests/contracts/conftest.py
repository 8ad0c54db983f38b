from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from karvon.settings.providers import read_accounts
from karvon.simulators.server import Simulators
from karvon.simulators.world import Answer
from tests.contracts.world import World, make_world, rolled_back


@pytest.fixture(scope="module")
def _shared_world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """Built once; it lives in a transaction that is never committed."""
    with django_db_blocker.unblock(), rolled_back():
        yield make_world()


@pytest.fixture(scope="session")
def simulators() -> Iterator[Simulators]:
    """Payment providers that stand on this machine; they call nobody."""
    with Simulators(caller=lambda _call: Answer(200)) as running:
        yield running


@pytest.fixture
def world(
    _shared_world: World, db: None, clean_redis: None, simulators: Simulators, settings: Any
) -> Iterator[World]:
    """The shop as it was, whatever the test before did to it; its payments are at the simulators."""
    settings.KARVON_PROVIDERS = read_accounts(defaultdict(str, simulators.environment()))
    with _shared_world.as_new():
        yield _shared_world


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests to the WSGI application itself stay in the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
