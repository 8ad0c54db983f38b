"""The whole shop as real processes: it comes up, mends itself, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from karvon.runtime import pids
from karvon.runtime.keeping import home_servers
from karvon.runtime.programs import Plan, read_plan
from karvon.runtime.state import Ownership, free_port, is_open, load_home
from karvon.runtime.supervisor import is_ready
from karvon.runtime.tests.conftest import SERVER, processes_of, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]
START = 180


class Shop:
    """One home, driven as people drive it."""

    def __init__(self, folder: Path) -> None:
        self.environ = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("KARVON_", "DJANGO_", "PYTEST_"))
        } | {
            "KARVON_HOME": str(folder),
            "KARVON_PORT": str(free_port()),
            "KARVON_SIMULATORS_PORT": str(free_port()),
            "KARVON_SEED": "0",
            "KARVON_WEB_WORKERS": "1",
        }
        self.home = folder

    @property
    def plan(self) -> Plan:
        return read_plan(self.environ)

    def call(self, verb: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "karvon.runtime", verb],
            cwd=SERVER, env={**self.environ, **environ}, capture_output=True, text=True, timeout=START, check=False,
        )  # fmt: skip

    def start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "karvon.runtime", "demo"],
            cwd=SERVER, env=self.environ, stdout=(self.home / "demo.log").open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        wait_until(lambda: is_ready(self.plan) or process.poll() is not None, START)
        assert process.poll() is None, (self.home / "demo.log").read_text()
        return process

    def family(self, pid: int) -> list[int]:
        return [pid, *pids.descendants(pid)]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    folder = Path(f"/var/tmp/karvon-shop-{os.getpid()}")
    folder.mkdir(mode=0o755)
    found = Shop(folder)
    yield found
    found.call("down")
    shutil.rmtree(folder, ignore_errors=True)


def test_up_comes_back_when_it_is_ready_and_down_leaves_nothing(shop):
    up = shop.call("up")

    assert up.returncode == 0, up.stdout + up.stderr
    assert is_ready(shop.plan)
    assert shop.plan.base + "/admin/" in up.stdout
    assert "customer@karvon.example" in up.stdout
    assert f"{shop.plan.simulators_base}/_/" in up.stdout
    wait_until(lambda: is_open(shop.plan.simulators_port))
    again = shop.call("up")
    assert again.returncode == 0

    running = shop.family(Ownership(shop.home).holder()[0])
    assert len(running) > 8
    down = shop.call("down")
    assert down.returncode == 0
    assert pids.wait_gone(running, 5) == []
    assert processes_of(shop.home) == []
    assert not is_open(shop.plan.simulators_port)
    assert shop.call("down").returncode == 0


def test_what_crashes_is_started_again(shop):
    process = shop.start()
    try:
        for name in ("postgres", "granian", "valkey"):
            victim = next(pid for pid in pids.descendants(process.pid) if name in pids.command_of(pid))
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda pid=victim: not pids.is_alive(pid))
            wait_until(lambda: is_ready(shop.plan), 60)
        family = shop.family(process.pid)[1:]
    finally:
        process.terminate()
        assert process.wait(40) == 0
    assert pids.wait_gone(family, 40) == []
    assert processes_of(shop.home) == []


# SIGTERM ends the shop above, when it has been mended
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_however_it_is_ended_nothing_is_left(shop, number):
    process = shop.start()
    family = shop.family(process.pid)[1:]

    process.send_signal(number)
    code = process.wait(40)

    assert code == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    assert pids.wait_gone(family, 40) == []
    assert processes_of(shop.home) == []


def test_a_taken_port_and_a_second_start_are_told_in_words(shop):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]

        done = shop.call("demo", KARVON_PORT=str(port))

        assert done.returncode == 1
        assert f"port {port} is taken" in done.stdout
        assert "Traceback" not in done.stdout + done.stderr
    ownership = Ownership(shop.home)
    ownership.take("supervisor")
    try:
        assert "already runs" in shop.call("demo").stdout
    finally:
        ownership.release()
    assert processes_of(shop.home) == []


def test_a_start_that_fails_is_told_with_the_end_of_the_log(shop):
    done = shop.call("up", DATABASE_URL="postgres://nobody:wrong@127.0.0.1:1/none")

    assert done.returncode == 1
    assert "did not start" in done.stdout
    assert processes_of(shop.home) == []


def test_the_doctor_names_servers_and_ports_without_passwords(shop):
    done = shop.call("doctor")

    home = load_home(shop.home)
    assert done.returncode == 0
    assert "PostgreSQL" in done.stdout
    assert str(home_servers(shop.home, home)[0].port) in done.stdout
    assert home.password not in done.stdout
