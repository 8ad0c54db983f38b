"""The figures as tables: printed, and kept in `docs/performance.md`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from measuring.load import Seen
from measuring.machine import Machine
from measuring.operations import (
    ADD,
    CHECKOUT,
    DETAIL,
    DOOR_LISTS,
    FEW,
    JOURNEY,
    LIST,
    OPERATIONS,
    SEARCH,
    Place,
)
from measuring.programs import BARE, KARVON, PLAIN
from measuring.rounds import CHANGES_A_SECOND, Found, Wanted

# requests per second of the best of two well-known shop servers, two processes, 16 connections, 1,000 products
PEERS = {LIST: (238, 20), DETAIL: (172, 20), ADD: (115, 8), JOURNEY: (39, 8)}
MEGABYTE = 1_000_000
Cells = Sequence[str]


def figures_table(found: Found) -> str:
    """Every operation at every size, with both baselines beside those that have them."""
    head = (
        "operation", "products", "answers/s", "p50 ms", "p95 ms", "plain DRF/s", "× plain",
        "bare psycopg/s", "× bare", "SQL", "bytes", "CPU ms",
    )  # fmt: skip
    rows = []
    for operation in OPERATIONS:
        for size in found.products:
            seen = found.figures.get(Place(operation.name, size, KARVON))
            if seen is None:
                continue
            statements = found.statements.get((operation.counted_as, size))
            rows.append(
                (
                    operation.name,
                    f"{size:,}",
                    _rate(seen.rate),
                    _ms(seen.p50),
                    _ms(seen.p95),
                    *_beside(found, operation.name, size, PLAIN),
                    *_beside(found, operation.name, size, BARE),
                    "" if statements is None else str(statements),
                    f"{seen.size:,.0f}",
                    f"{seen.web_work:.2f} + {seen.database_work:.2f}",
                )
            )
    return _table(head, rows)


def _beside(found: Found, name: str, size: int, system: str) -> tuple[str, str]:
    other = found.figures.get(Place(name, size, system))
    if other is None:
        return "", ""
    return _rate(other.rate), f"{_ratio(found, name, size, system):.2f}"


def _ratio(found: Found, name: str, size: int, system: str) -> float:
    """How many times as fast Karvon is; infinite beside a server that answered nothing in time."""
    other = found.figures[Place(name, size, system)].rate
    return found.figures[Place(name, size, KARVON)].rate / other if other else math.inf


def aims_table(found: Found) -> str:
    """What we hold ourselves to, what was measured, and whether that is enough."""
    rows = [*_ratio_aims(found), *_flat_aims(found), *_other_aims(found), *_peer_aims(found)]
    return _table(
        ("aim", "measured", "met"), [(aim, value, "yes" if is_met else "no") for aim, value, is_met in rows]
    )


def _ratio_aims(found: Found) -> Iterable[tuple[str, str, bool]]:
    for name in (LIST, DETAIL):
        for size in found.products:
            for system, least in ((PLAIN, 15.0), (BARE, 0.35)):
                ratio = _ratio(found, name, size, system)
                yield (
                    f"{name}, {size:,} products: at least {least:g} × {system}",
                    f"{ratio:.2f} ×",
                    ratio >= least,
                )


def _flat_aims(found: Found) -> Iterable[tuple[str, str, bool]]:
    sizes = sorted(found.products)
    if len(sizes) < 2:
        return
    for name in (LIST, DETAIL):
        small, large = (found.figures[Place(name, size, KARVON)].rate for size in (sizes[0], sizes[-1]))
        aim = f"{name}: from {sizes[0]:,} to {sizes[-1]:,} products at most 1.3 times slower"
        yield aim, f"{small / large:.2f} ×", small / large <= 1.3


def _other_aims(found: Found) -> Iterable[tuple[str, str, bool]]:
    for size in found.products:
        few = found.figures[Place(SEARCH, size, KARVON, connections=FEW)]
        yield (
            f"search, {size:,} products, {FEW} connections: p95 at most 20 ms",
            f"{few.p95:.1f} ms",
            few.p95 <= 20,
        )
        if orders := found.figures.get(Place(CHECKOUT, size, KARVON)):
            yield (
                f"{CHECKOUT}, {size:,} products: at least 150 a second",
                _rate(orders.rate),
                orders.rate >= 150,
            )
        for name, file, most in (
            (LIST, "list", 2),
            (DETAIL, "detail", 2),
            (ADD, "add", 1),
            (CHECKOUT, "checkout", 12),
        ):
            if (count := found.statements.get((file, size))) is None:
                continue
            yield f"{name}, {size:,} products: at most {most} SQL statements", str(count), count <= most


def _peer_aims(found: Found) -> Iterable[tuple[str, str, bool]]:
    size = next(iter(found.products))
    for name, (peer, times) in PEERS.items():
        rate = found.figures[Place(name, size, KARVON, workers=2)].rate
        aim = f"{name}, two processes: {times} × the best peer's {peer} = {peer * times:,} a second"
        yield aim, f"{_rate(rate)} ({rate / peer:.1f} ×)", rate >= peer * times


def peers_table(found: Found) -> str:
    """Two web processes."""
    size = next(iter(found.products))
    rows = []
    for name, (peer, _times) in PEERS.items():
        seen: Seen = found.figures[Place(name, size, KARVON, workers=2)]
        rows.append((name, f"{peer}", _rate(seen.rate), f"{seen.rate / peer:.1f}", _ms(seen.p50), _ms(seen.p95),
                     f"{seen.size:,.0f}"))  # fmt: skip
    head = ("operation", "best peer/s", "Karvon/s", "×", "p50 ms", "p95 ms", "bytes per answer")
    return _table(head, rows)


def doors_table(found: Found) -> str:
    """The first page of products at the other doors beside the canonical one's."""
    rows = []
    for size in found.products:
        ours = found.figures[Place(LIST, size, KARVON)]
        for name in DOOR_LISTS:
            seen = found.figures[Place(name, size, KARVON)]
            work = (seen.web_work + seen.database_work) / max(ours.web_work + ours.database_work, 1e-9)
            rows.append(
                (
                    name,
                    f"{size:,}",
                    _rate(seen.rate),
                    f"{seen.rate / ours.rate:.2f}",
                    f"{work:.1f}",
                    f"{seen.size:,.0f}",
                )
            )
    head = ("door", "products", "answers/s", "× /api/v1/", "CPU × /api/v1/", "bytes")
    return _table(head, rows)


def cold_table(found: Found) -> str:
    """First answers, and the list under constant change."""
    rows = []
    for (what, size, system), value in found.cold.items():
        if system == KARVON:
            others = [_ms(found.cold[what, size, other]) for other in (PLAIN, BARE)]
            rows.append((f"{what}: first answer after a restart, ms", f"{size:,}", _ms(value), *others))
    for size, seen in found.changing.items():
        what = f"{LIST}, while {CHANGES_A_SECOND} products a second change: answers/s"
        rows.append((what, f"{size:,}", _rate(seen.rate), "", ""))
    return _table(("cold", "products", KARVON, PLAIN, BARE), rows) if rows else ""


def memory_line(found: Found) -> str:
    parts = (f"{name} {size / MEGABYTE:.0f} MB" for name, size in found.resident.items())
    return f"Memory of a web process after the run: {', '.join(parts)} (aim for Karvon: at most 150 MB)."


def page(found: Found, wanted: Wanted, machine: Machine, command: str) -> str:
    """The whole of `docs/performance.md`."""
    sizes = ", ".join(f"{real:,}" for real in found.products.values())
    cold = cold_table(found)
    return f"""# Performance

Measured by `{command}` on {machine.day}: {_rounds(wanted)} of {wanted.seconds:g} s per figure; shops of {sizes} products.

{machine.description}

## One web process

{figures_table(found)}

{memory_line(found)}

## Product lists of the other doors

{doors_table(found)}

{"## Cold" + chr(10) + chr(10) + cold + chr(10) if cold else ""}
## Two web processes, beside peers

{peers_table(found)}

## Aims

{aims_table(found)}

After the run the books were clean at every size (`manage.py verify_books`), no stock level was below zero, and every answer had the
status it must have: one wrong answer ends a run without figures.

{HOW_TO_READ}"""


HOW_TO_READ = """\
## How to read this

- **Compare within one run.** In each round every figure is measured once, Karvon and the baselines in turn, on servers that all run
  at the same time (an idle one costs nothing). What disturbs the machine so disturbs all of them, and ratios hold where plain
  figures do not. `wrk`, PostgreSQL, Valkey and the web process share the machine's cores.
- *Answers/s* is with 16 connections that ask again at once, so p50 and p95 there are queueing more than work: with a
  saturated server, latency is connections divided by throughput. Latency of a search is judged with two connections.
- **Karvon** is one `granian` worker as in production (settings, middleware, throttles counted in Valkey with generous limits,
  request ids, security headers). **plain DRF** is `ModelSerializer`s with `select_related` and `prefetch_related` over the same rows,
  `CommonMiddleware` only, no throttles (`bench/baselines/plain_drf.py`). **bare psycopg** is a WSGI function with one prepared
  query that returns the stored bytes, and nothing else (`bench/baselines/bare_psycopg.py`). All three are served with the same options.
- *SQL* is the largest number of statements of one request, counted inside Django on answers that know nothing yet (a list's count
  included); BEGIN, SAVEPOINT, SET LOCAL and COMMIT are left out.
- *CPU ms* is the processor time that one answer (or one whole checkout) cost the web process and, behind the plus, PostgreSQL. It hardly
  changes when other work disturbs the machine.
- *Other doors*: the first page of products as their contracts want it, with as many products and fields as each contract shows; the merchant
  door's is the shop's own list, asked with a token. Only `/api/v1/products/` is answered ahead of Django's handler.
- *Bytes* is what goes over the wire per answer, headers included.
- A **checkout** is one `POST /api/v1/orders/` of a guest's cart with two lines of one shop, three units, delivery, cash: priced anew, stock
  taken, order, fulfilment, two lines, timeline and events written, answered with the whole order. Orders draw on 400 variants.
- A **whole checkout** is three requests: two `POST /api/v1/cart/add/` (the first begins the cart) and the order. The figure counts
  finished ones. The peers' figures come from their own steps and payloads, of
  another number and size, so read those ratios as orders of magnitude.
- *Cold* is the first list, and then the first detail, of a fresh web process on a PostgreSQL that has just started (its own buffers
  empty, the system's file cache not): connecting, planning and counting included.
  *While products change* moves the catalogue's epoch all the time, so that remembered counts are worked out again.
- A plain DRF server that cannot keep up goes on with requests that `wrk` has given up, so what is measured of it next is too low: at
  100,000 products read its details as a lower bound.
- A machine that does something else meanwhile gives other figures; `make bench` writes this page anew. `make bench ARGS=--quick`
  looks for two minutes and writes nothing.
"""


def _rounds(wanted: Wanted) -> str:
    return "one round" if wanted.rounds == 1 else f"medians of {wanted.rounds} rounds"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _ms(value: float) -> str:
    return f"{value:.1f}"


def _table(head: Cells, rows: Sequence[Cells]) -> str:
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]

    def line(cells: Cells) -> str:
        first, *rest = (cell.ljust(width) if at == 0 else cell.rjust(width)
                        for at, (cell, width) in enumerate(zip(cells, widths, strict=True)))  # fmt: skip
        return f"| {' | '.join((first, *rest))} |"

    rule = f"|{'|'.join('-' * (width + 1) + (':' if at else '-') for at, width in enumerate(widths))}|"
    return "\n".join((line(head), rule, *map(line, rows)))
