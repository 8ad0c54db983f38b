"""Which days a question is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from karvon.kernel.errors import ValidationFailed

MOST_DAYS = 366
FIRST_DAY = date(2000, 1, 1)
TODAY, WEEK, MONTH = "today", "7d", "30d"
ONE_DAY = timedelta(days=1)
LENGTHS = {TODAY: 1, WEEK: 7, MONTH: 30}


@dataclass(frozen=True)
class Period:
    """Whole days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days that came right before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def each_day(self) -> list[date]:
        """Oldest first."""
        return [self.first + timedelta(days=place) for place in range(self.days)]

    def in_months(self) -> tuple[list[Period], list[Period]]:
        """The whole months in it as one stretch of first days, if any, and the days before and after them."""
        first = self.first if self.first.day == 1 else _next_month(self.first)
        after = (
            _next_month(self.last)
            if _next_month(self.last) == self.last + ONE_DAY
            else self.last.replace(day=1)
        )
        if first >= after:
            return [], [self]
        edges = [Period(self.first, first - ONE_DAY), Period(after, self.last)]
        return [Period(first, after - ONE_DAY)], [each for each in edges if each.days > 0]

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def _next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def choose_period(
    *, today: date, name: str | None = None, first: date | None = None, last: date | None = None
) -> Period:
    """The days from `first` to `last`, or those of a named period that ends today; the last thirty unless told.

    One end alone is enough: without `last` it is today, without `first` thirty days end there. Raises ValidationFailed
    for ends the wrong way round, more than 366 days, and days before 2000 or more than a year ahead.
    """
    if first is None and last is None:
        return Period(today - timedelta(days=LENGTHS[name or MONTH] - 1), today)
    last = last or max(today, first or today)
    _check_end("to", last, today)
    first = first or last - timedelta(days=LENGTHS[MONTH] - 1)
    _check_end("from", first, today)
    if first > last:
        raise ValidationFailed(details={"from": [_("The first day comes after the last one.")]})
    if (last - first).days >= MOST_DAYS:
        raise ValidationFailed(
            details={"from": [_("At most %(days)d days can be looked at.") % {"days": MOST_DAYS}]}
        )
    return Period(first, last)


def _check_end(name: str, day: date, today: date) -> None:
    if not FIRST_DAY <= day <= today + timedelta(days=MOST_DAYS):
        raise ValidationFailed(details={name: [_("There are no figures of that day.")]})
