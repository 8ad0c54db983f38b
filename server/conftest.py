"""What every test of the server lives with; the servers themselves come from `karvon.runtime.testing`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest
from pytest_socket import socket_allow_hosts

from karvon.runtime.emptying import empty_tables
from karvon.runtime.template import shared_template

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from karvon.payments.tests.leaks import Watch

# the same examples in every run, however busy the machine is; --hypothesis-profile=default looks for others
hypothesis.settings.register_profile(
    "karvon",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("karvon")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Nothing outside this machine is ever spoken to."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings: None,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Workers copy a database that one of them migrated."""
    run = getattr(request.config, "workerinput", {}).get("testrunuid")
    if run is None:
        yield
        return
    with django_db_blocker.unblock(), shared_template(run), django_db_blocker.block():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Tests that commit leave no rows."""
    from django.test import TransactionTestCase

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty_tables())
        yield


@pytest.fixture(autouse=True)
def clean_redis() -> None:
    """An empty Redis before every test, and no leases and counts left from another: where tables are emptied between tests
    the window's epoch begins again, and what was counted for it is another shop's.
    """
    from karvon.catalog.window import counts
    from karvon.kernel import throttling
    from karvon.kernel.redis import get_redis

    get_redis().flushdb()
    counts.counts._known.clear()
    counts.facets._known.clear()
    throttling._leases.clear()
    throttling._rest_until = 0.0


@pytest.fixture(scope="session")
def watch_over_logs(django_test_environment: None) -> Iterator[Watch]:
    from karvon.payments.tests.leaks import Watch

    watch = Watch()
    logging.getLogger().addHandler(watch)
    yield watch
    logging.getLogger().removeHandler(watch)


@pytest.fixture(autouse=True)
def no_secrets_in_logs(watch_over_logs: Watch) -> Iterator[None]:
    """No test makes the server write card numbers or providers' keys and tokens into its log."""
    yield
    assert watch_over_logs.take() == []


@pytest.fixture(autouse=True)
def clean_context() -> Iterator[None]:
    """What belongs to a request does not reach the next test: the language, the request's id, and who asked."""
    from django.utils import translation

    from karvon.kernel import acting, context

    yield
    translation.deactivate()
    context.request_id.set("")
    context.address.set("")
    acting.name_actor(None)
