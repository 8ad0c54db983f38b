"""The web servers that are measured, all of them `granian` with the same options."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from karvon.runtime import pids, programs, watcher
from karvon.runtime.state import free_port
from measuring.homes import CannotMeasure, Shop

KARVON, PLAIN, BARE = "Karvon", "plain DRF", "bare psycopg"
_APPLICATIONS = {
    KARVON: "karvon.wsgi:application",
    PLAIN: "baselines.plain_drf:application",
    BARE: "baselines.bare_psycopg:application",
}
READY_SECONDS = 60
END_SECONDS = 15


@dataclass(frozen=True)
class Used:
    """Seconds of processor time."""

    web: float
    database: float


@dataclass(frozen=True)
class Web:
    """A running web server."""

    name: str
    port: int
    pid: int
    database_pid: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, *, cart: str = "") -> tuple[int, bytes]:
        """One request on a fresh connection: status and body."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request("GET", path, headers={"Host": "localhost", **({"X-Cart-ID": cart} if cart else {})})
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    @property
    def resident_bytes(self) -> int:
        """Memory of the largest of its processes; 0 where the system does not tell."""
        return max(_resident(pid) for pid in _family(self.pid))

    def used(self) -> Used:
        """Processor time used so far by the web server and by PostgreSQL."""
        return Used(*(sum(map(_processor_seconds, _family(pid))) for pid in (self.pid, self.database_pid)))


def _family(pid: int) -> list[int]:
    return [pid, *pids.descendants(pid)]


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class Keeper:
    """Starts web servers and ends all of them, even when this process is killed."""

    def __init__(self) -> None:
        self._watcher = subprocess.Popen(
            [sys.executable, "-I", "-S", watcher.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def _tell(self, line: str) -> None:
        if self._watcher.stdin is not None:
            self._watcher.stdin.write(line.encode() + b"\n")
            self._watcher.stdin.flush()

    @contextmanager
    def serve(self, shop: Shop, name: str, *, workers: int = 1) -> Iterator[Web]:
        """A web server of the shop until the block ends. Raises CannotMeasure when it does not come up."""
        port = free_port()
        log = shop.home / "logs" / f"{name.replace(' ', '-').lower()}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                _command(shop, name, port, workers),
                cwd=programs.SERVER_FOLDER,
                env=shop.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._tell(f"+{process.pid} {int(signal.SIGTERM)}")
        try:
            web = Web(name, port, process.pid, shop.postgres.start())
            _wait_until_up(web, process, log)
            yield web
        finally:
            _end(process)
            self._tell(f"-{process.pid}")

    def close(self) -> None:
        self._watcher.communicate()


def _command(shop: Shop, name: str, port: int, workers: int) -> list[str]:
    names = {"KARVON_HOME": str(shop.home), "KARVON_PORT": str(port), "KARVON_WEB_WORKERS": str(workers)}
    plan = programs.read_plan(names | {"KARVON_ACCESS_LOG": "0"})
    return [*programs.web(plan).command[:-1], _APPLICATIONS[name]]


def _wait_until_up(web: Web, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            web.get("/health/live")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise CannotMeasure(f"{web.name} did not come up; the end of {log}:\n{log.read_text()[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    pids.signal_quietly(process.pid, signal.SIGKILL, group=True)
    process.wait()
