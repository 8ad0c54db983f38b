"""Providers as they stand on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from karvon.payments.tests import calling
from karvon.payments.tests.simulated import simulated
from karvon.simulators.server import Simulators


@pytest.fixture
def stripe(settings: Any) -> Iterator[Simulators]:
    with simulated(settings) as simulators:
        yield simulators


@pytest.fixture
def contracts(settings: Any) -> None:
    """The platform has an account with every provider, none of which is there."""
    settings.KARVON_PROVIDERS = calling.contracts()
