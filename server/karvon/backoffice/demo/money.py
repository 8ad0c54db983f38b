"""What the platform takes of the town's sales, and what it has paid out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from karvon.ledger.models import CommissionRule
from karvon.merchants.models import Merchant


def write_rules(kitchen: Merchant, gadgets: Merchant, categories: Mapping[str, int]) -> None:
    """A merchant's own terms, a category's, and those of one merchant in one category."""
    phones = categories["headphones"]
    CommissionRule.objects.bulk_create(
        [
            CommissionRule(merchant=kitchen, percent=Decimal(15), note="brought by the platform's couriers"),
            CommissionRule(category_id=categories["electronics"], percent=Decimal(7)),
            CommissionRule(merchant=gadgets, category_id=phones, percent=Decimal(4), fixed=Decimal(1_000)),
        ]
    )
