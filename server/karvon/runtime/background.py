"""`make up` and `make down`: the same supervisor, without a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from karvon.runtime import console, pids
from karvon.runtime.programs import SERVER_FOLDER, Plan
from karvon.runtime.state import Ownership
from karvon.runtime.supervisor import is_ready

UP_SECONDS = float(os.environ.get("KARVON_UP_SECONDS") or 600)
DOWN_SECONDS = 40.0


def log_file(plan: Plan) -> Path:
    return plan.home / "logs" / "karvon.log"


def up(plan: Plan) -> int:
    """Start in the background; returns when the shop is ready, 1 with the log's tail when it does not get
    there.
    """
    log = log_file(plan)
    log.parent.mkdir(parents=True, exist_ok=True)
    holder = Ownership(plan.home).holder()
    process = None
    if holder is None or holder[1] != "supervisor":
        process = _start(log)
    deadline = time.monotonic() + UP_SECONDS
    with log.open(errors="replace") as lines:
        while not is_ready(plan):
            _show_progress(lines)
            if process is not None and process.poll() is not None:
                return _give_up(log, f"it ended with code {process.returncode}")
            if time.monotonic() > deadline:
                down(plan)
                return _give_up(log, f"not ready after {UP_SECONDS:.0f} s")
            time.sleep(0.2)
        _show_progress(lines)
    console.show(console.banner(plan.base, str(plan.home), plan.simulators_base))
    console.say(f"the log is {log}; `make down` stops it")
    return 0


def _start(log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "karvon.runtime", "run"],
            cwd=SERVER_FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _show_progress(lines: TextIO) -> None:
    """The supervisor's own words and the two long steps; the rest stays in the log."""
    for line in lines:
        name, _, text = line.rstrip("\n").partition(" │ ")
        if name.strip() in ("karvon", "migrate", "seed"):
            console.say(text, name=name.strip())


def _give_up(log: Path, reason: str) -> int:
    console.say(f"Karvon did not start: {reason}. The end of {log}:")
    sys.stdout.write("".join(f"    {line}\n" for line in log.read_text(errors="replace").splitlines()[-40:]))
    return 1


def down(plan: Plan) -> int:
    """Stop whatever runs from this home; nothing running is fine too."""
    ownership = Ownership(plan.home)
    holder = ownership.holder()
    if holder is None:
        console.say(f"nothing runs from {plan.home}")
        return 0
    pid = holder[0]
    pids.signal_quietly(pid, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while ownership.holder() is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    if ownership.holder() is not None:
        pids.end_process(pid, seconds=0)  # its watcher ends the rest
        console.say("it did not stop by itself and was killed")
        return 1
    console.say("stopped")
    return 0
