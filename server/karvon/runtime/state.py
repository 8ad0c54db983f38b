"""What a home folder (`.karvon`) knows of its servers: ports, passwords, and where the data lies."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """Ports and secrets of one home, written once and kept."""

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


@dataclass(frozen=True)
class Attached:
    """Where the servers of this process are."""

    database_url: str
    redis_url: str
    secret_key: str


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def load_home(folder: Path) -> Home:
    """The home's state, made at the first call."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "home.json"
    if file.exists():
        return Home(**json.loads(file.read_text()))
    home = Home(free_port(), free_port(), secrets.token_hex(16), secrets.token_urlsafe(60))
    draft = folder / f"home.{os.getpid()}.json"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(home), indent=2))
    draft.replace(file)
    return home


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def attach(folder: Path, *, database_url: str, redis_url: str) -> Attached:
    """The servers that are named, else those of the home folder; started for this process when they are not up."""
    home = load_home(folder)
    if not database_url and not is_open(home.postgres_port):
        from karvon.runtime.servers import Postgres

        server = Postgres(folder, port=home.postgres_port, password=home.password)
        server.start()
        atexit.register(server.stop)
    if not redis_url and not is_open(home.valkey_port):
        from karvon.runtime.servers import Valkey

        cache = Valkey(folder, port=home.valkey_port, password=home.password)
        cache.start()
        atexit.register(cache.stop)
    return Attached(database_url or home.database_url, redis_url or home.redis_url, home.secret_key)
