"""Which commission applies to what is sold: registered with the order book, which freezes it on the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from karvon.orders.commissions import Selling, Terms


@dataclass(frozen=True, slots=True)
class _Rule:
    merchant_id: int | None
    category_id: int | None
    terms: Terms

    def rank(self, selling: Selling) -> tuple[bool, int] | None:
        """How closely it fits: the merchant's before others', then the nearest category. None where it does not."""
        if self.merchant_id not in (None, selling.merchant_id):
            return None
        if self.category_id is None:
            return self.merchant_id is not None, -1
        if self.category_id not in selling.category_path:
            return None
        return self.merchant_id is not None, selling.category_path.index(self.category_id)


def find_terms(sellings: Sequence[Selling], currency: str, now: datetime) -> list[Terms]:
    """The terms of each, in their order, by one query: merchant and category, merchant, category (the nearest wins over those
    above it), a rule for all, and the platform's default. Of equals the one that began last wins.
    """
    rules = _load(sellings, currency, now)
    default = Terms(percent=settings.KARVON_COMMISSION_PERCENT)
    found = []
    for selling in sellings:
        fitting = [(rank, rule.terms) for rule in rules if (rank := rule.rank(selling)) is not None]
        # `rules` begin with the oldest: of equals `max` would take the first
        found.append(max(reversed(fitting), key=lambda each: each[0])[1] if fitting else default)
    return found


_RULES = """
    SELECT merchant_id, category_id, percent, fixed FROM ledger_commissionrule
    WHERE (merchant_id IS NULL OR merchant_id = ANY(%s)) AND (category_id IS NULL OR category_id = ANY(%s))
    AND starts_at <= %s AND (ends_at IS NULL OR ends_at > %s) AND (fixed = 0 OR currency = %s)
    ORDER BY starts_at, id
"""


def _load(sellings: Sequence[Selling], currency: str, now: datetime) -> list[_Rule]:
    merchants = sorted({selling.merchant_id for selling in sellings})
    categories = sorted({pk for selling in sellings for pk in selling.category_path})
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [merchants, categories, now, now, currency])
        rows = cursor.fetchall()
    return [_Rule(merchant, category, Terms(percent, fixed)) for merchant, category, percent, fixed in rows]
