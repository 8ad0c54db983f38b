"""What no event tells: who registered, which carts were made. Swept every few minutes from the rows themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from karvon.analytics.clock import platform_today
from karvon.kernel import clock
from karvon.kernel.db import transactional

# carts that changed since then are looked at again: far longer than two sweeps are apart
LOOK_BACK = timedelta(hours=26)
KEPT = timedelta(days=400)

_SIGHT = """
INSERT INTO analytics_cartsighting (cart_id, made_on, is_gone)
SELECT c.cart_id, (to_timestamp((c.document->>'created')::bigint / 1000.0) AT TIME ZONE %(zone)s)::date, false
FROM carts_cartcheckpoint c
WHERE c.changed_at >= %(since)s AND jsonb_array_length(c.document->'lines') > 0
ON CONFLICT (cart_id) DO NOTHING"""

# consumed without having become an order: merged into another cart
_GONE = """
UPDATE analytics_cartsighting s SET is_gone = c.consumed_version >= c.version
FROM carts_cartcheckpoint c
WHERE c.cart_id = s.cart_id AND c.changed_at >= %(since)s AND s.ordered_on IS NULL
  AND s.is_gone IS DISTINCT FROM (c.consumed_version >= c.version)"""

_ORDERED = """
INSERT INTO analytics_cartsighting (cart_id, made_on, ordered_on, is_gone) VALUES (%(cart)s, %(day)s, %(day)s, false)
ON CONFLICT (cart_id) DO UPDATE SET ordered_on = excluded.ordered_on, is_gone = false
WHERE analytics_cartsighting.ordered_on IS NULL
RETURNING made_on"""

_COUNT = """
INSERT INTO analytics_platformday (day, registered, carts, ordered_carts)
SELECT d.day, (SELECT count(*) FROM accounts_user u WHERE u.created_at >= d.day::timestamp AT TIME ZONE %(zone)s
               AND u.created_at < (d.day + 1)::timestamp AT TIME ZONE %(zone)s),
       s.carts, s.ordered
FROM (SELECT unnest(%(days)s::date[]) AS day) AS d CROSS JOIN LATERAL (
    SELECT count(*) AS carts, count(ordered_on) AS ordered FROM analytics_cartsighting
    WHERE made_on = d.day AND NOT is_gone) AS s
ON CONFLICT (day) DO UPDATE SET registered = excluded.registered, carts = excluded.carts,
    ordered_carts = excluded.ordered_carts
WHERE (analytics_platformday.registered, analytics_platformday.carts, analytics_platformday.ordered_carts)
   IS DISTINCT FROM (excluded.registered, excluded.carts, excluded.ordered_carts)"""

_FORGET = "DELETE FROM analytics_cartsighting WHERE made_on < %(before)s"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('analytics.platform'), 0)"


@transactional
def count_platform_days(*, now: datetime | None = None, days: int = 60) -> None:
    """Look for new carts, and count the last `days` days of the platform anew. Doing it again changes nothing.

    Carts may become orders long after they were made, and accounts may be opened at any minute.
    """
    now = now or clock.now()
    today = platform_today(now)
    names = {"zone": settings.KARVON_TIME_ZONE, "since": now - LOOK_BACK}
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        cursor.execute(_SIGHT, names)
        cursor.execute(_GONE, names)
        cursor.execute(
            _COUNT,
            {
                "zone": settings.KARVON_TIME_ZONE,
                "days": [today - timedelta(days=ago) for ago in range(days)],
            },
        )
        cursor.execute(_FORGET, {"before": today - KEPT})


@transactional
def note_ordered_cart(*, cart_key: str, placed_at: datetime) -> None:
    """A cart became an order. `cart_key` is "<cart id>:<version>"; of several orders of one cart the first counts."""
    cart_id = UUID(cart_key.partition(":")[0])
    day: date = placed_at.astimezone(ZoneInfo(settings.KARVON_TIME_ZONE)).date()
    with connection.cursor() as cursor:
        cursor.execute(_ORDERED, {"cart": cart_id, "day": day})
