"""What happened to a payment, in the order in which it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from karvon.kernel.formats import show_amount
from karvon.payments.admin.shared import ATTEMPT_COLOURS, OUTCOME_COLOURS, REFUND_COLOURS
from karvon.payments.models import (
    AttemptState,
    EventOutcome,
    Payment,
    PaymentAttempt,
    ProviderEvent,
    Refund,
    RefundState,
)

SHOWN = 200  # of each kind, the newest


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    what: str
    state: str = ""
    colour: str = ""
    amount: str = ""
    note: str = ""
    url: str = ""


def list_moments(payment: Payment) -> list[Moment]:
    """Oldest first; three queries."""
    moments = [Moment(payment.created_at, _("Payment begun"), amount=_amount(payment))]
    if payment.paid_at is not None:
        moments.append(
            Moment(
                payment.paid_at, _("Money came in"), amount=_amount(payment), note=payment.charge_reference
            )
        )
    for attempt in payment.attempts.order_by("-pk")[:SHOWN]:
        moments += _of_attempt(attempt)
    events = payment.provider_events.defer("headers", "body", "answer").order_by("-pk")[:SHOWN]
    moments += [_of_event(event) for event in events]
    for refund in payment.refunds.select_related("actor").order_by("-created_at")[:SHOWN]:
        moments += _of_refund(refund)
    # providers tell whole seconds: nothing of a payment comes before it was begun
    return sorted(moments, key=lambda moment: max(moment.at, payment.created_at))


def _amount(row: Payment | PaymentAttempt | Refund) -> str:
    return show_amount(row.amount, row.currency)


def _of_attempt(attempt: PaymentAttempt) -> list[Moment]:
    # Click's customers know another number, that of the SMS
    names = " · ".join(filter(None, (attempt.reference, str(attempt.data.get("click_paydoc_id", "")))))
    begun = Moment(attempt.begun_at, _("Attempt begun"), amount=_amount(attempt), note=names)
    ended = attempt.cancelled_at or attempt.finished_at
    if ended is None:
        return [begun]
    state = AttemptState(attempt.state)
    return [
        begun,
        Moment(ended, _("Attempt ended"), str(state.label), ATTEMPT_COLOURS[state], note=attempt.reference),
    ]


def _of_event(event: ProviderEvent) -> Moment:
    outcome = EventOutcome(event.outcome)
    return Moment(
        event.received_at,
        _("The provider said: %(kind)s") % {"kind": event.kind or "–"},
        str(outcome.label),
        OUTCOME_COLOURS[outcome],
        note=event.note or event.event_id,
        url=reverse("admin:payments_providerevent_change", args=(event.pk,)),
    )


def _of_refund(refund: Refund) -> list[Moment]:
    url = reverse("admin:payments_refund_change", args=(refund.pk,))
    why = " · ".join(
        str(text) for text in (refund.get_reason_display(), refund.note, refund.actor or "") if text
    )
    asked = Moment(refund.created_at, _("Refund asked for"), amount=_amount(refund), note=why, url=url)
    state = RefundState(refund.state)
    if refund.finished_at is None:
        return [
            Moment(
                asked.at, asked.what, str(state.label), REFUND_COLOURS[state], asked.amount, asked.note, url
            )
        ]
    note = refund.failure if state == RefundState.FAILED else refund.reference
    return [
        asked,
        Moment(refund.finished_at, _("Refund ended"), str(state.label), REFUND_COLOURS[state], _amount(refund), note, url),
    ]  # fmt: skip
