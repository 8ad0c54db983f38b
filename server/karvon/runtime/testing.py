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
from typing import Any

import pytest

from karvon.runtime.servers import Postgres, Server, Valkey
from karvon.runtime.state import free_port

DATABASE, REDIS = "KARVON_TEST_DATABASE_URL", "KARVON_TEST_REDIS_URL"
# beginnings of tests' names → what these tests share, so that it is made once
TOGETHER = {
    "tests/faults/": "a running shop",
    "karvon/runtime/tests/test_supervisor.py": "a home",
    "karvon/backoffice/tests/test_demo.py": "a town",
    "karvon/backoffice/tests/test_commands.py::TestTown": "another town",
}
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
    """`-n auto`: each worker has a database of its own. One more than there are cores, because some tests wait for programs
    that they have killed; and more than four no longer help.
    """
    return max(1, min(4, (os.cpu_count() or 1) + 1))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadgroup`: what shares something dear (`TOGETHER`) goes to one worker, and before everything else.

    By path, because the marks of tests do not reach the process that hands them out.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    class Scheduling(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((each for begin, each in TOGETHER.items() if nodeid.startswith(begin)), nodeid)

    return Scheduling(config, log)
