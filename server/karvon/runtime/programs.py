"""The processes of a shop and how each is started; the same commands in the demo and in production."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from karvon.settings.env import read_environment, said_environment
from karvon.settings.queues import QUEUES as _QUEUES

SERVER_FOLDER = Path(__file__).resolve().parents[2]
QUEUES = ",".join(_QUEUES)


@dataclass(frozen=True)
class Program:
    """One long-running process of ours."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Everything the supervisor needs to know, read from the environment once."""

    home: Path
    host: str
    port: int
    workers: int
    threads: int
    access_log: bool
    seed: bool
    database_url: str
    redis_url: str
    simulators_port: int  # 0: real payment providers, or none

    @property
    def base(self) -> str:
        """Where a browser on this machine finds the shop."""
        name = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::") else self.host  # noqa: S104 - compared only
        return f"http://{name}:{self.port}"

    @property
    def simulators_base(self) -> str:
        """Where browsers and the shop find the payment providers' simulators; empty without them."""
        return f"{self.base.rpartition(':')[0]}:{self.simulators_port}" if self.simulators_port else ""

    @property
    def local_address(self) -> tuple[str, int]:
        """Where this machine reaches the web server."""
        return ("127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host, self.port)  # noqa: S104 - compared only


def read_plan(environ: Mapping[str, str] | None = None) -> Plan:
    """Raises BadEnvironment for values that cannot be read."""
    values = read_environment(environ)
    is_production = values["DJANGO_SETTINGS_MODULE"] == "karvon.settings.production"
    return Plan(
        home=Path(values["KARVON_HOME"]).resolve(),
        host=values["KARVON_HOST"],
        port=values["KARVON_PORT"],
        workers=values["KARVON_WEB_WORKERS"],
        threads=values["KARVON_WEB_THREADS"],
        access_log=values["KARVON_ACCESS_LOG"],
        seed=values["KARVON_SEED"],
        database_url=values["DATABASE_URL"],
        redis_url=values["REDIS_URL"],
        simulators_port=0 if is_production else values["KARVON_SIMULATORS_PORT"] or values["KARVON_PORT"] + 1,
    )


def manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "manage.py", *arguments)


def _tool(name: str) -> str:
    """A program of the same virtual environment."""
    return str(Path(sys.executable).parent / name)


def web(plan: Plan) -> Program:
    command = [
        _tool("granian"), "--interface", "wsgi", "--host", plan.host, "--port", str(plan.port),
        "--workers", str(plan.workers), "--blocking-threads", str(plan.threads),
        "--blocking-threads-idle-timeout", "600",
        "--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "10",
        "--access-log" if plan.access_log else "--no-access-log",
        "--access-log-fmt", "%(method)s %(path)s %(status)d %(dt_ms).1f ms",
        "karvon.wsgi:application",
    ]  # fmt: skip
    return Program("web", tuple(command))


def worker(plan: Plan) -> Program:
    command = [
        _tool("celery"), "-A", "karvon.celery", "worker", "-Q", QUEUES, "-c", "2", "-l", "INFO",
        "--without-gossip", "--without-mingle", "-n", f"shop-{plan.port}@%h",
    ]  # fmt: skip
    return Program("worker", tuple(command))


def beat(plan: Plan) -> Program:
    schedule = str(plan.home / "beat-schedule")
    return Program(
        "beat",
        (_tool("celery"), "-A", "karvon.celery", "beat", "-l", "WARNING", "--pidfile", "", "-s", schedule),
    )


def relay(plan: Plan) -> Program:
    return Program("relay", manage("relay_events"))


def simulators(plan: Plan) -> list[Program]:
    """The payment providers of the demo; none in production."""
    if not plan.simulators_port:
        return []
    host, port = plan.local_address
    command = [
        sys.executable, "-m", "karvon.simulators", "--host", plan.host, "--port", str(plan.simulators_port),
        "--public-url", plan.simulators_base, "--callback-base", f"http://{host}:{port}",
        *([] if plan.access_log else ["--quiet"]),
    ]  # fmt: skip
    return [Program("payments", tuple(command))]


def behind_the_web(plan: Plan) -> list[Program]:
    """What is started once the web server answers, so that two cores are not torn between six starts."""
    return [worker(plan), relay(plan), *simulators(plan), beat(plan)]


def simulated_payments(plan: Plan, said: Mapping[str, str]) -> dict[str, str]:
    """Keys and base URLs of the simulators, but for the providers of whom somebody has said something themselves."""
    if not plan.simulators_port:
        return {}
    from karvon.simulators.credentials import (
        PROVIDERS,
        environment,
    )  # refuses production, as this file must not

    own = tuple(
        f"{name.upper()}_" for name in PROVIDERS if any(key.startswith(f"{name.upper()}_") for key in said)
    )
    return {
        name: text
        for name, text in environment(plan.simulators_base).items()
        if not name.startswith(own or "-")
    }


def environment(plan: Plan, *, database_url: str, redis_url: str, secret_key: str) -> dict[str, str]:
    """The children's environment: ours, with everything that was decided said aloud."""
    return {
        "DJANGO_SETTINGS_MODULE": "karvon.settings.development",
        "KARVON_DEMO": "1",
        "KARVON_SECRET_KEY": secret_key,
        "KARVON_PUBLIC_URL": plan.base,
        **simulated_payments(plan, said_environment()),
        **os.environ,
        "KARVON_HOME": str(plan.home),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PYTHONUNBUFFERED": "1",
    }
