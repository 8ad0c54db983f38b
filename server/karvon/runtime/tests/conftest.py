"""Homes of their own for servers that tests start and kill."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from karvon.runtime import pids
from karvon.runtime.servers import Postgres, Server, Valkey
from karvon.runtime.state import free_port

SERVER = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def clean_redis() -> None:
    """These tests have servers of their own and leave the shared ones alone."""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that every user may enter, as a home below an ordinary project is."""
    folder = Path(tempfile.mkdtemp(prefix="karvon-home-"))
    folder.chmod(0o755)
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def make_server(home: Path) -> Iterator[Callable[..., Server]]:
    """Servers that are killed when the test ends."""
    made: list[Server] = []

    def make(kind: type[Server], **options: object) -> Server:
        options = {"port": free_port(), "password": "secret", **options}
        server = kind(home, **options)  # type: ignore[arg-type]
        made.append(server)
        return server

    yield make
    for server in made:
        server.kill()
        server.discard()


@pytest.fixture
def postgres(make_server) -> Postgres:
    server = make_server(Postgres)
    server.start()
    return server


@pytest.fixture
def valkey(make_server) -> Valkey:
    server = make_server(Valkey)
    server.start()
    return server


def run_python(code: str, **environ: str) -> subprocess.Popen[str]:
    """A Python of its own with this code, on this package."""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=SERVER,
        env={**os.environ, **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(happens: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def processes_of(home: Path) -> list[str]:
    """Command lines that name the home."""
    return [
        line
        for pid in pids._table()
        if str(home) in (line := pids.command_of(pid)) and pid != os.getpid() and "pytest" not in line
    ]
