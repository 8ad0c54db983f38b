"""Sales for tests of the ledger and what stands on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from karvon.accounts.models import User
from karvon.catalog.models import Variant
from karvon.inventory.tests.factories import make_variant
from karvon.kernel import clock
from karvon.kernel.testing import drain_outbox
from karvon.ledger.models import Account, AccountKind, BankDetails, CommissionRule, EntryLine, Payout
from karvon.ledger.posting import Leg, Posting, Pot, payable, post
from karvon.ledger.services import BatchInput, make_batch
from karvon.merchants.models import Branch, Merchant
from karvon.merchants.tests.factories import make_merchant
from karvon.orders.models import Order
from karvon.orders.services import confirm_payment
from karvon.orders.tests.factories import make_order

_numbers = count(1)


def make_goods(merchant: Merchant | None = None, *, price: str = "10000", fee: int = 5000) -> Variant:
    """Something to sell, from a merchant that asks this for delivery."""
    variant = make_variant(merchant=merchant or make_merchant(), units=50, price=price)
    Branch.objects.filter(merchant=variant.merchant_id).update(delivery_fee=fee)
    return variant


def make_paid_order(*items: tuple[Variant, int], method: str = "payme", **fields: Any) -> Order:
    """An order that was paid ahead; its news is not carried to the ledger yet."""
    order = make_order(*(items or ((make_goods(), 2),)), payment_method=method, **fields)
    return confirm_payment(order_id=order.pk)


def earn(merchant: Merchant, *, units: int = 2, price: str = "10000") -> Order:
    """A sale that is in the ledger: 90 % of the goods and the delivery fee of 5000 are owed to the merchant."""
    order = make_paid_order((make_goods(merchant, price=price), units))
    drain_outbox()
    return order


def make_rule(percent: str = "10", **fields: Any) -> CommissionRule:
    return CommissionRule.objects.create(percent=Decimal(percent), **fields)


def balances() -> dict[str, int]:
    """By kind of account, those that are not empty; debit is above zero."""
    sums: dict[str, int] = {}
    for account in Account.objects.exclude(balance=0):
        sums[account.kind] = sums.get(account.kind, 0) + int(account.balance)
    return {kind: amount for kind, amount in sums.items() if amount}


def owed_to(merchant: Merchant | int, currency: str = "UZS") -> Decimal:
    """What the platform owes a merchant."""
    pk = merchant if isinstance(merchant, int) else merchant.pk
    found = Account.objects.filter(kind="payable", merchant=pk, currency=currency).first()
    return -found.balance if found else Decimal(0)


def owe(merchant: Merchant, amount: int = 100_000, *, at: datetime | None = None) -> None:
    """A balance in favour of the merchant, as if from sales that were paid ahead."""
    at = at or clock.now() - timedelta(days=2)
    legs = (
        Leg(Pot(AccountKind.CLEARING, merchant.currency, method="payme"), EntryLine.PAYMENT, Decimal(amount)),
        Leg(payable(merchant.pk, merchant.currency), EntryLine.GOODS, -Decimal(amount)),
    )
    with transaction.atomic():
        post(
            Posting(
                key=f"test:{next(_numbers)}",
                kind="sale",
                currency=merchant.currency,
                at=at,
                legs=legs,
                merchant_id=merchant.pk,
            )
        )


def make_bank_details(merchant: Merchant, *, days_ago: int = 30, **fields: Any) -> BankDetails:
    """Trusted ones, unless they were changed a moment ago."""
    fields = {"holder": "Bazaar LLC", "bank": "Milliy", "number": "20208000900123454417"} | fields
    return BankDetails.objects.create(
        merchant=merchant, changed_at=clock.now() - timedelta(days=days_ago), **fields
    )


def make_payouts(*merchants: Merchant, actor: User, amount: int = 100_000) -> list[Payout]:
    """Drafts of one batch, of everything that these merchants are owed."""
    for merchant in merchants:
        if amount:
            owe(merchant, amount)
        if not BankDetails.objects.filter(merchant=merchant).exists():
            make_bank_details(merchant)
    data = BatchInput(
        currency=merchants[0].currency,
        until=clock.now(),
        merchant_ids=tuple(each.pk for each in merchants),
    )
    batch = make_batch(data=data, actor=actor)
    return list(batch.payouts.order_by("pk"))
