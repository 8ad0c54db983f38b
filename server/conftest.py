"""Real servers for the tests: started once by the session (or named by the environment), shared by its workers."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

_servers: list = []


def _start_servers() -> None:
    from karvon.runtime.servers import Postgres, Valkey
    from karvon.runtime.state import free_port

    folder = Path(tempfile.mkdtemp(prefix="karvon-test-"))
    folder.chmod(0o755)
    password = secrets.token_hex(8)
    if not os.environ.get("KARVON_TEST_DATABASE_URL"):
        postgres = Postgres(folder, port=free_port(), password=password, throwaway=True)
        postgres.start()
        _servers.append(postgres)
        os.environ["KARVON_TEST_DATABASE_URL"] = f"postgres://karvon:{password}@127.0.0.1:{postgres.port}/karvon"
    if not os.environ.get("KARVON_TEST_REDIS_URL"):
        valkey = Valkey(folder, port=free_port(), password=password, throwaway=True)
        valkey.start()
        _servers.append(valkey)
        os.environ["KARVON_TEST_REDIS_URL"] = f"redis://:{password}@127.0.0.1:{valkey.port}/0"


if "PYTEST_XDIST_WORKER" not in os.environ:
    for ours, theirs in (("KARVON_TEST_DATABASE_URL", "TEST_DATABASE_URL"), ("KARVON_TEST_REDIS_URL", "TEST_REDIS_URL")):
        if os.environ.get(theirs):
            os.environ[ours] = os.environ[theirs]
    _start_servers()


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in _servers:
        server.kill()
        if hasattr(server, "discard"):
            server.discard()


def pytest_runtest_setup(item: pytest.Item) -> None:
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def clean_redis(request: pytest.FixtureRequest):
    """An empty Redis before every test, and no leases or clients left from another."""
    from karvon.kernel import throttling
    from karvon.kernel.redis import get_redis

    get_redis().flushdb()
    throttling._leases.clear()
    return
