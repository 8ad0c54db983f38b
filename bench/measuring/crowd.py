"""`make load`: Locust's shoppers on a fresh server with databases of its own, and a table beside published figures."""

from __future__ import annotations

import argparse
import csv
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import orjson

from karvon.runtime import console
from karvon.runtime.servers import ServerFailed
from measuring.homes import BENCH, CannotMeasure, Shop, open_shop
from measuring.machine import look_at_machine
from measuring.programs import KARVON, Keeper, Web

PAGE = BENCH.parent / "docs" / "performance.md"
BEGIN, END = "<!-- written by `make load` -->", "<!-- end of what `make load` writes -->"
PRODUCTS = 1_000
WARM_SECONDS = 10
# name of a request → (mean, p95) in ms that the system of the storefront's contract published, its cache warm
PUBLISHED = {
    "product list": (45, 120),
    "product detail": (25, 60),
    "cart create": (85, 150),
    "order create": (200, 400),
    "payment status": (150, 300),  # published of a payment intent; providers are not there yet
}
PUBLISHED_RATE, PUBLISHED_FAILURES, PUBLISHED_STATEMENTS = 75.0, 0.05, 3


@dataclass(frozen=True)
class Figures:
    """What was seen of one kind of request: answers, failures, per second, milliseconds."""

    name: str
    requests: int
    failures: int
    rate: float
    mean: float
    p50: float
    p95: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the crowd, print the table, keep it in docs/performance.md when asked. Exit code 1 when something failed."""
    asked = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # like Ctrl-C: what was started is ended
    os.environ.setdefault("KARVON_HOME", str(BENCH.parent / ".karvon"))
    load = os.getloadavg()[0]
    try:
        with (
            open_shop(PRODUCTS) as shop,
            tempfile.TemporaryDirectory() as folder,
            closing(Keeper()) as keeper,
        ):
            goods = Path(folder) / "goods.json"
            shop.run(sys.executable, "-m", "measuring.shop", "goods", str(goods))
            with keeper.serve(shop, KARVON, workers=asked.workers) as web:
                doors = _open_doors(web)
                statements = _count_statements(shop, doors)
                found = _run_locust(shop, web, Path(folder), goods, doors, asked)
            shop.run(sys.executable, "-m", "measuring.shop", "settle", folder)
            shop.manage("verify_books")
    except (CannotMeasure, ServerFailed) as error:
        console.say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    machine = look_at_machine(load)
    text = _section(found, statements, asked, machine.day, machine.description)
    if asked.page:
        PAGE.write_text(put_into(PAGE.read_text(), text))
        console.say(f"written to {PAGE.relative_to(BENCH.parent)}")
    console.show(text)
    return 0 if found and found[-1].requests else 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/load", description=__doc__)
    parser.add_argument("--users", type=int, default=100, help="shoppers at once (100)")
    parser.add_argument("--seconds", type=int, default=60, help="how long, after they have come (60)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the web server (2)")
    parser.add_argument(
        "--page", action="store_true", help=f"keep the table in {PAGE.relative_to(BENCH.parent)}"
    )
    return parser.parse_args(arguments)


def _open_doors(web: Web) -> list[str]:
    """The doors that answer: the storefront may not be built into this copy."""
    doors = {"v1": "/api/v1/products/", "store": "/store/products/"}
    return [door for door, path in doors.items() if web.get(path)[0] == 200]


def _count_statements(shop: Shop, doors: Sequence[str]) -> dict[str, int]:
    """SQL statements of one product list at each door, counted inside Django."""
    said = shop.run(sys.executable, "-m", "measuring.shop", "lists", ",".join(doors))
    line = next(line for line in said.splitlines() if line.startswith("RESULT "))
    counted: dict[str, int] = orjson.loads(line.removeprefix("RESULT "))
    return counted


def _run_locust(
    shop: Shop, web: Web, folder: Path, goods: Path, doors: Sequence[str], asked: argparse.Namespace
) -> list[Figures]:
    spawn = max(1.0, asked.users / WARM_SECONDS)
    command = [
        str(Path(sys.executable).parent / "locust"), "-f", str(BENCH / "shoppers.py"), "--headless", "--host", web.base,
        "-u", str(asked.users), "-r", f"{spawn:g}", "-t", f"{asked.seconds + WARM_SECONDS}s", "--reset-stats",
        "--csv", str(folder / "seen"), "--only-summary", "--exit-code-on-error", "0", "--loglevel", "WARNING",
        "--stop-timeout", "10",
    ]  # fmt: skip
    environ = shop.environ | {"KARVON_LOAD_GOODS": str(goods), "KARVON_LOAD_DOORS": ",".join(doors)}
    with console.step(f"{asked.users} shoppers at {' and '.join(doors)} for {asked.seconds} s"):
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, check=False, timeout=asked.seconds + 120
        )
    stats = folder / "seen_stats.csv"
    if not stats.exists():
        raise CannotMeasure(f"locust did not finish:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    for row in _rows(folder / "seen_failures.csv"):
        console.say(f"{row['Occurrences']} × {row['Name']}: {row['Error'][:200]}")
    return [_figures(row) for row in _rows(stats)]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _figures(row: dict[str, str]) -> Figures:
    return Figures(
        name=row["Name"],
        requests=int(row["Request Count"]),
        failures=int(row["Failure Count"]),
        rate=float(row["Requests/s"]),
        mean=float(row["Average Response Time"]),
        p50=float(row["50%"] if row["50%"] != "N/A" else 0),
        p95=float(row["95%"] if row["95%"] != "N/A" else 0),
    )


def _section(
    found: Sequence[Figures], statements: dict[str, int], asked: argparse.Namespace, day: str, machine: str
) -> str:
    total = found[-1]  # Locust's line of everything comes last
    share = 100 * total.failures / max(1, total.requests)
    counted = ", ".join(f"{count} at {door}" for door, count in statements.items())
    lines = [
        f"## With {asked.users} shoppers",
        "",
        f"Measured by `make load USERS={asked.users} SECONDS={asked.seconds}` on {day}: Locust's shoppers of `bench/shoppers.py` at the "
        f"{' and the '.join(statements)} door, {asked.workers} web processes, 1,000 products. {machine}",
        "",
        "| request | requests | requests/s | mean ms | p50 | p95 | failed | published mean / p95 | faster |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(_line(each) for each in found[:-1]),
        f"| **all** | {total.requests:,} | {total.rate:.1f} | {total.mean:.1f} | {total.p50:.0f} | {total.p95:.0f} | {total.failures} "
        f"({share:.2f} %) | {PUBLISHED_RATE:g}/s, {PUBLISHED_FAILURES} % | {total.rate / PUBLISHED_RATE:.1f} × as many |",
        "",
        f"SQL statements of one product list: {counted} (published: {PUBLISHED_STATEMENTS}). Shoppers think for about a second between "
        "requests, so requests per second follow their number, not what the server could do; the books were clean afterwards "
        "(`manage.py verify_books`). The published figures are those of the system that the storefront's contract comes from, on its "
        "own machine, of a warm cache; “payment status” stands beside its payment intent.",
    ]
    return "\n".join(lines)


def _line(each: Figures) -> str:
    published = PUBLISHED.get(each.name.partition(": ")[2])
    beside = f"{published[0]} / {published[1]}" if published else ""
    ratio = (
        f"{published[0] / each.mean:.1f} ×, {published[1] / each.p95:.1f} ×"
        if published and each.mean and each.p95
        else ""
    )
    return (
        f"| {each.name} | {each.requests:,} | {each.rate:.1f} | {each.mean:.1f} | {each.p50:.0f} | {each.p95:.0f} | "
        f"{each.failures} | {beside} | {ratio} |"
    )


def put_into(page: str, section: str) -> str:
    """The page with this section renewed, or at its end."""
    before, begin, rest = page.partition(BEGIN)
    after = rest.partition(END)[2] if begin else ""
    return f"{before.rstrip()}\n\n{BEGIN}\n\n{section}\n\n{END}\n{after.lstrip()}"


def kept_section(page: str) -> str:
    """What `make load` has written into a page, to go into its next edition; "" where there is nothing."""
    _before, begin, rest = page.partition(BEGIN)
    section, end, _after = rest.partition(END)
    return section.strip() if begin and end else ""
