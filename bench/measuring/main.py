"""The command line of `bench/run`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from karvon.runtime import console
from karvon.runtime.servers import ServerFailed
from measuring import report
from measuring.callbacks import measure_callbacks
from measuring.crowd import kept_section, put_into
from measuring.homes import BENCH, CannotMeasure
from measuring.machine import look_at_machine
from measuring.rounds import Wanted, measure
from measuring.statistics import measure_statistics

PAGE = BENCH.parent / "docs" / "performance.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, keep. Exit code 1 when nothing could be measured."""
    asked = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # like Ctrl-C: what was started is ended
    os.environ.setdefault("KARVON_HOME", str(BENCH.parent / ".karvon"))
    if asked.statistics:
        return _show_statistics(asked.orders)
    if asked.callbacks:
        return _show_callbacks(asked.rounds or 3, asked.seconds or 4)
    load = os.getloadavg()[0]
    sizes = asked.sizes or ([1_000] if asked.quick else [1_000, 100_000])
    wanted = Wanted(
        sizes=sizes,
        rounds=asked.rounds or (1 if asked.quick else 3),
        seconds=asked.seconds or (2 if asked.quick else 4),
        quick=asked.quick,
    )
    try:
        found = measure(wanted)
    except (CannotMeasure, ServerFailed) as error:
        console.say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    words = " ".join(sys.argv[1:] if arguments is None else arguments)
    command = f"make bench ARGS='{words}'" if words else "make bench"
    text = report.page(found, wanted, look_at_machine(load), command)
    if not (asked.quick or asked.no_page):
        section = kept_section(PAGE.read_text()) if PAGE.exists() else ""
        PAGE.write_text(put_into(text, section) if section else text)
        console.say(f"written to {PAGE.relative_to(BENCH.parent)}")
    tables = (
        report.figures_table,
        report.doors_table,
        report.cold_table,
        report.peers_table,
        report.aims_table,
        report.memory_line,
    )
    console.show("\n\n".join(filter(None, (table(found) for table in tables))))
    return 0


def _show_statistics(orders: int) -> int:
    try:
        console.show(measure_statistics(orders))
    except ServerFailed as error:
        console.say(str(error))
        return 1
    return 0


def _show_callbacks(rounds: int, seconds: float) -> int:
    try:
        console.show(measure_callbacks(rounds, seconds))
    except (CannotMeasure, ServerFailed) as error:
        console.say(str(error))
        return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes, a small shop, no page written")
    parser.add_argument("--sizes", type=_sizes, help="products of the shops, by comma (1000,100000)")
    parser.add_argument("--rounds", type=int, help="how often each figure is measured (3)")
    parser.add_argument("--seconds", type=float, help="how long each time (4)")
    parser.add_argument(
        "--no-page", action="store_true", help=f"leave {PAGE.relative_to(BENCH.parent)} as it is"
    )
    parser.add_argument(
        "--statistics",
        action="store_true",
        help="only the statistics, beside sums over the orders; no page written",
    )
    parser.add_argument(
        "--callbacks", action="store_true", help="only what providers tell of payments; no page written"
    )
    parser.add_argument("--orders", type=int, default=100_000, help="of the statistics' shop (100000)")
    return parser.parse_args(arguments)


def _sizes(text: str) -> list[int]:
    return sorted(int(part) for part in text.split(","))
