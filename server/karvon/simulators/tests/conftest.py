"""The simulators with a shop of the test's own behind them; nothing of Django is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from karvon.simulators.server import Simulators
from karvon.simulators.tests.shops import Shop


@pytest.fixture(autouse=True)
def clean_redis() -> None:
    """These tests touch no Redis."""


@pytest.fixture
def run() -> Iterator[Callable[[Shop], Simulators]]:
    """Start the simulators for a shop; they are stopped when the test ends."""
    running: list[Simulators] = []

    def start(shop: Shop) -> Simulators:
        running.append(Simulators(caller=shop).start())
        return running[-1]

    yield start
    for each in running:
        each.stop()
