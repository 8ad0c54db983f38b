"""The platform's day."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings

from karvon.kernel.clock import day_in


def platform_today(now: datetime) -> date:
    """The day that it is where the platform is at home."""
    return day_in(now, settings.KARVON_TIME_ZONE)
