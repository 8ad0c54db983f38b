"""Runs a whole shop: its servers, migrations, demo data, then the long-running processes until somebody says
stop.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import FrameType

from karvon.runtime import console, programs, seeding
from karvon.runtime.children import Child
from karvon.runtime.keeping import home_servers
from karvon.runtime.programs import Plan, Program
from karvon.runtime.servers import Server, ServerFailed
from karvon.runtime.state import Ownership, free_port, is_open, load_home

END_SECONDS = 10.0
READY_SECONDS = 120.0


class CannotRun(RuntimeError):
    """The shop does not start; the message is for people."""


class _Stop(Exception):
    """Somebody wants the shop to end."""


class Supervisor:
    """One run of a shop. `run` returns the exit code; whatever happens, nothing it started is left behind."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.ownership = Ownership(plan.home)
        self.servers: list[Server] = []
        self.children: list[Child] = []
        self.server_pids: dict[str, int] = {}
        self.watcher: subprocess.Popen[bytes] | None = None
        self.stops = 0
        self.is_stopping = False

    # --- the whole story ---
    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        code = 0
        try:
            self._own()
            self._start_watcher()
            environ = self._start_servers()
            self._prepare(environ)
            self._start_children([programs.web(self.plan)], environ)
            self._wait_until_ready()
            self._start_children(programs.behind_the_web(self.plan), environ)
            console.show(console.banner(self.plan.base, str(self.plan.home), self.plan.simulators_base))
            while True:
                self._look_after(0.5)
        except _Stop:
            console.say("stopping …")
        except (CannotRun, ServerFailed) as error:
            console.say(str(error))
            code = 1
        finally:
            self._stop_everything()
        return code

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # only noted: an exception from here could strike between a child's start and the note of its number
        self.stops += 1

    def _heed(self) -> None:
        """Somebody wants it to end: raise _Stop, once."""
        if self.stops and not self.is_stopping:
            self.is_stopping = True
            raise _Stop

    # --- starting ---
    def _own(self) -> None:
        holder = self.ownership.holder()
        if holder is not None and holder[1] == "supervisor":
            raise CannotRun(
                f"Karvon already runs from {self.plan.home} (process {holder[0]}); `make down` stops it, "
                "KARVON_HOME and KARVON_PORT start a second one beside it"
            )
        if holder is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(holder[0], signal.SIGTERM)  # servers started for a single command: ours from now on
        if not self.ownership.take("supervisor", wait=30):
            raise CannotRun(f"another process keeps {self.plan.home} busy: {self.ownership.holder()}")
        if is_open(self.plan.port):
            raise CannotRun(
                f"port {self.plan.port} is taken by another program; "
                f"choose one: make demo KARVON_PORT={self.plan.port + 1}"
            )
        if self.plan.simulators_port and is_open(self.plan.simulators_port):
            taken, port = self.plan.simulators_port, free_port()
            console.say(f"port {taken} is taken by another program; payments are simulated at {port}")
            self.plan = replace(self.plan, simulators_port=port)

    def _start_watcher(self) -> None:
        self.watcher = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("watcher.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def _tell_watcher(self, line: str) -> None:
        if self.watcher is not None and self.watcher.stdin is not None:
            with contextlib.suppress(OSError):
                self.watcher.stdin.write(line.encode() + b"\n")
                self.watcher.stdin.flush()

    def _start_servers(self) -> dict[str, str]:
        plan = self.plan
        home = load_home(plan.home)
        self.servers = home_servers(
            plan.home, home, postgres=not plan.database_url, valkey=not plan.redis_url
        )
        for server in self.servers:
            with console.step(f"starting {server.name}"):
                self._start_server(server)
            self._heed()
        home = load_home(plan.home)  # a taken port was changed on the way
        return programs.environment(
            plan,
            database_url=plan.database_url or home.database_url,
            redis_url=plan.redis_url or home.redis_url,
            secret_key=home.secret_key,
        )

    def _start_server(self, server: Server) -> None:
        pid = server.start()
        self.server_pids[server.name] = pid
        self._tell_watcher(f"+{pid} {int(server.stop_signal)}")

    def _prepare(self, environ: dict[str, str]) -> None:
        """Migrations when they have changed, demo data once; both leave a note on the database."""
        (self.plan.home / "static").mkdir(exist_ok=True)
        url, wanted = environ["DATABASE_URL"], seeding.fingerprint()
        if seeding.recall(url).get("migrations") != wanted:
            with console.step("bringing the database up to date"):
                self._run_once(Program("migrate", programs.manage("migrate", "--no-input")), environ)
            seeding.remember(url, migrations=wanted)
        if self.plan.seed and seeding.can_seed() and not seeding.recall(url).get("seeded"):
            with console.step("filling the shop with demo data (only this first time)"):
                self._run_once(Program("seed", programs.manage("seed_demo")), environ)
            seeding.remember(url, seeded=True)

    def _run_once(self, program: Program, environ: dict[str, str]) -> None:
        """Run to its end with its output shown. Raises CannotRun when it fails."""
        child = Child(program, environ)
        self.children.append(child)
        self._start_child(child)
        while not child.has_ended() or child.fileno() is not None:
            self._pump(0.2)
        self._tell_watcher(f"-{child.pid}")
        self.children.remove(child)
        if (code := child.end_family()) != 0:
            raise CannotRun(f"{program.name} failed with code {code}; see above")

    def _start_child(self, child: Child) -> None:
        child.start()
        self._tell_watcher(f"+{child.pid} {int(signal.SIGTERM)}")

    def _start_children(self, wanted: list[Program], environ: dict[str, str]) -> None:
        for program in wanted:
            child = Child(program, environ)
            self.children.append(child)
            self._start_child(child)
            self._heed()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready(self.plan):
            if time.monotonic() > deadline:
                raise CannotRun(
                    f"{self.plan.base}/health/ready did not say yes in {READY_SECONDS:.0f} s; see above"
                )
            self._look_after(0.2)

    # --- looking after ---
    def _pump(self, seconds: float) -> None:
        """Print what the children say, for at most this long."""
        self._heed()
        numbers = {number: child for child in self.children if (number := child.fileno()) is not None}
        if not numbers:
            time.sleep(seconds)
            return
        for number in select.select(list(numbers), [], [], seconds)[0]:
            numbers[number].read()

    def _look_after(self, seconds: float) -> None:
        self._pump(seconds)
        for server in self.servers:
            if not server.is_running():
                self._revive(server)
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.due_at:
                    self._start_child(child)
            elif child.has_ended():
                self._tell_watcher(f"-{child.pid}")
                child.note_crash()

    def _revive(self, server: Server) -> None:
        self._tell_watcher(f"-{self.server_pids.pop(server.name, 0)}")
        console.say(f"{server.name} is gone; starting it again", name=server.name)
        try:
            self._start_server(server)
        except ServerFailed as error:
            console.say(str(error), name=server.name)
            time.sleep(1)

    # --- ending ---
    def _stop_everything(self) -> None:
        """Web first, so that nothing new comes in; the servers last. A second Ctrl-C ends it at once."""
        self.is_stopping = True
        for child in self.children:
            child.ask_to_end()
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline and self.stops < 2:
            if all(child.process is None or child.has_ended() for child in self.children):
                break
            self._pump(0.1)
        for child in self.children:
            child.end_family()
            child.read_rest()
        for server in reversed(self.servers):
            server.stop()
        for pid in [*self.server_pids.values(), *(child.pid for child in self.children if child.pid)]:
            self._tell_watcher(f"-{pid}")
        if self.watcher is not None:
            self.watcher.communicate()
        self.ownership.release()
        if self.servers:
            console.say("stopped")


def is_ready(plan: Plan) -> bool:
    """Whether `/health/ready` answers 200."""
    host, port = plan.local_address
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/ready", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
