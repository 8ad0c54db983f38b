from __future__ import annotations

import pytest

from karvon.carts.tests.factories import empty_redis


@pytest.fixture(autouse=True)
def _empty_redis():
    empty_redis()
