"""How much faster the shop window answers than the tables behind it would."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean, quantiles

from karvon.catalog.models import WindowRow
from karvon.catalog.window import WindowQuery, get_window_detail, list_window
from karvon.catalog.window.bodies import build_bodies
from karvon.catalog.window.loading import load_products
from karvon.kernel import clock

PAGE = 20


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one kind of answer, from the window and built from the tables."""

    what: str
    window_mean: float
    window_p95: float
    tables_mean: float
    tables_p95: float

    @property
    def ratio(self) -> float:
        return self.tables_mean / self.window_mean


def time_window(*, iterations: int, language: str = "en") -> list[Timing]:
    """A list of twenty and a page, each `iterations` times both ways in turn; [] when nothing is shown.

    "From the tables" is how the window's own writer makes documents, in one language only: its bulk queries are the quickest
    way there is without the window, an ORM with serializers is several times slower still.
    """
    shown = WindowRow.objects.filter(is_visible=True).order_by("-created_at", "-product")
    ids = list(shown.values_list("pk", flat=True)[:PAGE])
    if not ids:
        return []
    page = WindowQuery(language=language, limit=PAGE)
    key = str(ids[0])
    return [
        _compare("list of 20", iterations, lambda: list_window(page), lambda: _build(len(ids), language)),
        _compare("page", iterations, lambda: get_window_detail(key, language), lambda: _build(1, language)),
    ]


def _build(count: int, language: str) -> None:
    """Find the newest products and make their documents, as if nothing were stored."""
    shown = WindowRow.objects.filter(is_visible=True).order_by("-created_at", "-product")
    for product in load_products(shown.values_list("pk", flat=True)[:count], now=clock.now()):
        build_bodies(product, [language])


def _compare(
    what: str, iterations: int, from_window: Callable[[], object], from_tables: Callable[[], object]
) -> Timing:
    """In turn, so that whatever disturbs the machine disturbs both; the first of each is not counted."""
    windows, tables = [], []
    for number in range(iterations + 1):
        first, second = _milliseconds(from_window), _milliseconds(from_tables)
        if number:
            windows.append(first)
            tables.append(second)
    return Timing(what, fmean(windows), _p95(windows), fmean(tables), _p95(tables))


def _milliseconds(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
