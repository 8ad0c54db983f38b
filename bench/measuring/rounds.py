"""One run: shops, servers, and rounds in which every figure is measured once, so that all see the same machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from karvon.runtime import console
from measuring.homes import CannotMeasure, Shop, open_shop, require_wrk
from measuring.load import Seen, middle, send
from measuring.operations import (
    AGAINST_PEERS,
    DETAIL,
    FEW,
    IN_A_HURRY,
    LIST,
    OPERATIONS,
    SEARCH,
    Operation,
    Place,
    Point,
    point_of,
)
from measuring.programs import BARE, KARVON, PLAIN, Keeper, Web

WARM_SECONDS = 1.0
CARTS_A_SECOND = 250  # about what is ordered in one; when they run out early, the time until then counts
CHANGES_A_SECOND = 10


@dataclass(frozen=True)
class Wanted:
    """How thoroughly to look."""

    sizes: Sequence[int]
    rounds: int
    seconds: float
    quick: bool


@dataclass
class Found:
    """All figures of a run; `cold` and `changing` by (what, size, system), `statements` by (file, size)."""

    figures: dict[Place, Seen] = field(default_factory=dict)
    statements: dict[tuple[str, int], int] = field(default_factory=dict)
    cold: dict[tuple[str, int, str], float] = field(default_factory=dict)
    changing: dict[int, Seen] = field(default_factory=dict)
    resident: dict[str, int] = field(default_factory=dict)
    products: dict[int, int] = field(default_factory=dict)
    books: dict[int, str] = field(default_factory=dict)
    orders: int = 0


def measure(wanted: Wanted) -> Found:
    """Everything, from starting servers to proving that the books are clean. Raises CannotMeasure."""
    wrk, found = require_wrk(), Found()
    with ExitStack() as stack:
        keeper = Keeper()
        stack.callback(keeper.close)
        shops = [stack.enter_context(open_shop(size)) for size in wanted.sizes]
        for shop in shops:
            _prepare(shop, wanted, found)
        with ExitStack() as webs:
            points = list(_points(wrk, keeper, webs, shops, wanted, found))
            _go_round(points, wanted, found)
        if not wanted.quick:
            for shop in shops:
                _measure_cold(keeper, shop, wanted, found)
                _measure_changing(wrk, keeper, shop, wanted, found)
        for shop in shops:
            _check_books(shop, found)
    return found


def requests_of(shop: Shop) -> Path:
    return shop.home / "requests"


def _inside(shop: Shop, command: str, *numbers: int) -> str:
    folder = requests_of(shop)
    folder.mkdir(exist_ok=True)
    numbers_as_text = [str(number) for number in numbers]
    return shop.run(sys.executable, "-m", "measuring.shop", command, str(folder), *numbers_as_text)


def _prepare(shop: Shop, wanted: Wanted, found: Found) -> None:
    found.products[shop.products] = shop.ask("SELECT count(*) FROM catalog_windowrow WHERE is_visible")
    with console.step(f"{shop.products:,} products: choosing requests, filling carts, counting statements"):
        _inside(shop, "prepare")
        _inside(shop, "carts", wanted.rounds + 1, round(CARTS_A_SECOND * wanted.seconds))
        counted = _inside(shop, "count").partition("RESULT ")[2]
    for name, most in json.loads(counted).items():
        found.statements[name, shop.products] = most


def _points(
    wrk: str, keeper: Keeper, webs: ExitStack, shops: Sequence[Shop], wanted: Wanted, found: Found
) -> Iterator[Point]:
    """Start every server and say what is measured of it."""
    for shop in shops:
        operations = [each for each in OPERATIONS if not wanted.quick or each.name in IN_A_HURRY]
        for system in (KARVON, PLAIN, BARE):
            web = webs.enter_context(keeper.serve(shop, system))
            for each in operations:
                if system in each.files:
                    place = Place(each.name, shop.products, system)
                    yield point_of(wrk, each, place, web, requests_of(shop))
            if system == KARVON:
                few = Place(SEARCH, shop.products, KARVON, connections=FEW)
                yield point_of(wrk, _operation(SEARCH), few, web, requests_of(shop))
            _read_memory_later(webs, web, found)
    first = shops[0]
    web = webs.enter_context(keeper.serve(first, KARVON, workers=2))
    for name in AGAINST_PEERS:
        place = Place(name, first.products, KARVON, workers=2)
        yield point_of(wrk, _operation(name), place, web, requests_of(first))


def _operation(name: str) -> Operation:
    return next(each for each in OPERATIONS if each.name == name)


def _read_memory_later(webs: ExitStack, web: Web, found: Found) -> None:
    def read() -> None:
        found.resident[web.name] = max(found.resident.get(web.name, 0), web.resident_bytes)

    webs.callback(read)


def _go_round(points: Sequence[Point], wanted: Wanted, found: Found) -> None:
    seen: dict[Place, list[Seen]] = {point.place: [] for point in points}
    for point in points:  # plans, pools and pages of a warm shop; the last slice of carts is for this
        point.run(wanted.rounds, WARM_SECONDS)
    for number in range(wanted.rounds):
        with console.step(f"round {number + 1} of {wanted.rounds}, {len(points)} figures"):
            for point in points:
                seen[point.place].append(point.run(number, wanted.seconds))
    for place, runs in seen.items():
        found.figures[place] = middle(runs)
    wrong = {place: each.wrong for place, each in found.figures.items() if each.wrong}
    if wrong:
        raise CannotMeasure(f"answers were wrong, so these figures mean nothing: {wrong}")


def _measure_cold(keeper: Keeper, shop: Shop, wanted: Wanted, found: Found) -> None:
    """The first list and then the first detail of a fresh web process on a database that has just started; milliseconds."""
    pages = {KARVON: "/api/v1/products/", PLAIN: "/products/", BARE: "/products/"}
    one = (requests_of(shop) / "plain-detail").read_text().split()[1].split("/")[-2]
    times: dict[tuple[str, int, str], list[float]] = {}
    with console.step(f"{shop.products:,} products: first answers after a restart"):
        for _turn in range(wanted.rounds):
            for system, path in pages.items():
                shop.postgres.restart()
                with keeper.serve(shop, system) as web:
                    for what, asked in ((LIST, path), (DETAIL, f"{path}{one}/")):
                        times.setdefault((what, shop.products, system), []).append(_time(web, asked))
    found.cold |= {key: median(values) for key, values in times.items()}


def _time(web: Web, path: str) -> float:
    started = time.perf_counter()
    status, _body = web.get(path)
    passed = time.perf_counter() - started
    if status != 200:
        raise CannotMeasure(f"{web.name} answered {status} to {path}")
    return passed * 1000


def _measure_changing(wrk: str, keeper: Keeper, shop: Shop, wanted: Wanted, found: Found) -> None:
    """The list while ratings change all the time, so that no count stays known."""
    with keeper.serve(shop, KARVON) as web, _changes(shop):
        send(wrk, web, requests_of(shop) / "list", seconds=WARM_SECONDS)
        runs = [
            send(wrk, web, requests_of(shop) / "list", seconds=wanted.seconds) for _ in range(wanted.rounds)
        ]
    found.changing[shop.products] = middle(runs)


@contextmanager
def _changes(shop: Shop) -> Iterator[None]:
    mark = requests_of(shop) / "churn"
    mark.touch()
    command = [sys.executable, "-m", "measuring.shop", "churn", str(mark.parent), str(CHANGES_A_SECOND)]
    before = shop.ask("SELECT sum(changes) FROM catalog_windowepoch")
    process = subprocess.Popen(
        command, env=shop.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while shop.ask("SELECT sum(changes) FROM catalog_windowepoch") == before:
            if process.poll() is not None:
                raise CannotMeasure("the catalogue could not be changed")
            time.sleep(0.1)
        yield
    finally:
        mark.unlink(
            missing_ok=True
        )  # it looks for this, so it also ends when this process is killed and cleaned up
        process.wait(30)


def _check_books(shop: Shop, found: Found) -> None:
    """No stock below zero, and every sum right. Raises CannotMeasure otherwise."""
    below = shop.ask("SELECT count(*) FROM inventory_stocklevel WHERE on_hand < 0 OR on_hand < reserved")
    if below:
        raise CannotMeasure(f"{below} stock levels are below zero")
    found.books[shop.products] = shop.manage("verify_books").strip()
    found.orders += shop.ask("SELECT count(*) FROM orders_order WHERE cart_key NOT LIKE 'demo:%'")
