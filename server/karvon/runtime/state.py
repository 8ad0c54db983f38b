"""What a home folder (`.karvon`) knows of its servers: ports, passwords, where the data lies, and who runs
them.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """Ports and secrets of one home, written once and kept; a port changes only when somebody else has taken
    it.
    """

    postgres_port: int
    valkey_port: int
    password: str
    secret_key: str

    @property
    def database_url(self) -> str:
        return f"postgres://karvon:{self.password}@127.0.0.1:{self.postgres_port}/karvon"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.valkey_port}/0"


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    """Whether anybody listens on the port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _file(folder: Path) -> Path:
    return folder / "home.json"


def load_home(folder: Path) -> Home:
    """The home's state, made at the first call."""
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "home.lock"):
        if _file(folder).exists():
            return Home(**json.loads(_file(folder).read_text()))
        home = Home(free_port(), free_port(), secrets.token_hex(16), secrets.token_urlsafe(60))
        _write(folder, home)
        return home


def move_port(folder: Path, name: str) -> int:
    """Choose another port for a server ("postgres_port", "valkey_port") and remember it."""
    with locked(folder / "home.lock"):
        port = free_port()
        _write(folder, Home(**{**json.loads(_file(folder).read_text()), name: port}))
        return port


def _write(folder: Path, home: Home) -> None:
    draft = folder / f"home.{os.getpid()}.json"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(home), indent=2) + "\n")
    draft.replace(_file(folder))


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a file's lock; the kernel gives it back when the process ends, however it ends."""
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Ownership:
    """The right to run a home's servers: one process at a time, recognised by a lock and not by a pid file
    alone.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "owner.lock"
        self._handle = self.file.open("a+")

    def take(self, role: str, *, wait: float = 0.0) -> bool:
        """Become the owner; False when another one still is after `wait` seconds."""
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.1)
        self._handle.seek(0)
        self._handle.truncate()
        json.dump({"pid": os.getpid(), "role": role}, self._handle)
        self._handle.flush()
        return True

    def holder(self) -> tuple[int, str] | None:
        """(pid, role) of another process that owns the home now; None when nobody does."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return self._read()
        fcntl.flock(self._handle, fcntl.LOCK_UN)
        return None

    def _read(self) -> tuple[int, str]:
        for _ in range(50):  # the owner may be between taking the lock and writing its name
            try:
                who = json.loads(self.file.read_text())
            except ValueError:
                time.sleep(0.02)
                continue
            return int(who["pid"]), str(who["role"])
        raise RuntimeError(f"{self.file} is held by a process that does not say who it is")

    def release(self) -> None:
        self._handle.close()
