"""`make lock` and `make clean`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from karvon.runtime import background, console
from karvon.runtime.keeping import home_servers
from karvon.runtime.programs import SERVER_FOLDER, Plan
from karvon.runtime.servers import Postgres
from karvon.runtime.state import load_home

REQUIREMENTS = SERVER_FOLDER / "requirements"
LOCKS = (
    ("bootstrap.txt", ("bootstrap.in",)),
    ("base.txt", ("base.in", "embedded.in")),
    ("dev.txt", ("dev.in", "-c", "base.txt")),
    ("tools.txt", ("tools.in", "-c", "dev.txt")),
)


def lock(plan: Plan) -> int:
    """Compile every `.in` into a lock with hashes, for all systems and Python 3.11 upwards, naming no package
    server.
    """
    for target, sources in LOCKS:
        command = [
            str(Path(sys.executable).parent / "uv"), "pip", "compile", "-q", "--universal",
            "--python-version", "3.11",
            "--generate-hashes", "--no-header", *sources, "-o", target,
        ]  # fmt: skip
        if subprocess.run(command, cwd=REQUIREMENTS, check=False).returncode != 0:
            return 1
        console.say(f"{target} is up to date")
    return 0


def clean(plan: Plan) -> int:
    """Stop what runs from the home and remove it, with what had to be kept elsewhere."""
    background.down(plan)
    for server in home_servers(plan.home, load_home(plan.home)):
        if isinstance(server, Postgres) and server.data.parent != plan.home:
            shutil.rmtree(server.data.parent, ignore_errors=True)
    shutil.rmtree(plan.home, ignore_errors=True)
    return 0
