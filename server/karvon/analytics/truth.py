"""What the figures are, said once: statements over the order book, from which rows are counted, checked and made anew.

Each rollup has a SELECT whose columns are its key followed by its figures. `%(…)s` parameters bound what is looked at:
`merchants` (a list), `first` and `last` day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from karvon.kernel.money import EXPONENTS
from karvon.orders.states import CALLED_OFF, UNDONE


def _quoted(words: Any) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


def _exponent(currency: str) -> str:
    """How many places a currency has, as SQL."""
    by_places: dict[int, list[str]] = {}
    for code, places in EXPONENTS.items():
        by_places.setdefault(places, []).append(code)
    cases = " ".join(
        f"WHEN {currency} IN ({_quoted(codes)}) THEN {places}" for places, codes in sorted(by_places.items())
    )
    return f"CASE {cases} ELSE 2 END"


# as `orders.dues` has it: a line is owed for the units that were not called off, by the one rounding rule
_LINE_OWED = (
    f"round(l.total * (l.quantity - l.cancelled_quantity) / l.quantity, {_exponent('part.currency')})"
)
_UNDONE = f"({_quoted(UNDONE)})"
_CALLED_OFF = f"({_quoted(CALLED_OFF)})"

# the parts of a merchant's days, with what is owed for each
_PARTS = f"""
part AS (
    SELECT f.id, f.order_id, f.merchant_id, f.business_date AS day, o.currency, f.state, o.state AS order_state,
           f.subtotal, f.discount, f.delivery_fee, f.total, f.paid_amount, f.state IN {_UNDONE} AS is_undone,
           NOT EXISTS (SELECT 1 FROM orders_fulfilment e WHERE e.order_id = f.order_id AND e.id < f.id) AS leads,
           NOT EXISTS (SELECT 1 FROM orders_fulfilment e WHERE e.order_id = f.order_id AND e.id < f.id
                       AND e.merchant_id = f.merchant_id) AS leads_here
    FROM orders_fulfilment f JOIN orders_order o ON o.id = f.order_id
    WHERE f.merchant_id = ANY(%(merchants)s) AND f.business_date BETWEEN %(first)s AND %(last)s
)"""

_SALES = f"""
WITH {_PARTS}, line AS (
    SELECT l.fulfilment_id, sum(l.quantity - l.cancelled_quantity) AS units, sum({_LINE_OWED}) AS owed
    FROM part JOIN orders_orderline l ON l.fulfilment_id = part.id
    WHERE NOT part.is_undone
    GROUP BY l.fulfilment_id
), owed AS (
    SELECT part.*, coalesce(line.units, 0) AS units,
           CASE WHEN part.is_undone THEN 0 ELSE coalesce(line.owed, 0) + part.delivery_fee END AS owed
    FROM part LEFT JOIN line ON line.fulfilment_id = part.id
)
SELECT merchant_id, day, currency, state, count(*) FILTER (WHERE leads_here) AS orders, count(*) AS parts,
       sum(units) AS units, sum(subtotal) AS goods, sum(discount) AS discounts, sum(delivery_fee) AS delivery,
       sum(total - owed) AS called_off, sum(paid_amount) AS paid,
       sum(greatest(paid_amount - owed, 0)) AS refunds, sum(least(paid_amount, owed)) AS revenue,
       sum(greatest(owed - paid_amount, 0)) AS awaited
FROM owed GROUP BY merchant_id, day, currency, state"""

_ORDERS = f"""
WITH {_PARTS}
SELECT merchant_id, day, currency, order_state AS state, count(*) AS orders
FROM part WHERE leads GROUP BY merchant_id, day, currency, order_state"""

_PRODUCTS = f"""
WITH {_PARTS}
SELECT part.merchant_id, l.product_id, part.day, part.currency, sum(l.quantity - l.cancelled_quantity) AS units,
       sum({_LINE_OWED}) AS sales
FROM part JOIN orders_orderline l ON l.fulfilment_id = part.id
WHERE NOT part.is_undone AND l.product_id IS NOT NULL
GROUP BY part.merchant_id, l.product_id, part.day, part.currency
HAVING sum(l.quantity - l.cancelled_quantity) > 0"""

# the days of the months that the first and the last day are in
_WHOLE_MONTHS = """
d.day >= date_trunc('month', %(first)s::date) AND d.day < date_trunc('month', %(last)s::date) + interval '1 month'"""

# from the days, which the order book was counted into right before
_MONTHS = f"""
SELECT d.merchant_id, d.product_id, date_trunc('month', d.day)::date AS day, d.currency, sum(d.units) AS units,
       sum(d.sales) AS sales
FROM analytics_productday d WHERE d.merchant_id = ANY(%(merchants)s) AND {_WHOLE_MONTHS}
GROUP BY d.merchant_id, d.product_id, date_trunc('month', d.day)::date, d.currency"""

_SALES_MONTHS = f"""
SELECT d.merchant_id, date_trunc('month', d.day)::date AS day, d.currency, sum(d.orders) AS orders, sum(d.revenue) AS revenue
FROM analytics_salesday d WHERE d.merchant_id = ANY(%(merchants)s) AND {_WHOLE_MONTHS}
GROUP BY d.merchant_id, date_trunc('month', d.day)::date, d.currency"""

_FIGURES = (
    "orders", "parts", "units", "goods", "discounts", "delivery", "called_off", "paid", "refunds", "revenue", "awaited",
)  # fmt: skip

# from the days of all merchants
_PLATFORM_SALES = f"""
SELECT d.day, d.currency, {", ".join(f"sum(d.{name}) AS {name}" for name in _FIGURES)}
FROM analytics_salesday d WHERE d.day BETWEEN %(first)s AND %(last)s GROUP BY d.day, d.currency"""

_PLATFORM_ORDERS = """
SELECT d.day, d.currency, d.state, sum(d.orders) AS orders
FROM analytics_orderday d WHERE d.day BETWEEN %(first)s AND %(last)s GROUP BY d.day, d.currency, d.state"""

# one person's when %(customer)s or %(phone)s is given, one order's when %(order)s is, else everybody's
PERSON = """
CASE WHEN o.customer_id IS NOT NULL THEN 'user:' || o.customer_id
     WHEN o.contact_phone <> '' THEN 'phone:' || encode(sha256(convert_to(o.contact_phone, 'UTF8')), 'hex')
     ELSE 'order:' || o.id END"""

# an order's merchants, its days there, and who the customer is
PLACES = f"""
SELECT f.merchant_id, min(f.business_date), max(f.business_date), {PERSON}, o.customer_id, o.contact_phone
FROM orders_fulfilment f JOIN orders_order o ON o.id = f.order_id
WHERE f.order_id = %(order)s
GROUP BY f.merchant_id, o.id ORDER BY f.merchant_id"""

_CUSTOMERS = f"""
WITH part AS (
    SELECT f.id, f.order_id, f.merchant_id, o.currency, o.customer_id, o.placed_at, f.delivery_fee, f.paid_amount,
           {PERSON} AS person, f.state IN {_UNDONE} AS is_undone, f.state IN {_CALLED_OFF} AS is_called_off
    FROM orders_fulfilment f JOIN orders_order o ON o.id = f.order_id
    WHERE f.merchant_id = ANY(%(merchants)s) AND {{whose}}
), line AS (
    SELECT l.fulfilment_id, sum({_LINE_OWED}) AS owed
    FROM part JOIN orders_orderline l ON l.fulfilment_id = part.id
    WHERE NOT part.is_undone
    GROUP BY l.fulfilment_id
)
SELECT merchant_id, currency, person, max(customer_id) AS customer_id,
       count(DISTINCT order_id) FILTER (WHERE NOT is_called_off) AS orders,
       sum(CASE WHEN is_undone THEN 0 ELSE least(paid_amount, coalesce(line.owed, 0) + delivery_fee) END) AS spent,
       min(placed_at) AS first_ordered_at, max(placed_at) AS last_ordered_at,
       (array_agg(order_id ORDER BY placed_at DESC, order_id DESC))[1] AS last_order_id
FROM part LEFT JOIN line ON line.fulfilment_id = part.id
GROUP BY merchant_id, currency, person"""


@dataclass(frozen=True)
class Rollup:
    """A table whose rows within `bounds` are exactly what `truth` selects."""

    table: str
    key: tuple[str, ...]
    figures: tuple[str, ...]
    truth: str
    bounds: str  # which rows of the table the parameters mean

    @property
    def is_of_merchants(self) -> bool:
        """Whether rows begin with a merchant's number."""
        return self.key[0] == "merchant_id"

    @property
    def columns(self) -> str:
        return ", ".join(self.key + self.figures)

    def counting(self) -> str:
        """Bring the rows within the bounds up to date, writing only those that are not."""
        same_key = " AND ".join(f"t.{name} = truth.{name}" for name in self.key)
        fresh = ", ".join(f"{name} = excluded.{name}" for name in self.figures)
        old = ", ".join(f"{self.table}.{name}" for name in self.figures)
        new = ", ".join(f"excluded.{name}" for name in self.figures)
        return f"""
            WITH truth AS ({self.truth}), gone AS (
                DELETE FROM {self.table} t WHERE {self.bounds}
                AND NOT EXISTS (SELECT 1 FROM truth WHERE {same_key})
            )
            INSERT INTO {self.table} ({self.columns}) SELECT {self.columns} FROM truth
            ON CONFLICT ({", ".join(self.conflict_key)}) DO UPDATE SET {fresh}
            WHERE ({old}) IS DISTINCT FROM ({new})"""

    @property
    def conflict_key(self) -> tuple[str, ...]:
        """The columns of the unique key; a product has one merchant."""
        return tuple(name for name in self.key if name != "merchant_id" or "product_id" not in self.key)

    def drift(self) -> str:
        """Rows that are not what they should be: "stored" and "counted" ones, by key."""
        return f"""
            WITH truth AS ({self.truth}), stored AS (SELECT {self.columns} FROM {self.table} t WHERE {self.bounds}),
            counted AS (SELECT {self.columns} FROM truth)
            (SELECT 'stored' AS side, * FROM (SELECT * FROM stored EXCEPT SELECT * FROM counted) AS a)
            UNION ALL
            (SELECT 'counted' AS side, * FROM (SELECT * FROM counted EXCEPT SELECT * FROM stored) AS b)
            ORDER BY {", ".join(str(place + 2) for place in range(len(self.key)))}, side"""


_DAYS = "t.merchant_id = ANY(%(merchants)s) AND t.day BETWEEN %(first)s AND %(last)s"

SALES = Rollup(
    "analytics_salesday",
    ("merchant_id", "day", "currency", "state"),
    _FIGURES,
    _SALES,
    _DAYS,
)
ORDERS = Rollup(
    "analytics_orderday", ("merchant_id", "day", "currency", "state"), ("orders",), _ORDERS, _DAYS
)
PRODUCTS = Rollup(
    "analytics_productday",
    ("merchant_id", "product_id", "day", "currency"),
    ("units", "sales"),
    _PRODUCTS,
    _DAYS,
)
MONTHS = Rollup(
    "analytics_productmonth",
    ("merchant_id", "product_id", "day", "currency"),
    ("units", "sales"),
    _MONTHS,
    f"t.merchant_id = ANY(%(merchants)s) AND {_WHOLE_MONTHS.replace('d.day', 't.day')}",
)
SALES_MONTHS = Rollup(
    "analytics_salesmonth",
    ("merchant_id", "day", "currency"),
    ("orders", "revenue"),
    _SALES_MONTHS,
    f"t.merchant_id = ANY(%(merchants)s) AND {_WHOLE_MONTHS.replace('d.day', 't.day')}",
)
# of merchants; months follow days
DAILY = (SALES, ORDERS, PRODUCTS, MONTHS, SALES_MONTHS)

# of all merchants together, from the days of each
PLATFORM = (
    Rollup(
        "analytics_platformsalesday",
        ("day", "currency"),
        _FIGURES,
        _PLATFORM_SALES,
        "t.day BETWEEN %(first)s AND %(last)s",
    ),
    Rollup(
        "analytics_platformorderday",
        ("day", "currency", "state"),
        ("orders",),
        _PLATFORM_ORDERS,
        "t.day BETWEEN %(first)s AND %(last)s",
    ),
)

_CUSTOMER_KEY = ("merchant_id", "currency", "person")
_CUSTOMER_FIGURES = ("customer_id", "orders", "spent", "first_ordered_at", "last_ordered_at", "last_order_id")


def customers(whose: str, bounds: str) -> Rollup:
    """The customers that `whose` (over orders `o`) and `bounds` (over the table `t`) mean."""
    return Rollup(
        "analytics_customersales", _CUSTOMER_KEY, _CUSTOMER_FIGURES, _CUSTOMERS.format(whose=whose), bounds
    )


ALL_CUSTOMERS = customers("true", "t.merchant_id = ANY(%(merchants)s)")
ONE_CUSTOMER = customers(
    "o.customer_id = %(customer)s", "t.merchant_id = ANY(%(merchants)s) AND t.person = %(person)s"
)
ONE_GUEST = customers(
    "o.customer_id IS NULL AND o.contact_phone = %(phone)s",
    "t.merchant_id = ANY(%(merchants)s) AND t.person = %(person)s",
)
ONE_ORDER = customers("o.id = %(order)s", "t.merchant_id = ANY(%(merchants)s) AND t.person = %(person)s")
