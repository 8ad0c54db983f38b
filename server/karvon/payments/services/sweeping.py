"""What ends by itself: transactions that ran out of time, payments whose order is over, messages nobody needs any more."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import DomainError, LockTimeout
from karvon.payments.accounts import account_of_payment
from karvon.payments.booking.attempts import cancel_attempt
from karvon.payments.booking.locking import lock_payment
from karvon.payments.booking.steps import can_step, take_step
from karvon.payments.models import (
    AttemptState,
    EventOutcome,
    Payment,
    PaymentAttempt,
    PaymentStatus,
    ProviderEvent,
)
from karvon.payments.models.payment import OPEN
from karvon.payments.outside import asking
from karvon.payments.protocol import CallingProvider
from karvon.payments.registry import find_provider, list_providers

log = structlog.get_logger(__name__)


def expire_attempts(*, now: datetime | None = None, limit: int = 200) -> int:
    """End transactions that providers opened and left; returns how many."""
    now = now or clock.now()
    ended = 0
    for way in list_providers():
        if not isinstance(way, CallingProvider):
            continue
        due = PaymentAttempt.objects.filter(
            provider=way.slug, state=AttemptState.CREATED, begun_at__lte=now - way.attempt_lifetime
        )
        for attempt in due.select_related("payment__account").order_by("begun_at", "pk")[:limit]:
            try:
                cancel_attempt(
                    account=account_of_payment(attempt.payment),
                    reference=attempt.reference,
                    to=AttemptState.EXPIRED,
                    data=way.expiry_data(now),
                    now=now,
                    failure="expired",
                )
                ended += 1
            except DomainError as error:
                log.warning("attempt_not_expired", attempt=attempt.pk, why=error.code)
    return ended


@transactional
def expire_payments_of(*, order_id: int, now: datetime | None = None) -> list[int]:
    """The order is over: what is open of its payments will not be waited for. Returns their ids. Money that comes all the
    same is looked at when it comes.
    """
    ended = []
    for payment in Payment.objects.filter(order=order_id, state__in=OPEN).order_by("pk"):
        locked = lock_payment(payment)
        if can_step(locked.payment, PaymentStatus.EXPIRED):
            take_step(locked.payment, PaymentStatus.EXPIRED)
            ended.append(locked.payment.pk)
    return ended


def close_at_provider(*, payment_id: int) -> bool:
    """Ask the provider to let nobody pay there any more; True when it was asked. It is a courtesy: money that comes late is
    dealt with, so a provider that is away is not asked again.
    """
    payment = Payment.objects.select_related("account").filter(pk=payment_id).first()
    if payment is None or payment.state in OPEN or not payment.reference:
        return False
    way = find_provider(payment.provider)
    try:
        account = account_of_payment(payment)
        with asking(way):
            way.close(account, payment.reference)
    except (DomainError, LockTimeout) as error:
        log.info("payment_not_closed_at_provider", payment=payment_id, why=error.code)
        return False
    return True


def purge_events(*, now: datetime | None = None, days: int = 30) -> int:
    """Forget what was forged, after a month; what a provider really said is kept with the books."""
    before = (now or clock.now()) - timedelta(days=days)
    count, _by_model = ProviderEvent.objects.filter(
        outcome=EventOutcome.FORGED, received_at__lt=before
    ).delete()
    return count
