"""Looking at processes without any library: which run, whose children they are, what they were started as."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def dying_with_parent(number: int) -> Callable[[], None]:
    """For `Popen(preexec_fn=…)`: the kernel sends the child this signal when its parent dies, however that dies. On Linux;
    elsewhere it does nothing. Between fork and exec only a loaded library and two system calls are used.
    """
    parent = os.getpid()

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, number)
            if os.getppid() != parent:  # it died before we could ask
                os._exit(1)

    return ask


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not (_PROC / "self").exists()


def command_of(pid: int) -> str:
    """The command line, empty when the process is gone."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if (_PROC / "self").exists():
            return ""
        done = subprocess.run(
            ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()


def _table() -> dict[int, int]:
    """Every process and its parent."""
    if not (_PROC / "self").exists():
        lines = subprocess.run(
            ["/bin/ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False
        ).stdout
        return {int(pid): int(parent) for pid, parent in (line.split() for line in lines.splitlines())}
    parents = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    return parents


def descendants(pid: int) -> list[int]:
    """Children and their children, nearest first."""
    parents, found, front = _table(), [], [pid]
    while front:
        front = [child for child, parent in parents.items() if parent in front]
        found += front
    return found


def signal_quietly(pid: int, number: int, *, group: bool = False) -> None:
    """Send a signal; nothing happens when the process is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(pid, number)


def wait_gone(pids: Iterable[int], seconds: float) -> list[int]:
    """Wait until they are gone; returns those that still run."""
    deadline, left = time.monotonic() + seconds, list(pids)
    while (left := [pid for pid in left if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def end_process(pid: int, *, how: int = signal.SIGTERM, seconds: float = 10) -> None:
    """Ask a process that is not our child to end, then insist."""
    family = [pid, *descendants(pid)]
    signal_quietly(pid, how)
    for each in wait_gone(family, seconds):
        signal_quietly(each, signal.SIGKILL)
    wait_gone(family, 5)
