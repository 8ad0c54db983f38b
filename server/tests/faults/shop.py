"""A shop as it runs in production - web, worker, relay, beat under their supervisor - on a PostgreSQL and a
Valkey that a test may kill.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import redis
from django.db import connection

from karvon.runtime import pids
from karvon.runtime.programs import QUEUES, Plan, read_plan
from karvon.runtime.servers import Postgres, Valkey
from karvon.runtime.state import free_port
from karvon.runtime.supervisor import is_ready
from karvon.settings.base import with_database_number

SERVER = Path(__file__).resolve().parents[2]
START_SECONDS = 180
PASSWORD = "of-a-throwaway-server"
IDLE_TRANSACTION_SECONDS = 4


def wait_for(happens: Callable[[], Any], what: str, *, seconds: float = 60) -> Any:
    """The first true answer. Fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := happens()):
        assert time.monotonic() < deadline, f"not in {seconds:g} s: {what}"
        time.sleep(0.1)
    return answer


class Database(Postgres):
    """Keeps what it was told when its processes die, which is what happens here; a machine that loses its power
    does not, and so nothing waits for the disk.
    """

    def command(self) -> list[str]:
        return [*super().command(), "-c", "fsync=off"]


class Shop:
    """Its processes by name, their ends, and the passing of time.

    PostgreSQL keeps what it was told (no throwaway profile); Valkey saves nothing and comes back empty.
    """

    def __init__(self, folder: Path, *, mail_port: int) -> None:
        self.folder = folder
        self.postgres = Database(folder, port=free_port(), password=PASSWORD)
        self.valkey = Valkey(folder, port=free_port(), password=PASSWORD, throwaway=True)
        self.mail_port = mail_port
        self.supervisor: subprocess.Popen[bytes] | None = None
        self.environ: dict[str, str] = {}

    # --- its life ---
    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()
        inherited = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("KARVON_", "DJANGO_", "PYTEST_", "TEST_"))
        }
        self.environ = inherited | {
            "DJANGO_SETTINGS_MODULE": "karvon.settings.development",
            "DATABASE_URL": f"postgres://karvon:{PASSWORD}@127.0.0.1:{self.postgres.port}/karvon",
            "REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:{self.valkey.port}/0",
            "KARVON_HOME": str(self.folder),
            "KARVON_PORT": str(free_port()),
            "KARVON_SEED": "0",
            "KARVON_ACCESS_LOG": "0",
            "KARVON_WEB_WORKERS": "2",
            "KARVON_WEB_THREADS": "4",
            "KARVON_IDLE_TRANSACTION_TIMEOUT_MS": str(IDLE_TRANSACTION_SECONDS * 1000),
            "KARVON_LOCK_TIMEOUT_MS": "15000",  # tests hold rows, and this machine may be busy
            "KARVON_SMTP_HOST": "127.0.0.1",
            "KARVON_SMTP_PORT": str(self.mail_port),
            "KARVON_SMTP_TLS": "0",
            "MAKELEVEL": "1",  # ends with this process, however that ends
        }
        self.supervisor = subprocess.Popen(
            [sys.executable, "-m", "karvon.runtime", "demo"],
            cwd=SERVER, env=self.environ, stdin=subprocess.DEVNULL,
            stdout=self.log.open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        wait_for(
            lambda: "Karvon is ready" in self.said() or self.supervisor.poll() is not None,  # type: ignore[union-attr]
            "the shop is ready",
            seconds=START_SECONDS,
        )
        assert self.supervisor.poll() is None, self.said()
        wait_for(lambda: all(self.pids_of(each) for each in ("worker", "relay", "beat")), "all have started")

    def mend(self) -> None:
        """After a test that failed half-way."""
        for server in (self.postgres, self.valkey):
            server.start()
        wait_for(self.is_ready, "the shop is ready")

    def end(self) -> None:
        if self.supervisor is not None:
            self.supervisor.terminate()
            self.supervisor.wait(60)
        for server in (self.valkey, self.postgres):
            server.kill()
            server.discard()

    @property
    def log(self) -> Path:
        return self.folder / "shop.log"

    def said(self) -> str:
        """Everything its processes have printed."""
        return self.log.read_text(errors="replace")

    @property
    def plan(self) -> Plan:
        return read_plan(self.environ)

    # --- its processes ---
    def pids_of(self, name: str) -> list[int]:
        """`web` (the parent first), `worker` (likewise), `relay` or `beat`; empty while it is not running."""
        mark = {"web": "granian", "worker": " worker ", "relay": "relay_events", "beat": " beat "}[name]
        assert self.supervisor is not None
        for pid in pids.descendants(self.supervisor.pid):
            if mark in pids.command_of(pid) and pids.is_alive(pid):
                return [pid, *pids.descendants(pid)]
        return []

    def web_workers(self) -> list[int]:
        """The processes that answer requests."""
        return [pid for pid in self.pids_of("web")[1:] if "resource_tracker" not in pids.command_of(pid)]

    def parents(self) -> dict[str, int]:
        """The first process of each program; the same as before when nothing had to be started again."""
        return {name: self.pids_of(name)[0] for name in ("web", "worker", "relay", "beat")}

    def kill(self, name: str) -> None:
        """SIGKILL to a program with its children; its supervisor starts another one."""
        family = self.pids_of(name)
        for pid in family:
            pids.signal_quietly(pid, signal.SIGKILL)
        assert not pids.wait_gone(family, 10)

    def freeze(self, name: str) -> list[int]:
        """Stop a program where it stands; returns what `thaw` takes."""
        family = self.pids_of(name)
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        return family

    @staticmethod
    def thaw(family: Sequence[int]) -> None:
        for pid in family:
            pids.signal_quietly(pid, signal.SIGCONT)

    def is_ready(self) -> bool:
        return is_ready(self.plan)

    # --- asking it ---
    def ask(
        self, method: str, path: str, body: Any = None, *, timeout: float = 20, **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """(status, parsed body, headers by lower-case name). Raises OSError or HTTPException without an answer."""
        host, port = self.plan.local_address
        line = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            payload = None if body is None else json.dumps(body)
            line.request(method, path, payload, {"Content-Type": "application/json", **named})
            answer = line.getresponse()
            text = answer.read()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, json.loads(text) if text else None, found
        finally:
            line.close()

    def queue_length(self) -> int:
        """Messages that no worker has taken yet."""
        with redis.Redis.from_url(with_database_number(self.environ["REDIS_URL"], 1)) as broker:
            return sum(int(broker.llen(queue)) for queue in QUEUES.split(","))

    # --- time ---
    def let_minutes_pass(self, minutes: int = 1) -> None:
        """What waits for later is due that much earlier; rows know the time, so they are told another one."""
        with connection.cursor() as cursor:
            for table, column in (
                ("kernel_eventdelivery", "next_attempt_at"),
                ("notifications_mail", "next_attempt_at"),
                ("notifications_mail", "sending_since"),
            ):
                cursor.execute(
                    f"UPDATE {table} SET {column} = {column} - make_interval(mins => %s) "
                    f"WHERE {column} IS NOT NULL",
                    [minutes],
                )
