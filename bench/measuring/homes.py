"""A shop of a certain size with servers of its own, filled once and kept for the next run."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from karvon.runtime import console, seeding
from karvon.runtime.keeping import home_servers
from karvon.runtime.programs import SERVER_FOLDER, manage
from karvon.runtime.servers import Server
from karvon.runtime.state import Ownership, load_home

BENCH = Path(__file__).resolve().parents[1]
SIGNING_KEY = secrets.token_hex(16)
GOODS_PER_SCALE = 1_110  # what `seed_demo --scale` multiplies; the other shops come on top


class CannotMeasure(RuntimeError):
    """The run ends; the message is for people."""


@dataclass
class Shop:
    """A running shop: its servers answer, its database is migrated and filled."""

    home: Path
    products: int
    environ: dict[str, str]
    postgres: Server

    @property
    def database_url(self) -> str:
        return self.environ["DATABASE_URL"]

    def ask(self, statement: str) -> int:
        """The number a SELECT answers."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            row = connection.execute(statement.encode()).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def manage(self, *arguments: str) -> str:
        """Run a `manage.py` command to its end; its output. Raises CannotMeasure when it fails."""
        return self.run(*manage(*arguments))

    def run(self, *command: str) -> str:
        """Run a program in the shop's environment; its output. Raises CannotMeasure when it fails."""
        done = subprocess.run(
            command, cwd=SERVER_FOLDER, env=self.environ, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise CannotMeasure(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout


@contextmanager
def open_shop(products: int) -> Iterator[Shop]:
    """Start the servers of the shop with about so many products, filling it first when it is new."""
    home = Path(os.environ["KARVON_HOME"]).resolve() / "bench" / str(products)
    ownership = Ownership(home)
    if not ownership.take("bench", wait=5):
        raise CannotMeasure(f"another run measures with {home}")
    servers = home_servers(home, load_home(home))
    try:
        for server in servers:
            server.start()
        (home / "static").mkdir(exist_ok=True)
        state = load_home(home)
        environ = _environment(home, state.database_url, state.redis_url, state.secret_key)
        shop = Shop(home, products, environ, servers[0])
        _fill(shop)
        yield shop
    finally:
        for server in reversed(servers):
            server.stop()
        ownership.release()


def _environment(home: Path, database_url: str, redis_url: str, secret_key: str) -> dict[str, str]:
    """Production settings; reads and writes are counted as in production, with limits that this load does not reach."""
    limits = {
        f"KARVON_THROTTLE_{scope}": "1000000000/day"
        for scope in ("LOGIN", "REGISTRATION", "REFRESH", "COUPONS", "WRITE", "READ")
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KARVON_")}
    return kept | limits | {
        "DJANGO_SETTINGS_MODULE": "karvon.settings.production",
        "KARVON_HOME": str(home),
        "KARVON_SECRET_KEY": secret_key,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        # nobody's: callbacks are signed with them
        "RAZORPAY_KEY_ID": "rzp_live_benchmark",
        "RAZORPAY_KEY_SECRET": SIGNING_KEY,
        "RAZORPAY_WEBHOOK_SECRET": SIGNING_KEY,
        "PYTHONPATH": f"{BENCH}{os.pathsep}{SERVER_FOLDER}",
        "PYTHONUNBUFFERED": "1",
    }  # fmt: skip


def _fill(shop: Shop) -> None:
    """Migrate when migrations have changed, seed once, and leave the planner with fresh statistics."""
    notes, wanted = seeding.recall(shop.database_url), seeding.fingerprint()
    if notes.get("migrations") != wanted:
        with console.step(f"migrating the shop of {shop.products:,} products"):
            shop.manage("migrate", "--no-input")
        seeding.remember(shop.database_url, migrations=wanted)
    if not notes.get("seeded"):
        scale = max(1, round(shop.products / GOODS_PER_SCALE))
        with console.step(f"filling it ({shop.products:,} products; kept for the next run)"):
            subprocess.run(
                manage("seed_demo", "--scale", str(scale)), cwd=SERVER_FOLDER, env=shop.environ, check=True
            )
        seeding.remember(shop.database_url, seeded=True)
    with psycopg.connect(shop.database_url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def require_wrk() -> str:
    """Where `wrk` is. Raises CannotMeasure with how to get it."""
    found = shutil.which("wrk")
    if found is None:
        raise CannotMeasure(
            "the load generator wrk is not installed: apt install wrk (Debian, Ubuntu), brew install wrk (macOS)"
        )
    return found
