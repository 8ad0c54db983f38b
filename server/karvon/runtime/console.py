"""What people see: one line per event, each with the coloured name of the process that said it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_COLOURS = {"karvon": 36, "postgres": 34, "valkey": 31, "migrate": 33, "seed": 33, "static": 33, "web": 32,
            "worker": 35, "beat": 95, "relay": 94, "payments": 93}  # fmt: skip
WIDTH = max(map(len, _COLOURS))


def uses_colour() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def say(text: str, *, name: str = "karvon") -> None:
    """Print every line of `text` behind the name."""
    prefix = f"{name:<{WIDTH}} │ "
    if uses_colour():
        prefix = f"\x1b[{_COLOURS.get(name, 37)}m{prefix}\x1b[0m"
    try:
        for line in text.splitlines() or [""]:
            sys.stdout.write(f"{prefix}{line}\n")
        sys.stdout.flush()
    except (BrokenPipeError, OSError):  # the terminal is gone; stopping goes on
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - kept until the process ends


def show(text: str) -> None:
    """Print as it is, without a name before it."""
    with suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    started = time.monotonic()
    say(f"{title} …")
    yield
    say(f"{title}: done in {time.monotonic() - started:.1f} s")


def banner(base: str, home: str, payments: str) -> str:
    """Where to look first, and whom to log in as."""
    rule = "─" * 78
    simulated = f"\n  Payments      {payments}/_/        simulated: no bank, no money" if payments else ""
    return f"""
{rule}
  Karvon is ready.

  Shop API      {base}/api/v1/            products: {base}/api/v1/products/
  API docs      {base}/api/v1/docs/       (ReDoc: {base}/api/v1/redoc/)
  Admin         {base}/admin/
  Demo mail     {base}/demo/mail/
  Health        {base}/health/ready{simulated}

  Demo accounts, all with the password  karvon-demo
    admin@karvon.example      everything          merchant@karvon.example   a shop's owner
    staff@karvon.example      the platform's      courier@karvon.example    deliveries
    customer@karvon.example   buys things

  Files are in {home}
{rule}"""
