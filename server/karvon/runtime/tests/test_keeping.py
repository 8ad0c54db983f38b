"""Servers for the time of a command: shared by commands that overlap, gone after the last one."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from karvon.runtime.keeping import home_servers
from karvon.runtime.state import Ownership, load_home
from karvon.runtime.tests.conftest import processes_of, run_python, wait_until

pytestmark = pytest.mark.faults


def start_command(home: Path) -> subprocess.Popen[str]:
    """Attaches, says so, and ends when its input does."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom karvon.runtime.keeping import attach\n"
        f"found = attach(Path({str(home)!r}), database_url='', redis_url='')\n"
        "import psycopg\npsycopg.connect(found.database_url).close()\nprint('attached', flush=True)\nsys.stdin.read()\n"
    )
    return run_python(code)


def answers(home: Path) -> list[bool]:
    return [server.answers() for server in home_servers(home, load_home(home))]


def test_servers_live_as_long_as_any_command(home):
    first, second = start_command(home), start_command(home)
    assert [command.stdout.readline() for command in (first, second)] == ["attached\n"] * 2

    first.communicate("")
    assert answers(home) == [True, True]

    second.send_signal(signal.SIGKILL)
    second.wait()
    wait_until(lambda: Ownership(home).holder() is None)

    assert answers(home) == [False, False]
    wait_until(lambda: processes_of(home) == [], 5)


def test_a_command_right_after_another_finds_its_servers(home):
    for _ in range(3):
        command = start_command(home)
        assert command.stdout.readline() == "attached\n"
        command.communicate("")
    wait_until(lambda: processes_of(home) == [])


def test_a_server_that_dies_meanwhile_comes_back(home):
    command = start_command(home)
    assert command.stdout.readline() == "attached\n"
    postgres = home_servers(home, load_home(home))[0]

    subprocess.run(["kill", "-9", str(postgres.pid_of_running())], check=True)
    wait_until(lambda: not postgres.answers(), 5)

    wait_until(lambda: all(answers(home)))
    command.communicate("")
    wait_until(lambda: processes_of(home) == [])


def test_named_servers_are_used_and_none_are_started(home):
    from karvon.runtime.keeping import attach

    found = attach(home, database_url="postgres://db.example/shop", redis_url="redis://redis.example")

    assert found.database_url == "postgres://db.example/shop"
    assert len(found.secret_key) >= 50
    assert processes_of(home) == []


def test_a_home_is_private_and_stays_the_same(home):
    first = load_home(home)

    assert load_home(home) == first
    assert (home / "home.json").stat().st_mode & 0o077 == 0
