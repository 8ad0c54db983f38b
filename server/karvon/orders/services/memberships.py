"""Memberships follow what customers paid and kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings

from karvon.accounts.models import Membership
from karvon.accounts.selectors import list_counted_people
from karvon.accounts.services import record_memberships
from karvon.kernel import clock
from karvon.orders.spending import sum_kept

PERIOD: Final = timedelta(days=365)
BATCH: Final = 500


def recompute_memberships(*, now: datetime | None = None, batch: int = BATCH) -> int:
    """Give everybody the membership that the last twelve months have earned; how many changed.

    A transaction per batch: dying half-way leaves whole batches done, and the next run begins anew. What was set by
    hand stays.
    """
    since = (now or clock.now()) - PERIOD
    changed, last = 0, 0

    def earned(people: Sequence[int]) -> dict[int, Membership]:
        spent = sum_kept(people, since=since, currency=settings.KARVON_DEFAULT_CURRENCY)
        return {person: earned_by(spent[person]) for person in people}

    while people := list_counted_people(after=last, limit=batch):
        changed += record_memberships(people=people, earned=earned)
        last = people[-1]
    return changed


def earned_by(spent: Decimal) -> Membership:
    """The membership for this much, in the shop's currency."""
    for tier, least in settings.KARVON_MEMBERSHIP_FROM.items():
        if spent >= least:
            return Membership(tier)
    return Membership.BRONZE
