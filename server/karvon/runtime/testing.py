"""A pytest plugin: real servers for the whole run, started before Django reads its settings.

The first process (without xdist: the only one) starts them, or takes those of TEST_DATABASE_URL and
TEST_REDIS_URL; workers find them through the environment.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import pytest

from karvon.runtime.servers import Postgres, Server, Valkey
from karvon.runtime.state import free_port

DATABASE, REDIS = "KARVON_TEST_DATABASE_URL", "KARVON_TEST_REDIS_URL"
_servers: list[Server] = []
_folders: list[Path] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before pytest-django, which reads the settings in the same hook."""
    if "PYTEST_XDIST_WORKER" in os.environ or early_config.known_args_namespace.help:
        return
    for ours, theirs in ((DATABASE, "TEST_DATABASE_URL"), (REDIS, "TEST_REDIS_URL")):
        if named := os.environ.get(theirs):
            os.environ[ours] = named
    if not (os.environ.get(DATABASE) and os.environ.get(REDIS)):
        _start_servers()


def _start_servers() -> None:
    folder = Path(tempfile.mkdtemp(prefix="karvon-test-"))
    folder.chmod(0o755)
    _folders.append(folder)
    atexit.register(_discard)  # a run that fails before it is configured is never unconfigured
    password = secrets.token_hex(8)
    if not os.environ.get(DATABASE):
        postgres = Postgres(folder, port=free_port(), password=password, throwaway=True)
        postgres.start()
        _servers.append(postgres)
        os.environ[DATABASE] = f"postgres://karvon:{password}@127.0.0.1:{postgres.port}/karvon"
    if not os.environ.get(REDIS):
        valkey = Valkey(folder, port=free_port(), password=password, throwaway=True)
        valkey.start()
        _servers.append(valkey)
        os.environ[REDIS] = f"redis://:{password}@127.0.0.1:{valkey.port}/0"


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    _discard()


def _discard() -> None:
    """The data are worth nothing: pull the plug and remove them."""
    for server in _servers:
        server.kill()
        server.discard()
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)
    _servers.clear()
    _folders.clear()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        for name in (DATABASE, REDIS):
            os.environ.pop(name, None)


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: each worker has a database of its own, and more than four of them no longer help."""
    return max(1, min(4, os.cpu_count() or 1))
