"""What providers tell of payments: events a second that one web process takes, beside a server that only keeps them.

    make bench ARGS='--callbacks'
    make bench ARGS='--callbacks --rounds 1 --seconds 2'

Every event is the money of another order: verified, kept, the order confirmed, its news written. Nothing is written into a page.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack

from karvon.runtime import console
from measuring.homes import CannotMeasure, Shop, open_shop, require_wrk
from measuring.load import Seen, middle, send
from measuring.programs import BARE, KARVON, Keeper, Web

PRODUCTS = 1_000
AIM = 300  # events a second of one process
EVENTS_A_SECOND = 120  # orders are made for so many; when they run out early, the time until then counts


def measure_callbacks(rounds: int, seconds: float) -> str:
    """The table. Raises CannotMeasure, ServerFailed."""
    wrk = require_wrk()
    with ExitStack() as stack:
        keeper = Keeper()
        stack.callback(keeper.close)
        shop = stack.enter_context(open_shop(PRODUCTS))
        folder = shop.home / "requests"
        folder.mkdir(exist_ok=True)
        with console.step("orders that wait for their payment"):
            _inside(shop, "callbacks", rounds + 1, round(EVENTS_A_SECOND * seconds))
            statements = json.loads(_inside(shop, "count_callbacks").partition("RESULT ")[2])
        webs = {name: stack.enter_context(keeper.serve(shop, name)) for name in (KARVON, BARE)}
        seen: dict[tuple[str, str], list[Seen]] = {}

        def look(name: str, web: Web, what: str, file: str, seconds: float) -> None:
            once = what == "money"
            found = send(wrk, web, folder / file, seconds=seconds, expected=200, once=once)
            seen.setdefault((name, what), []).append(found)

        for turn in (rounds, *range(rounds)):
            for name, web in webs.items():
                look(name, web, "again", "callback-again", seconds)
                look(name, web, "money", f"callback-{turn}", seconds)
            if turn == rounds:
                seen.clear()  # plans, pools and pages are warm now; the last slice is for this
        _check(shop)
    return _table({key: middle(runs) for key, runs in seen.items()}, statements)


def _inside(shop: Shop, command: str, *numbers: int) -> str:
    words = [str(number) for number in numbers]
    return shop.run(sys.executable, "-m", "measuring.shop", command, str(shop.home / "requests"), *words)


def _check(shop: Shop) -> None:
    """Whatever was told once is paid once. Raises CannotMeasure otherwise."""
    unlike = shop.ask(
        "SELECT count(*) FROM payments_payment p JOIN orders_order o ON o.id = p.order_id "
        "WHERE (p.state = 'paid') <> (o.payment_state = 'paid')"
    )
    odd = shop.ask("SELECT count(*) FROM payments_refund") + shop.ask(
        "SELECT count(*) FROM payments_providerevent WHERE provider = 'razorpay' AND outcome <> 'applied'"
    )
    if unlike or odd:
        raise CannotMeasure(
            f"{unlike} orders are not what their payment is, {odd} events came to something else"
        )


def _table(found: dict[tuple[str, str], Seen], statements: list[int]) -> str:
    if wrong := {key: each.wrong for key, each in found.items() if each.wrong}:
        raise CannotMeasure(f"answers were wrong, so these figures mean nothing: {wrong}")
    lines = [
        "| event | events/s | p50 ms | p95 ms | bare psycopg/s | × bare | SQL | CPU ms |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for what, name, count in zip(
        ("money", "again"), ("a payment's money", "one that is known"), statements, strict=True
    ):
        ours, bare = found[KARVON, what], found[BARE, what]
        ratio = ours.rate / bare.rate if bare.rate else 0.0
        lines.append(
            f"| {name} | {ours.rate:,.0f} | {ours.p50:.1f} | {ours.p95:.1f} | {bare.rate:,.0f} | {ratio:.2f} | {count} | "
            f"{ours.web_work:.2f} + {ours.database_work:.2f} |"
        )
    met = "met" if found[KARVON, "money"].rate >= AIM else "not met"
    load = f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    return "\n".join([*lines, "", f"Aim: {AIM} a second of one web process: {met}; {load}."])
