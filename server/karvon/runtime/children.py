"""A supervised child process: its output line by line, its crashes counted, its family ended with it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from typing import IO

from karvon.runtime import console, pids
from karvon.runtime.programs import SERVER_FOLDER, Program

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
STEADY_SECONDS = 30.0  # who ran that long is forgiven earlier crashes


class Child:
    """One program that is kept running."""

    def __init__(self, program: Program, environ: Mapping[str, str]) -> None:
        self.name = program.name
        self.command = program.command
        self.environ = dict(environ)
        self.process: subprocess.Popen[bytes] | None = None
        self.pause = FIRST_PAUSE
        self.started_at = 0.0
        self.due_at = 0.0
        self._rest = b""

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def _started(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self.process

    def _pipe(self) -> IO[bytes]:
        pipe = self._started().stdout
        if pipe is None:
            raise RuntimeError(f"{self.name} was started without a pipe")
        return pipe

    def start(self) -> None:
        """Start in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.process = subprocess.Popen(
            self.command,
            cwd=SERVER_FOLDER,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # the watcher ends what it has been told of; this is for the moment before it has been
            preexec_fn=pids.dying_with_parent(int(signal.SIGTERM)),  # noqa: PLW1509 - see there
            start_new_session=True,
        )
        os.set_blocking(self._pipe().fileno(), False)
        self.started_at = time.monotonic()

    def fileno(self) -> int | None:
        """The pipe to wait on; None when nothing more will come."""
        if self.process is None or self.process.stdout is None or self.process.stdout.closed:
            return None
        return self.process.stdout.fileno()

    def read(self) -> None:
        """Print what came; closes the pipe at its end."""
        pipe = self._pipe()
        try:
            part = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return
        *lines, self._rest = (self._rest + part).replace(b"\r", b"\n").split(b"\n")
        if not part:
            lines, self._rest = [self._rest], b""
            pipe.close()
        for line in lines:
            if line.strip():
                console.say(line.decode(errors="replace").rstrip(), name=self.name)

    def read_rest(self) -> None:
        """Print what is left in the pipe of a process that has ended."""
        while (number := self.fileno()) is not None and select.select([number], [], [], 0)[0]:
            self.read()

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def note_crash(self) -> None:
        """Clear away what it left running and decide when to start it again."""
        code = self._started().wait()
        self.end_family()
        if time.monotonic() - self.started_at > STEADY_SECONDS:
            self.pause = FIRST_PAUSE
        self.due_at = time.monotonic() + self.pause
        console.say(f"ended with code {code}; starts again in {self.pause:g} s", name=self.name)
        self.pause = min(self.pause * 2, LONGEST_PAUSE)
        self.process = None

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def end_family(self) -> int:
        """Kill whatever still runs in its session; returns its exit code."""
        if self.process is None:
            return 0
        pids.signal_quietly(self.process.pid, signal.SIGKILL, group=True)
        return self.process.wait()
