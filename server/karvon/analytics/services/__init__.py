"""Every write of this room."""

from karvon.analytics.services.counting import count_order
from karvon.analytics.services.rebuilding import (
    EARLIEST,
    LATEST,
    Drift,
    Stretch,
    find_all_drift,
    find_drift,
    find_platform_drift,
    list_stretches,
    rebuild_all,
    rebuild_platform,
    rebuild_stretch,
)
from karvon.analytics.services.reminding import remind_of_carts
from karvon.analytics.services.reporting import send_daily_reports, send_low_stock_digests
from karvon.analytics.services.watching import count_platform_days, note_ordered_cart

__all__ = [
    "EARLIEST",
    "LATEST",
    "Drift",
    "Stretch",
    "count_order",
    "count_platform_days",
    "find_all_drift",
    "find_drift",
    "find_platform_drift",
    "list_stretches",
    "note_ordered_cart",
    "rebuild_all",
    "rebuild_platform",
    "rebuild_stretch",
    "remind_of_carts",
    "send_daily_reports",
    "send_low_stock_digests",
]
