# mypy: disable-error-code="no-any-return"
"""One mail on its way out: claimed in a transaction of its own, handed over, settled.

A mail is handed over at most once. What failed before the mail server took it is tried again later; when
nobody can say whether it was taken - the worker or the line was lost in the middle - the mail ends as
"unknown", in sight,
and only a person sends it again.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from karvon.kernel.clock import now as clock_now
from karvon.kernel.db import transactional
from karvon.kernel.errors import DependencyDown
from karvon.notifications.delivery import Delivery, Outcome, hand_to_server
from karvon.notifications.models import Mail, MailState

MOST_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
SETTLE_PAUSES = (0.5, 1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that this worker, and no other, may hand over, and which attempt it is."""

    mail: Mail
    round: int
    attempt: int


def send_mail(*, mail_id: int, now: datetime | None = None) -> MailState | None:
    """Sends one queued mail; its state afterwards, or None when it was not (or no longer) queued.

    Call it outside of any transaction: the claim must stand before the mail server is spoken to.
    """
    claim = _claim(mail_id=mail_id, now=now or clock_now())
    if claim is None:
        return None
    return _settle_surely(claim, hand_to_server(claim.mail), now=now)


def _settle_surely(claim: Claim, delivery: Delivery, *, now: datetime | None) -> MailState:
    """What became of the mail is known here and nowhere else: a database that is being started again is waited
    for, within the task's time limit."""
    for pause in SETTLE_PAUSES:
        try:
            return _settle(claim, delivery, now=now or clock_now())
        except DependencyDown:
            time.sleep(pause)
    return _settle(claim, delivery, now=now or clock_now())


@transactional
def _claim(*, mail_id: int, now: datetime) -> Claim | None:
    """Moves queued → sending under the row's lock: of any number of workers one gets it."""
    queued = Mail.objects.filter(pk=mail_id, state=MailState.QUEUED)
    if not queued.update(state=MailState.SENDING, sending_since=now, attempts=F("attempts") + 1):
        return None
    mail = Mail.objects.select_related("user").get(
        pk=mail_id
    )  # nothing is asked any more while it is handed over
    return Claim(mail, mail.rounds, mail.attempts)


@transactional
def _settle(claim: Claim, delivery: Delivery, *, now: datetime) -> MailState:
    """Writes down how it went, unless somebody has queued the mail anew meanwhile."""
    state = _state_after(claim, delivery)
    claimed = Mail.objects.filter(
        pk=claim.mail.pk,
        rounds=claim.round,
        attempts=claim.attempt,
        # a worker thought lost may still bring news
        state__in=(MailState.SENDING, MailState.UNKNOWN),
    )
    claimed.update(
        state=state,
        error=delivery.error[:500],
        sending_since=None,
        sent_at=now if state == MailState.SENT else None,
        next_attempt_at=now + _wait(claim.attempt) if state == MailState.QUEUED else None,
    )
    return state


def _state_after(claim: Claim, delivery: Delivery) -> MailState:
    if delivery.outcome is Outcome.LATER:
        return MailState.QUEUED if claim.attempt < MOST_ATTEMPTS else MailState.FAILED
    return {
        Outcome.TAKEN: MailState.SENT,
        Outcome.REFUSED: MailState.FAILED,
        Outcome.UNKNOWN: MailState.UNKNOWN,
    }[delivery.outcome]


def _wait(attempt: int) -> timedelta:
    """30 s, then twice as long each time up to an hour, spread so that many do not come back at once."""
    wait = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
    return wait * random.uniform(0.8, 1.2)
