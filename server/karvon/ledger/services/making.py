"""Payout batches: what merchants have earned is set aside for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import PermissionRefused, ValidationFailed
from karvon.kernel.events import publish
from karvon.ledger.errors import NothingToPayOut
from karvon.ledger.events import PayoutChanged
from karvon.ledger.models import (
    Account,
    AccountKind,
    BankDetails,
    EntryLine,
    Payout,
    PayoutBatch,
    PayoutState,
    TransactionKind,
)
from karvon.ledger.posting import ZERO, Leg, Posting, Pot, lock_accounts, payable, post_many
from karvon.merchants.models import MerchantState

if TYPE_CHECKING:
    from karvon.accounts.models import User

# earned after the end of the period; what came back from the bank was earned before
_LATER = """
    SELECT account_id, sum(earned) FROM (
        SELECT entry.account_id, greatest(-sum(entry.amount), 0) AS earned FROM ledger_entry AS entry
        JOIN ledger_transaction AS posted ON posted.id = entry.transaction_id AND posted.kind <> 'payout_returned'
        WHERE entry.account_id = ANY(%s) AND entry.at >= %s GROUP BY entry.account_id, entry.transaction_id
    ) AS moved GROUP BY account_id
"""


@dataclass(frozen=True, slots=True)
class BatchInput:
    """Whom to pay: everybody (or these merchants) that earned `minimum` or more before `until`, in one currency."""

    currency: str
    until: datetime
    minimum: Decimal = ZERO
    merchant_ids: tuple[int, ...] = ()
    note: str = ""


@transactional
def make_batch(*, data: BatchInput, actor: User, now: datetime | None = None) -> PayoutBatch:
    """A draft payout for each merchant with enough on its balance and with bank details; the amounts are set aside at once,
    so that nothing is paid twice. Suspended merchants wait.

    Raises PermissionRefused, ValidationFailed, NothingToPayOut (409).
    """
    now = now or clock.now()
    if not actor.is_operator:
        raise PermissionRefused
    _check(data, now)
    details = _details_of_candidates(data)
    pots = {payable(merchant_id, data.currency) for merchant_id in details}
    # all that this transaction touches by one statement, in key order: batches at once wait instead of deadlocking
    accounts = lock_accounts({*pots, Pot(AccountKind.PAYOUTS_DUE, data.currency)} if pots else ())
    amounts = _amounts([accounts[pot] for pot in pots], data)
    if not amounts:
        raise NothingToPayOut
    batch = PayoutBatch.objects.create(
        currency=data.currency, until=data.until, minimum=data.minimum, note=data.note, made_by=actor, made_at=now
    )  # fmt: skip
    payouts = Payout.objects.bulk_create(
        [
            _payout(batch, details[merchant_id], amount, actor=actor, now=now)
            for merchant_id, amount in sorted(amounts.items())
        ]
    )
    post_many([moving(payout, TransactionKind.PAYOUT, at=now) for payout in payouts])
    publish(*[PayoutChanged(payout.pk, payout.merchant_id, "", payout.state) for payout in payouts])
    return batch


def moving(payout: Payout, kind: str, *, at: datetime) -> Posting:
    """The transaction of a payout's step: set aside when it is made, then gone to the bank, or given back."""
    aside = Pot(AccountKind.PAYOUTS_DUE, payout.currency)
    owed = payable(payout.merchant_id, payout.currency)
    bank = Pot(AccountKind.BANK, payout.currency)
    debit, credit = {
        TransactionKind.PAYOUT: (owed, aside),
        TransactionKind.PAYOUT_PAID: (aside, bank),
        TransactionKind.PAYOUT_RETURNED: (aside, owed),
    }[TransactionKind(kind)]
    return Posting(
        key=f"payout:{payout.pk}:{kind}",
        kind=kind,
        currency=payout.currency,
        at=at,
        legs=(Leg(debit, EntryLine.PAYOUT, payout.amount), Leg(credit, EntryLine.PAYOUT, -payout.amount)),
        merchant_id=payout.merchant_id,
        payout_id=payout.pk,
    )


def _check(data: BatchInput, now: datetime) -> None:
    details: dict[str, list[str]] = {}
    if data.until > now:
        details["until"] = [_("The period must be over.")]
    if data.minimum < 0:
        details["minimum"] = [_("Must not be negative.")]
    if details:
        raise ValidationFailed(details=details)


def _details_of_candidates(data: BatchInput) -> Mapping[int, BankDetails]:
    """By merchant, of those that may have something; what they have is looked at under the lock."""
    owed = Account.objects.filter(kind=AccountKind.PAYABLE, currency=data.currency, balance__lt=0)
    details = BankDetails.objects.filter(merchant__in=owed.values("merchant")).exclude(
        merchant__state=MerchantState.SUSPENDED
    )
    if data.merchant_ids:
        details = details.filter(merchant__in=data.merchant_ids)
    return {each.merchant_id: each for each in details}


def _amounts(accounts: Sequence[Account], data: BatchInput) -> dict[int, Decimal]:
    """By merchant: the balance without what was earned after the period, where it reaches the minimum."""
    with connection.cursor() as cursor:
        cursor.execute(_LATER, [[account.pk for account in accounts], data.until])
        later = dict(cursor.fetchall())
    amounts = {account.merchant_id: -account.balance - later.get(account.pk, ZERO) for account in accounts}
    return {
        merchant_id: amount
        for merchant_id, amount in amounts.items()
        if merchant_id is not None and amount > ZERO and amount >= data.minimum
    }


def _payout(
    batch: PayoutBatch, details: BankDetails, amount: Decimal, *, actor: User, now: datetime
) -> Payout:
    trusted_at = details.changed_at + settings.KARVON_PAYOUT_COOLING_OFF
    return Payout(
        batch=batch,
        merchant_id=details.merchant_id,
        currency=batch.currency,
        amount=amount,
        state=PayoutState.DRAFT,
        holder=details.holder,
        bank=details.bank,
        code=details.code,
        number=details.number,
        held_until=trusted_at if trusted_at > now else None,
        made_by=actor,
        made_at=now,
    )
