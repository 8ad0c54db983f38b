"""Ends a supervisor's processes when the supervisor dies without saying goodbye.

Runs alone, as `python watcher.py`, with a pipe from the supervisor as its input. Each line names a process:
"+<pid> <signal>" when it was started, "-<pid>" when it ended. The end of the pipe means that the supervisor
is gone: what is still listed is asked to end with its signal, in reverse order, and is killed with its whole
session after a few seconds.
"""

import os
import signal
import sys
import time

PATIENCE = 6.0


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(pid: int, number: int) -> None:
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    listed: dict[int, int] = {}
    for line in sys.stdin:
        if line.startswith("+"):
            pid, number = line[1:].split()
            listed[int(pid)] = int(number)
        else:
            listed.pop(int(line[1:]), None)
    for pid in reversed(list(listed)):
        send(pid, listed[pid])
        deadline = time.monotonic() + PATIENCE
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        send(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
