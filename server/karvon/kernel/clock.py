"""The time, asked for in one place so that services can be given another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MOMENT = timedelta(microseconds=1)  # the shortest that times here tell apart


def now() -> datetime:
    """The current moment in UTC."""
    return datetime.now(UTC)


def day_in(moment: datetime, timezone: str) -> date:
    """The calendar day of a moment where clocks show this IANA time zone ("Asia/Tashkent")."""
    return moment.astimezone(ZoneInfo(timezone)).date()
