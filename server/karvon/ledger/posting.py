"""Writing transactions: entries that add up to nothing, and the balances in step with them.

Accounts are locked in key order, by one statement for all that a transaction of the database is going to touch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from karvon.ledger.models import Account, AccountKind, Entry, Transaction

ZERO = Decimal(0)
_CLAIM = """
    INSERT INTO ledger_transaction (key, kind, currency, merchant_id, order_id, fulfilment_id, payout_id, at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (key) DO NOTHING RETURNING id
"""
_MOVE = """
    UPDATE ledger_account AS account SET balance = account.balance + moved.amount
    FROM unnest(%s::bigint[], %s::numeric[]) AS moved(id, amount) WHERE account.id = moved.id
"""


@dataclass(frozen=True, slots=True)
class Pot:
    """Names an account."""

    kind: str
    currency: str
    merchant_id: int | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """An entry to be: `amount` above zero debits the account, below zero credits it."""

    pot: Pot
    line: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Posting:
    """A transaction to be. `key` is what it is posted for; whatever has this key already is not posted again."""

    key: str
    kind: str
    currency: str
    at: datetime
    legs: tuple[Leg, ...]
    merchant_id: int | None = None
    order_id: int | None = None
    fulfilment_id: int | None = None
    payout_id: int | None = None

    def __post_init__(self) -> None:
        if sum((leg.amount for leg in self.legs), ZERO):
            raise ValueError(f"{self.key} does not add up")
        if any(leg.pot.currency != self.currency for leg in self.legs):
            raise ValueError(f"{self.key} mixes currencies")


def post(posting: Posting) -> bool:
    """Write one transaction; False when it was written before, or moves nothing. Must be called inside a transaction."""
    if not any(leg.amount for leg in posting.legs):
        return False
    with connection.cursor() as cursor:
        # whoever comes second waits here until the first is done
        cursor.execute(_CLAIM, _columns(posting))
        claimed = cursor.fetchone()
    if claimed is None:
        return False
    accounts = lock_accounts({leg.pot for leg in posting.legs})
    Entry.objects.bulk_create(_entries(posting, claimed[0], accounts))
    _move([posting], accounts)
    return True


def post_many(postings: Sequence[Posting]) -> int:
    """As `post` for many at once; returns how many were new."""
    postings = [each for each in postings if any(leg.amount for leg in each.legs)]
    written = dict(_claim_many(postings))
    fresh = [each for each in postings if each.key in written]
    accounts = lock_accounts({leg.pot for each in fresh for leg in each.legs})
    Entry.objects.bulk_create(
        [entry for each in fresh for entry in _entries(each, written[each.key], accounts)], batch_size=5000
    )
    _move(fresh, accounts)
    return len(fresh)


def _claim_many(postings: Sequence[Posting]) -> Iterable[tuple[str, int]]:
    keys = [each.key for each in postings]
    known = set(Transaction.objects.filter(key__in=keys).values_list("key", flat=True))
    Transaction.objects.bulk_create(
        [
            Transaction(
                key=each.key,
                kind=each.kind,
                currency=each.currency,
                merchant_id=each.merchant_id,
                order_id=each.order_id,
                fulfilment_id=each.fulfilment_id,
                payout_id=each.payout_id,
                at=each.at,
            )
            for each in sorted(postings, key=lambda each: each.key)
            if each.key not in known
        ],
        batch_size=2000,
    )
    return Transaction.objects.filter(key__in=set(keys) - known).values_list("key", "pk")


def lock_accounts(pots: Iterable[Pot]) -> dict[Pot, Account]:
    """These accounts, made where they are missing, locked in key order."""
    pots = set(pots)
    if not pots:
        return {}
    found = _find(pots)
    if missing := pots - found.keys():
        Account.objects.bulk_create(
            [
                Account(kind=pot.kind, merchant_id=pot.merchant_id, method=pot.method, currency=pot.currency)
                for pot in sorted(missing, key=str)
            ],
            ignore_conflicts=True,
        )
        found = _find(pots)
    locked = (
        Account.objects.select_for_update()
        .filter(pk__in=[account.pk for account in found.values()])
        .order_by("pk")
    )
    return {_pot_of(account): account for account in locked}


def _find(pots: Iterable[Pot]) -> dict[Pot, Account]:
    wanted = Q(pk__in=[])
    by_kind: dict[tuple[str, str, str], list[int | None]] = defaultdict(list)
    for pot in pots:
        by_kind[pot.kind, pot.currency, pot.method].append(pot.merchant_id)
    for (kind, currency, method), merchants in by_kind.items():
        known = [pk for pk in merchants if pk is not None]
        whose = Q(merchant__in=known) if known else Q(merchant__isnull=True)
        wanted |= Q(kind=kind, currency=currency, method=method) & whose
    return {_pot_of(account): account for account in Account.objects.filter(wanted)}


def _pot_of(account: Account) -> Pot:
    return Pot(account.kind, account.currency, account.merchant_id, account.method)


def _columns(posting: Posting) -> list[str | int | datetime | None]:
    return [
        posting.key, posting.kind, posting.currency, posting.merchant_id, posting.order_id, posting.fulfilment_id,
        posting.payout_id, posting.at,
    ]  # fmt: skip


def _entries(posting: Posting, transaction_id: int, accounts: Mapping[Pot, Account]) -> list[Entry]:
    return [
        Entry(
            transaction_id=transaction_id,
            account=accounts[leg.pot],
            line=leg.line,
            amount=leg.amount,
            at=posting.at,
        )
        for leg in posting.legs
        if leg.amount
    ]


def _move(postings: Iterable[Posting], accounts: Mapping[Pot, Account]) -> None:
    moved: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for posting in postings:
        for leg in posting.legs:
            moved[accounts[leg.pot].pk] += leg.amount
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [list(moved), list(moved.values())])


def payable(merchant_id: int, currency: str) -> Pot:
    """What the platform owes a merchant."""
    return Pot(AccountKind.PAYABLE, currency, merchant_id)
