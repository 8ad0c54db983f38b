"""One run of `wrk` and what it saw."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from measuring.homes import BENCH, CannotMeasure
from measuring.programs import Used, Web

CONNECTIONS = 16


@dataclass(frozen=True)
class Seen:
    """What one run saw: answers per second, milliseconds until answered, bytes per answer, how many were wrong, and
    milliseconds of processor time that an answer cost the web server and PostgreSQL (of a whole checkout in `walk`).
    """

    rate: float
    p50: float
    p95: float
    p99: float
    size: float
    answers: int
    wrong: int
    web_work: float
    database_work: float


def send(
    wrk: str,
    web: Web,
    requests: Path,
    *,
    seconds: float,
    expected: int = 0,
    once: bool = False,
    connections: int = CONNECTIONS,
) -> Seen:
    """Send the requests of a file over and over, or each of them once, until the time is over.

    `expected` is the status every answer must have; 0 counts only 4xx and 5xx as wrong.
    """
    options = [str(requests), str(expected), "once" if once else "repeat"]
    before = web.used()
    found = _run(wrk, web, BENCH / "requests.lua", options, seconds, connections)
    wrong = found["broken"] + (found["wrong"] if expected else found["over_399"])
    if once:  # wrk waits until the time is over even when all is sent
        rate = found["right"] / found["busy"] if found["busy"] else 0.0
    else:
        rate = found["requests"] / found["seconds"]
    return _seen(found, rate=rate, wrong=wrong, before=before, after=web.used(), answers=found["requests"])


def walk(wrk: str, web: Web, pairs: Path, *, seconds: float) -> Seen:
    """Whole checkouts, three requests each; `rate` counts finished ones."""
    before = web.used()
    found = _run(wrk, web, BENCH / "journey.lua", [str(pairs)], seconds, CONNECTIONS)
    rate, wrong = found["right"] / found["seconds"], found["broken"] + found["wrong"]
    return _seen(found, rate=rate, wrong=wrong, before=before, after=web.used(), answers=found["right"])


def middle(runs: list[Seen]) -> Seen:
    """Medians of every figure; wrong answers add up."""
    return Seen(
        rate=median(each.rate for each in runs),
        p50=median(each.p50 for each in runs),
        p95=median(each.p95 for each in runs),
        p99=median(each.p99 for each in runs),
        size=median(each.size for each in runs),
        answers=sum(each.answers for each in runs),
        wrong=sum(each.wrong for each in runs),
        web_work=median(each.web_work for each in runs),
        database_work=median(each.database_work for each in runs),
    )


def _seen(
    found: dict[str, float], *, rate: float, wrong: float, before: Used, after: Used, answers: float
) -> Seen:
    each = 1000 / max(1, answers)
    return Seen(
        rate=rate,
        p50=found["p50"],
        p95=found["p95"],
        p99=found["p99"],
        size=found["bytes"] / max(1, found["requests"]),
        answers=int(answers),
        wrong=int(wrong),
        web_work=(after.web - before.web) * each,
        database_work=(after.database - before.database) * each,
    )


def _run(
    wrk: str, web: Web, script: Path, options: list[str], seconds: float, connections: int
) -> dict[str, float]:
    command = [
        wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "--latency",
        "-s", str(script), web.base, "--", *options,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 90)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            found: dict[str, float] = json.loads(line.removeprefix("RESULT "))
            return found
    raise CannotMeasure(f"wrk did not finish:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
