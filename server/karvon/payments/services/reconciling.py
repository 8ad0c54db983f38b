"""Ours beside theirs: what is open is asked about, and each day's charges are compared one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import structlog
from django.db.models import F, Q, QuerySet

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import DomainError, PermissionRefused
from karvon.payments.accounts import account_of_row, platform_account
from karvon.payments.amounts import show
from karvon.payments.booking.differences import note_difference
from karvon.payments.errors import DifferenceNotFound
from karvon.payments.models import (
    Difference,
    DifferenceKind,
    Payment,
    PaymentStatus,
    ProviderAccount,
    ReconciliationRun,
)
from karvon.payments.models.payment import OPEN
from karvon.payments.outside import asking
from karvon.payments.protocol import Account, DayLine, Provider
from karvon.payments.registry import list_providers
from karvon.payments.services.asking import ask_provider

if TYPE_CHECKING:
    from karvon.accounts.models import User

log = structlog.get_logger(__name__)

ZERO = Decimal(0)
# how long after it was begun money may still come for what we have given up
LATEST = timedelta(days=4)
SOONEST = timedelta(minutes=2)
# seconds for all pages of a day; nobody waits for it
WHOLE_DAY = 300.0
_GIVEN_UP = (PaymentStatus.EXPIRED, PaymentStatus.FAILED, PaymentStatus.CANCELLED)


def ask_about_open(*, now: datetime | None = None, limit: int = 100) -> int:
    """Ask each provider about payments that are open for longer than is usual for it, and about those that were given up
    and could be paid late; returns how many were asked about. The longer one is open, the more seldom.
    """
    now = now or clock.now()
    asked = 0
    for way in list_providers():
        if not way.capabilities.can_fetch:
            continue
        for payment_id in _claim_due(way, now, limit):
            try:
                ask_provider(payment_id=payment_id, now=now)
                asked += 1
            except DomainError as error:
                log.warning("payment_not_reconciled", provider=way.slug, payment=payment_id, why=error.code)
    return asked


@transactional
def _claim_due(way: Provider, now: datetime, limit: int) -> list[int]:
    """Payments whose turn it is; noted as asked, so that two sweeps do not ask about the same."""
    waiting = Q(state__in=OPEN, created_at__lte=now - way.capabilities.usual_time) | Q(state__in=_GIVEN_UP)
    due = (
        Payment.objects.select_for_update(skip_locked=True)
        .filter(waiting, provider=way.slug, created_at__gte=now - LATEST)
        .exclude(reference="")
        .filter(Q(asked_at=None) | Q(asked_at__lte=now - SOONEST))
        .order_by(F("asked_at").asc(nulls_first=True), "pk")
    )
    ids = [each.pk for each in due[: limit * 4] if _is_turn(each, now)][:limit]
    Payment.objects.filter(pk__in=ids).update(asked_at=now)
    return ids


def _is_turn(payment: Payment, now: datetime) -> bool:
    """Each pause is as long as half of what the payment's age was when it was asked about."""
    if payment.asked_at is None:
        return True
    pause = max((payment.asked_at - payment.created_at) / 2, SOONEST)
    return now - payment.asked_at >= pause


def compare_days(*, day: date, now: datetime | None = None) -> list[ReconciliationRun]:
    """Compare a day (UTC) with every provider that lists days, for each account that is in use, and earlier days that could
    not be compared. One that does not answer leaves its day among the differences; comparing again brings the rows up to date.
    """
    now = now or clock.now()
    runs = []
    for way in list_providers():
        if not way.capabilities.lists_days:
            continue
        for account in _accounts_of(way):
            for each in sorted({day, *_days_left(way, account)}):
                runs += _compare_or_note(way, account, each, now)
    return runs


def _left(way: Provider, account: Account) -> QuerySet[Difference]:
    return Difference.objects.filter(
        provider=way.slug, account=account.pk, kind=DifferenceKind.NOT_COMPARED, resolved_at=None
    )


def _days_left(way: Provider, account: Account) -> list[date]:
    return [date.fromisoformat(text) for text in _left(way, account).values_list("reference", flat=True)]


def _compare_or_note(way: Provider, account: Account, day: date, now: datetime) -> list[ReconciliationRun]:
    try:
        runs = compare_day(way, account, day, now=now)
    except DomainError as error:
        log.error("day_not_compared", provider=way.slug, account=account.pk, why=error.code)
        note_difference(
            None,
            DifferenceKind.NOT_COMPARED,
            reference=day.isoformat(),
            ours="",
            theirs=error.text,
            provider=way.slug,
            account_id=account.pk,
        )
        return []
    _left(way, account).filter(reference=day.isoformat()).update(resolved_at=now)
    return runs


def _accounts_of(way: Provider) -> list[Account]:
    rows = ProviderAccount.objects.filter(provider=way.slug, merchant__isnull=False, is_active=True)
    own = platform_account(way)
    return [*([own] if own else []), *(account_of_row(row) for row in rows.order_by("pk"))]


def compare_day(
    way: Provider, account: Account, day: date, *, now: datetime | None = None
) -> list[ReconciliationRun]:
    """One day of one account: totals in each currency, and a difference for every charge that is only here, only there, or
    of another amount. Raises ProviderUnavailable, ProviderRefused.
    """
    now = now or clock.now()
    with asking(way, seconds=WHOLE_DAY):
        theirs = {line.charge_reference: line for line in way.list_day(account, day)}
    start = datetime.combine(day, time.min, UTC)
    ours = list(
        Payment.objects.filter(
            provider=way.slug,
            account=account.pk,
            paid_at__gte=start,
            paid_at__lt=start + timedelta(days=1),
        ).order_by("pk")
    )
    known = {
        each.charge_reference: each
        for each in Payment.objects.filter(
            provider=way.slug, account=account.pk, charge_reference__in=list(theirs)
        )
    }
    _note_theirs(way, account, theirs.values(), known, now)
    _note_ours(way, account, ours, theirs, day)
    return _write_runs(way, account, day, ours, list(theirs.values()), now)


def _note_theirs(
    way: Provider, account: Account, lines: Iterable[DayLine], known: dict[str, Payment], now: datetime
) -> None:
    for line in lines:
        payment = known.get(line.charge_reference)
        if payment is None:
            note_difference(
                None,
                DifferenceKind.MISSING_HERE,
                reference=line.charge_reference,
                ours="",
                theirs=show(line.amount, line.currency),
                provider=way.slug,
                account_id=account.pk,
            )
        elif (payment.amount, payment.currency) != (line.amount, line.currency):
            note_difference(
                payment,
                DifferenceKind.AMOUNT,
                reference=line.charge_reference,
                ours=show(payment.amount, payment.currency),
                theirs=show(line.amount, line.currency),
            )


def _note_ours(
    way: Provider, account: Account, ours: Sequence[Payment], theirs: dict[str, DayLine], day: date
) -> None:
    missing = [each for each in ours if each.charge_reference not in theirs]
    if not missing:
        return
    # their midnight is not ours to the second
    nearby: set[str] = set()
    with asking(way, seconds=WHOLE_DAY):
        for other in (day - timedelta(days=1), day + timedelta(days=1)):
            nearby |= {line.charge_reference for line in way.list_day(account, other)}
    for payment in missing:
        if payment.charge_reference not in nearby:
            note_difference(
                payment,
                DifferenceKind.MISSING_THERE,
                reference=payment.charge_reference,
                ours=show(payment.amount, payment.currency),
                theirs="",
            )


@transactional
def _write_runs(
    way: Provider,
    account: Account,
    day: date,
    ours: Sequence[Payment],
    theirs: Sequence[DayLine],
    now: datetime,
) -> list[ReconciliationRun]:
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO] * 4)
    for payment in ours:
        row = sums[payment.currency]
        row[0], row[1] = row[0] + 1, row[1] + payment.amount
    for line in theirs:
        row = sums[line.currency]
        row[2], row[3] = row[2] + 1, row[3] + line.amount
    runs = []
    for currency, (our_count, our_total, their_count, their_total) in sorted(sums.items()):
        run, _is_new = ReconciliationRun.objects.update_or_create(
            provider=way.slug,
            account_id=account.pk,
            day=day,
            currency=currency,
            defaults={
                "our_count": int(our_count),
                "our_total": our_total,
                "their_count": int(their_count),
                "their_total": their_total,
                "made_at": now,
            },
        )
        runs.append(run)
    return runs


@transactional
def settle_difference(
    *, difference_id: int, actor: User, note: str, now: datetime | None = None
) -> Difference:
    """A person has looked at a difference and says what came of it. Raises DifferenceNotFound, PermissionRefused."""
    if not actor.is_operator:
        raise PermissionRefused
    found = Difference.objects.select_for_update().filter(pk=difference_id).first()
    if found is None:
        raise DifferenceNotFound
    if found.resolved_at is None:
        found.resolved_at, found.note = now or clock.now(), note[:255]
        found.save(update_fields=["resolved_at", "note"])
    return found
