"""`python -m karvon.runtime <command>`: what the Makefile calls."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

from karvon.runtime import background, checking, doctor, upkeep
from karvon.runtime.programs import Plan, read_plan
from karvon.runtime.supervisor import Supervisor


def run(plan: Plan) -> int:
    return Supervisor(plan).run()


def demo(plan: Plan) -> int:
    """In the foreground: also ends when the `make` that started it is killed."""
    if os.environ.get("MAKELEVEL") and sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    return run(plan)


COMMANDS: dict[str, Callable[[Plan], int]] = {
    "demo": demo,
    "run": run,
    "up": background.up,
    "down": background.down,
    "doctor": doctor.report,
    "check": checking.check,
    "schema": checking.write_schema,
    "lock": upkeep.lock,
    "clean": upkeep.clean,
}


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.stderr.write(f"usage: python -m karvon.runtime {'|'.join(COMMANDS)}\n")
        return 2
    return COMMANDS[sys.argv[1]](read_plan())


if __name__ == "__main__":
    sys.exit(main())
