"""Statistics over a year of orders: each answer as a client gets it, beside the same figures added up from the orders.

    make bench ARGS='--statistics'            100,000 orders
    make bench ARGS='--statistics --orders 20000'

Servers of its own, filled by INSERT … SELECT generate_series, thrown away afterwards. Nothing is kept.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from karvon.runtime import console
from karvon.runtime.servers import Postgres, Server, Valkey
from karvon.runtime.state import free_port

MERCHANTS, PRODUCTS, CUSTOMERS = 20, 2_000, 20_000
TIMES = 15
AIM_MS = 50


def measure_statistics(orders: int) -> str:
    """The table. Raises ServerFailed when the servers do not start."""
    with _servers():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        filled = _timed(lambda: _fill(orders))
        counted = _timed(_count)
        rows = [_row(name, ask, plain) for name, ask, plain in _questions()]
        one = _best_of(_count_one)
        compared = _timed(_compare)
        trivial = _best_of(_ask_nothing)
    head = (
        f"{'answer, best of ' + str(TIMES):40} {'Karvon':>9} {'SQL alone':>10} {'statements':>10} {'buffers':>8} "
        f"{'added up from orders':>21} {'ratio':>7}"
    )
    return "\n".join(
        [
            f"{orders:,} orders of {MERCHANTS} merchants in 366 days: written in {filled:.0f} s, all days counted in "
            f"{counted:.0f} s, all figures compared with the orders in {compared:.1f} s",
            f"one order's news counted at its largest merchant: {one * 1000:.1f} ms; SELECT 1: {trivial * 1000:.2f} ms; "
            f"load of the machine: {os.getloadavg()[0]:.1f} (aim: every answer within {AIM_MS} ms)",
            "",
            head,
            *rows,
        ]
    )


@contextmanager
def _servers() -> Iterator[None]:
    folder = Path(tempfile.mkdtemp(prefix="karvon-statistics-"))
    folder.chmod(0o755)
    password = secrets.token_hex(8)
    postgres = Postgres(folder, port=free_port(), password=password, throwaway=True)
    valkey = Valkey(folder, port=free_port(), password=password, throwaway=True)
    started: list[Server] = []
    try:
        for server in (postgres, valkey):
            server.start()
            started.append(server)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "karvon.settings.test",
            "KARVON_TEST_DATABASE_URL": f"postgres://karvon:{password}@127.0.0.1:{postgres.port}/postgres",
            "KARVON_TEST_REDIS_URL": f"redis://:{password}@127.0.0.1:{valkey.port}/0",
        }
        yield
    finally:
        from django.db import connections

        connections.close_all()
        for server in started:
            server.kill()
            server.discard()
        shutil.rmtree(folder, ignore_errors=True)


def _timed(work: Callable[[], Any]) -> float:
    since = time.perf_counter()
    work()
    return time.perf_counter() - since


def _best_of(work: Callable[[], Any]) -> float:
    """Seconds of the quickest: what other work on the machine disturbs least."""
    return min(_timed(work) for _ in range(TIMES))


def _row(name: str, ask: Callable[[], Any], plain: Callable[[], Any]) -> str:
    ask(), plain()  # what is read once is warm
    ours, theirs = _best_of(ask) * 1000, _best_of(plain) * 1000
    statements, buffers, inside = _explain(ask)
    console.say(f"{name}: {ours:.1f} ms")
    return f"{name:40} {ours:6.1f} ms {inside:7.1f} ms {statements:10} {buffers:8,} {theirs:18.1f} ms {theirs / ours:6.1f}×"


def _explain(ask: Callable[[], Any]) -> tuple[int, int, float]:
    """How many SELECTs an answer asks, how many pages of 8 kB they touch, and milliseconds inside PostgreSQL."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        ask()
    reads = [each["sql"] for each in queries if each["sql"].lstrip().startswith(("SELECT", "WITH", "("))]
    pages, inside = 0, 0.0
    with connection.cursor() as cursor:
        for statement in reads:
            runs = [_plan(cursor, statement) for _ in range(3)]
            pages += runs[0]["Plan"]["Shared Hit Blocks"] + runs[0]["Plan"]["Shared Read Blocks"]
            time_of = min(each["Execution Time"] + each["Planning Time"] for each in runs)
            inside += time_of
            if os.environ.get("KARVON_BENCH_PLANS"):
                console.say(f"{time_of:.1f} ms: {statement}\n{runs[0]}")
    return len(reads), pages, inside


def _plan(cursor: Any, statement: str) -> Any:
    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
    return cursor.fetchone()[0][0]


def _ask_nothing() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


# merchant 1 sells every fourth order; three in a hundred are of two merchants
_FILL = (
    """INSERT INTO accounts_user (id, password, is_superuser, username, email, first_name, last_name, role, language, is_active,
        is_email_verified, is_phone_verified, token_version, created_at, updated_at)
    SELECT n, '', false, 'u' || n, 'u' || n || '@example.com', 'Aziza ' || n, '',
        CASE WHEN n = 1 THEN 'staff' WHEN n <= %(merchants)s + 1 THEN 'merchant' ELSE 'customer' END, 'en', true, true,
        false, 0, now() - random() * interval '365 days', now()
    FROM generate_series(1, %(customers)s) n""",
    """INSERT INTO merchants_merchant (id, owner_id, username, name, description, kind, state, email, phone, currency,
        default_language, timezone, tax_rate, created_at, updated_at{more})
    SELECT n, n + 1, 'shop' || n, 'Shop ' || n, '', 'shop', 'active', '', '', 'UZS', 'uz', 'Asia/Tashkent', 0, now(), now(){values}
    FROM generate_series(1, %(merchants)s) n""",
    """INSERT INTO merchants_branch (id, merchant_id, name, name_en, address, city, phone, is_active, is_default,
        offers_delivery, offers_pickup, delivery_fee, minimum_order, created_at)
    SELECT n, n, 'Main', 'Main', '', '', '', true, true, true, true, 0, 0, now() FROM generate_series(1, %(merchants)s) n""",
    """INSERT INTO catalog_product (id, merchant_id, kind, title, title_en, slug, handle, description, vendor, currency, state,
        sold_count, rating_sum, reviews_count, created_at, updated_at)
    SELECT n, 1 + n %% %(merchants)s, 'physical', 'Thing ' || n, 'Thing ' || n, 'thing-' || n, 'thing-' || n, '', '', 'UZS',
        'published', 0, 0, 0, now(), now() FROM generate_series(1, %(products)s) n""",
    """INSERT INTO orders_order (id, number, token, customer_id, contact_name, contact_phone, contact_email, state,
        payment_method, payment_state, delivery_type, delivery_address, note, channel, language, currency, subtotal, discount,
        delivery_fee, tax, total, coupon, cart_key, placed_at, updated_at)
    SELECT n, 'N' || n, 'token-' || n,
        CASE WHEN n %% 10 < 7 THEN %(merchants)s + 2 + (n * 7919::bigint) %% (%(customers)s - %(merchants)s - 2) END,
        'Aziza ' || n %% 5000, '+99890' || lpad((n %% 30000)::text, 7, '0'), '',
        (ARRAY['delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'confirmed', 'cancelled',
               'returned', 'shipped'])[1 + n %% 10],
        'cash', 'paid', 'delivery', '{}', '', 'v1', 'en', 'UZS', 40000, 0, 0, 0, 40000, '',
        gen_random_uuid()::text || ':1', now() - (n * 365.0 / %(orders)s) * interval '1 day', now()
    FROM generate_series(1, %(orders)s) n""",
    """INSERT INTO orders_fulfilment (id, order_id, merchant_id, branch_id, number, business_date, flow, state, subtotal,
        discount, delivery_fee, tax, total, paid_amount, placed_at, updated_at)
    SELECT o.id * 2 + part.n, o.id, seller.id, seller.id, o.id || '-' || part.n, (o.placed_at AT TIME ZONE 'Asia/Tashkent')::date,
        'retail', o.state, share.amount, 0, 0, 0, share.amount,
        CASE WHEN o.state IN ('delivered', 'returned') THEN share.amount ELSE 0 END, o.placed_at, now()
    FROM orders_order o CROSS JOIN LATERAL generate_series(0, CASE WHEN o.id %% 33 = 0 THEN 1 ELSE 0 END) AS part(n)
    CROSS JOIN LATERAL (SELECT CASE WHEN part.n = 0 AND o.id %% 4 = 0 THEN 1
                                    ELSE 2 + (o.id + part.n) %% (%(merchants)s - 1) END AS id) AS seller
    CROSS JOIN LATERAL (SELECT CASE WHEN o.id %% 33 = 0 THEN 20000 ELSE 40000 END AS amount) AS share""",
    """INSERT INTO orders_orderline (order_id, fulfilment_id, product_id, title, sku, options, modifiers, image, position,
        quantity, cancelled_quantity, unit_price, subtotal, discount, tax, total, tracks_stock)
    SELECT f.order_id, f.id, 1 + (f.merchant_id - 2 + %(merchants)s + %(merchants)s * ((f.id * 31 + line.n * 17) %% %(most)s)) %% %(products)s,
        'Thing', 'SKU', '{}', '[]', '', line.n, 2, 0, f.subtotal / 4, f.subtotal / 2, 0, 0, f.subtotal / 2, false
    FROM orders_fulfilment f CROSS JOIN generate_series(0, 1) AS line(n)""",
    "ANALYZE",
)


def _fill(orders: int) -> None:
    from django.db import connection

    from karvon.merchants.models import Merchant

    names = {
        "merchants": MERCHANTS,
        "products": PRODUCTS,
        "customers": CUSTOMERS,
        "orders": orders,
        "most": PRODUCTS // MERCHANTS,
    }
    # columns that the merchants' room has by now beside those named above
    named = _FILL[1].partition("(")[2].partition("{more}")[0].replace("\n", " ")
    known = {each.strip() for each in named.split(",")}
    rest = [
        field
        for field in Merchant._meta.concrete_fields
        if field.column not in known and not field.null and not field.primary_key
    ]
    with connection.cursor() as cursor:
        for statement in _FILL:
            filled = statement.replace("{more}", "".join(f", {field.column}" for field in rest))
            filled = filled.replace("{values}", "".join(f", {_literal(field)}" for field in rest))
            cursor.execute(filled, names)


def _literal(field: Any) -> str:
    value = field.get_default()
    return str(value) if isinstance(value, bool | int) else f"'{value or ''}'"


def _count() -> None:
    from django.db import connection

    from karvon.analytics.services import rebuild_all

    rebuild_all()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _compare() -> None:
    from karvon.analytics.services.verifying import check_statistics

    if wrong := check_statistics(5):
        raise RuntimeError(f"the figures are wrong: {wrong}")


def _count_one() -> None:
    from karvon.analytics.services import count_order

    count_order(order_id=4)


def _questions() -> list[tuple[str, Callable[[], Any], Callable[[], Any]]]:
    from django.test import Client
    from django.utils import timezone

    from karvon.accounts.models import User
    from karvon.accounts.services import issue_tokens

    operator, owner = User.objects.get(pk=1), User.objects.get(pk=2)
    today = timezone.now().date()
    year = f"from={today.replace(year=today.year - 1)}&to={today}"

    def asking(who: User, address: str) -> Callable[[], Any]:
        client = Client(headers={"Authorization": f"Bearer {issue_tokens(user=who).access}"})

        def ask() -> None:
            answer = client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(f"{address}: {answer.status_code} {answer.content[:300]!r}")

        return ask

    return [
        ("operators' statistics, 30 days", asking(operator, "/api/admin/statistics"), _plain_platform(30)),
        (
            "operators' statistics, a year",
            asking(operator, f"/api/admin/statistics?{year}"),
            _plain_platform(366),
        ),
        (
            "largest merchant's statistics, 30 days",
            asking(owner, "/api/merchant/statistics"),
            _plain_merchant(30),
        ),
        (
            "largest merchant's statistics, a year",
            asking(owner, f"/api/merchant/statistics?{year}"),
            _plain_merchant(366),
        ),
        (
            "its customers, by spending",
            asking(owner, "/api/merchant/customers?ordering=-spent"),
            _plain_customers(),
        ),
        (
            "its customers, searched by name",
            asking(owner, "/api/merchant/customers?search=Aziza 77"),
            _plain_customers("Aziza 77"),
        ),
    ]


def _plain_platform(days: int) -> Callable[[], Any]:
    """What a shop without rolled-up days asks: sums by day, by state, by merchant and by product."""
    from django.db.models import Count, Sum
    from django.db.models.functions import TruncDate

    from karvon.orders.models import Fulfilment, Order, OrderLine

    def ask() -> None:
        since = _days_ago(2 * days)
        parts = Fulfilment.objects.filter(placed_at__gte=since).order_by()
        list(
            parts.annotate(on=TruncDate("placed_at"))
            .values("on")
            .annotate(Count("pk"), Sum("total"), Sum("paid_amount"))
        )
        recent = _days_ago(days)
        list(Order.objects.filter(placed_at__gte=recent).order_by().values("state").annotate(Count("pk")))
        list(
            parts.filter(placed_at__gte=recent)
            .values("merchant__name")
            .annotate(kept=Sum("paid_amount"))
            .order_by("-kept")[:10]
        )
        lines = OrderLine.objects.filter(fulfilment__placed_at__gte=recent)
        list(
            lines.order_by()
            .values("product__title")
            .annotate(sold=Sum("total"), units=Sum("quantity"))
            .order_by("-sold")[:10]
        )

    return ask


def _plain_merchant(days: int) -> Callable[[], Any]:
    from django.db.models import Count, Sum
    from django.db.models.functions import TruncDate

    from karvon.orders.models import Fulfilment, OrderLine

    def ask() -> None:
        parts = Fulfilment.objects.filter(merchant=1).order_by()
        list(
            parts.filter(placed_at__gte=_days_ago(2 * days))
            .annotate(on=TruncDate("placed_at"))
            .values("on")
            .annotate(Count("pk"), Sum("total"), Sum("paid_amount"))
        )
        recent = _days_ago(days)
        list(parts.filter(placed_at__gte=recent).values("state").annotate(Count("pk")))
        parts.aggregate(Count("order__customer", distinct=True))
        lines = OrderLine.objects.filter(fulfilment__merchant=1, fulfilment__placed_at__gte=recent)
        list(
            lines.order_by()
            .values("product__title")
            .annotate(sold=Sum("total"), units=Sum("quantity"))
            .order_by("-sold")[:10]
        )

    return ask


def _plain_customers(search: str = "") -> Callable[[], Any]:
    from django.db.models import Count, Max, Sum

    from karvon.orders.models import Fulfilment

    def ask() -> None:
        parts = Fulfilment.objects.filter(merchant=1, order__contact_name__icontains=search).order_by()
        people = parts.values("order__customer", "order__contact_phone").annotate(
            spent=Sum("paid_amount"), orders=Count("pk"), last=Max("placed_at")
        )
        people.count()
        list(people.order_by("-spent")[:20])

    return ask


def _days_ago(days: int) -> Any:
    from datetime import timedelta

    from django.utils import timezone

    return timezone.now() - timedelta(days=days)
