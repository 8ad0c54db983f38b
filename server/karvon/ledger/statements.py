"""What a merchant's account looked like over a period: opening balance, what moved, closing balance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from karvon.kernel.errors import ValidationFailed
from karvon.ledger.models import Account, AccountKind, TransactionKind
from karvon.ledger.posting import ZERO
from karvon.merchants.policies import Action, require

if TYPE_CHECKING:
    from karvon.accounts.models import User
    from karvon.merchants.models import Merchant

MOST_LINES = 50_000
# seen by the merchant: what it is owed is above zero
_LINES = """
    SELECT posted.id, posted.kind, posted.at, placed.number, part.number, posted.payout_id,
           {sums}, -sum(entry.amount)
    FROM ledger_entry AS entry JOIN ledger_transaction AS posted ON posted.id = entry.transaction_id
    LEFT JOIN orders_order AS placed ON placed.id = posted.order_id
    LEFT JOIN orders_fulfilment AS part ON part.id = posted.fulfilment_id
    WHERE entry.account_id = %s AND entry.at >= %s AND entry.at < %s
    GROUP BY posted.id, placed.number, part.number ORDER BY posted.at, posted.id LIMIT {limit}
"""
COLUMNS = ("goods", "discount", "delivery", "commission", "at_the_door", "payout")
_BALANCE = "SELECT coalesce(-sum(amount), 0) FROM ledger_entry WHERE account_id = %s AND at >= %s"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One transaction. Amounts are signed as the merchant sees them; `at_the_door` is what its people took (or gave back)
    themselves; `amount` is their sum and `balance` what is owed after it.
    """

    id: int
    kind: str
    at: datetime
    order_number: str
    part_number: str
    payout_id: int | None
    goods: Decimal
    discount: Decimal
    delivery: Decimal
    commission: Decimal
    at_the_door: Decimal
    payout: Decimal
    amount: Decimal
    balance: Decimal

    @property
    def kind_name(self) -> str:
        return str(TransactionKind(self.kind).label)


@dataclass(frozen=True, slots=True)
class Statement:
    """opening + the sum of the lines = closing."""

    merchant: Merchant
    currency: str
    since: datetime
    until: datetime
    opening: Decimal
    closing: Decimal
    lines: tuple[StatementLine, ...]

    def total(self, column: str) -> Decimal:
        return sum((getattr(line, column) for line in self.lines), ZERO)


def get_statement(
    *, merchant_id: int, principal: User, since: datetime, until: datetime, currency: str = ""
) -> Statement:
    """A merchant's statement in one currency (its own unless said otherwise). Four queries.

    Raises what `policies.require` raises, ValidationFailed for a period that ends before it begins or holds too much.
    """
    merchant = require(principal, merchant_id, Action.VIEW_REPORTS)
    if since >= until:
        raise ValidationFailed(details={"date_to": [_("Must not be before the start.")]})
    currency = currency or merchant.currency
    account = Account.objects.filter(
        kind=AccountKind.PAYABLE, merchant=merchant_id, currency=currency
    ).first()
    if account is None:
        return Statement(merchant, currency, since, until, ZERO, ZERO, ())
    # reading backwards from the balance: periods that are asked for are mostly recent
    opening = -account.balance - _moved_since(account, since)
    lines = tuple(_lines(account, since, until, opening))
    if len(lines) > MOST_LINES:
        raise ValidationFailed(details={"date_to": [_("This is too much at once. Choose a shorter period.")]})
    closing = lines[-1].balance if lines else opening
    return Statement(merchant, currency, since, until, opening, closing, lines)


def _moved_since(account: Account, moment: datetime) -> Decimal:
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, [account.pk, moment])
        return Decimal(cursor.fetchone()[0])


def _lines(account: Account, since: datetime, until: datetime, opening: Decimal) -> Iterator[StatementLine]:
    sums = ", ".join(
        f"coalesce(-sum(entry.amount) FILTER (WHERE entry.line = '{column}'), 0)" for column in COLUMNS
    )
    with connection.cursor() as cursor:
        cursor.execute(_LINES.format(sums=sums, limit=MOST_LINES + 1), [account.pk, since, until])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    balance = opening
    for row in rows:
        balance += row[-1]
        pk, kind, at, order_number, part_number, payout_id, *amounts = row
        yield StatementLine(
            pk, kind, at, order_number or "", part_number or "", payout_id, *[*amounts, balance]
        )
