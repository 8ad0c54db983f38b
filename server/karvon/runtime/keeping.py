"""Servers for one command: `manage.py …` without a running demo starts them, and they stop after the last
command.

A keeper process runs them for as long as anybody holds the home's `users.lock`; the kernel drops that lock
when a command ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from karvon.runtime.servers import Postgres, Server, ServerFailed, Valkey
from karvon.runtime.state import Home, Ownership, load_home, move_port

_SERVER_FOLDER = Path(__file__).resolve().parents[2]
START_SECONDS = 60
_held: list[IO[str]] = []


@dataclass(frozen=True)
class Attached:
    """Where the servers of this process are."""

    database_url: str
    redis_url: str
    secret_key: str


class _Remembering:
    """Makes a server that must leave its port write the new one into the home's state."""

    folder: Path
    port_name = ""

    def other_port(self) -> int:
        return move_port(self.folder, self.port_name)


class HomePostgres(_Remembering, Postgres):
    port_name = "postgres_port"


class HomeValkey(_Remembering, Valkey):
    port_name = "valkey_port"


def home_servers(folder: Path, home: Home, *, postgres: bool = True, valkey: bool = True) -> list[Server]:
    """The home's own servers that are wanted, not yet started."""
    servers: list[Server] = []
    if postgres:
        servers.append(HomePostgres(folder, port=home.postgres_port, password=home.password))
    if valkey:
        servers.append(HomeValkey(folder, port=home.valkey_port, password=home.password))
    return servers


def attach(folder: Path, *, database_url: str, redis_url: str) -> Attached:
    """The servers that are named, else those of the home folder, started while this process runs if they are
    not up.

    Raises ServerFailed when they cannot be started.
    """
    home = load_home(folder)
    if database_url and redis_url:
        return Attached(database_url, redis_url, home.secret_key)
    handle = (folder / "users.lock").open("a")
    fcntl.flock(handle, fcntl.LOCK_SH)
    _held.append(handle)
    home = _wait_for_servers(folder, home, postgres=not database_url, valkey=not redis_url)
    return Attached(database_url or home.database_url, redis_url or home.redis_url, home.secret_key)


def _wait_for_servers(folder: Path, home: Home, *, postgres: bool, valkey: bool) -> Home:
    deadline = time.monotonic() + START_SECONDS
    keeper: subprocess.Popen[bytes] | None = None
    while not all(each.answers() for each in home_servers(folder, home, postgres=postgres, valkey=valkey)):
        if Ownership(folder).holder() is None:
            if keeper is not None and keeper.poll() not in (None, 0):
                raise ServerFailed((folder / "logs" / "keeper.log").read_text()[-2000:])
            if keeper is None or keeper.poll() is not None:
                keeper = _start_keeper(folder)
        if time.monotonic() > deadline:
            raise ServerFailed(f"the servers of {folder} did not come up; see {folder / 'logs'}")
        time.sleep(0.05)
        home = load_home(folder)
    return home


def _start_keeper(folder: Path) -> subprocess.Popen[bytes]:
    (folder / "logs").mkdir(exist_ok=True)
    with (folder / "logs" / "keeper.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "karvon.runtime.keeping", str(folder)],
            cwd=_SERVER_FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def keep(folder: Path) -> None:
    """The keeper's life: start both servers, stop them when nobody uses them or somebody takes over."""
    ownership = Ownership(folder)
    if not ownership.take("keeper", wait=0.3):
        return  # another was faster
    wanted = [True]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: wanted.clear())
    servers = home_servers(folder, load_home(folder))
    try:
        for server in servers:
            server.start()
        with (folder / "users.lock").open("a") as users:
            while wanted and not _nobody_left(users):
                time.sleep(0.2)
                for server in servers:
                    server.start()  # nothing to do while it runs
            # the lock is held until the servers are down: a new command waits for that, then starts its own
            # keeper
            _stop_all(servers)
    finally:
        _stop_all(servers)
        ownership.release()


def _stop_all(servers: list[Server]) -> None:
    for server in reversed(servers):
        server.stop()


def _nobody_left(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    os.umask(0o022)
    keep(Path(sys.argv[1]))
