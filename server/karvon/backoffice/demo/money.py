"""What the platform takes of the town's sales, and what it has paid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from karvon.accounts.models import User
from karvon.ledger.errors import NothingToPayOut
from karvon.ledger.models import BankDetails, CommissionRule
from karvon.ledger.services import BatchInput, approve_batch, make_batch, mark_payout_paid
from karvon.merchants.models import Merchant
from karvon.payments.services import save_account


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


def open_account() -> None:
    """Where customers of the town send what they pay by bank transfer."""
    values = {
        "HOLDER": "Karvon MChJ",
        "BANK": "Ipak Yo‘li",
        "CODE": "00444",
        "NUMBER": "20208000900123456001",
    }
    save_account(provider="bank_transfer", values=values, actor=None)


def write_payouts(merchants: Sequence[Merchant], *, staff: User, admin: User, now: datetime) -> None:
    """One batch that was paid a month ago, one that was approved, and a draft that waits for the second person."""
    BankDetails.objects.bulk_create(
        BankDetails(
            merchant=merchant, holder=f"{merchant.name} MChJ", bank="Ipak Yo‘li", code="00444",
            number=f"2020800090012345{4417 + position}", changed_at=now - timedelta(days=80),
        )
        for position, merchant in enumerate(merchants)
    )  # fmt: skip
    for days, is_approved, is_paid in ((35, True, True), (12, True, False), (1, False, False)):
        moment = now - timedelta(days=days)
        data = BatchInput(
            currency=merchants[0].currency, until=moment - timedelta(days=1), minimum=Decimal(10_000)
        )
        try:
            batch = make_batch(data=data, actor=staff, now=moment)
        except NothingToPayOut:
            continue  # a small town has days on which nobody is owed enough
        if is_approved:
            approve_batch(batch_id=batch.pk, actor=admin, now=moment + timedelta(hours=2))
        for payout in batch.payouts.all() if is_paid else ():
            mark_payout_paid(
                payout_id=payout.pk, actor=staff, reference=f"PP-{payout.pk}", now=moment + timedelta(days=1)
            )
