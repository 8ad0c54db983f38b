"""A provider speaks: its message is verified, kept as it came, and applied once, in one transaction with what it changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import structlog
from django.db import connection

from karvon.kernel import context
from karvon.kernel.db import run_transaction, transactional
from karvon.kernel.errors import DependencyDown, DomainError, LockTimeout
from karvon.kernel.logging import mask_cards
from karvon.kernel.rows import Statement, insertion
from karvon.kernel.work import write_at_end
from karvon.payments.accounts import account_for_callback
from karvon.payments.booking.differences import note_difference
from karvon.payments.booking.facts import apply_facts
from karvon.payments.errors import AmountMismatch, PaymentNotFound, ProviderUnknown, SignatureInvalid
from karvon.payments.models import DifferenceKind, EventOutcome, ProviderEvent
from karvon.payments.protocol import (
    Account,
    CallbackRequest,
    CallingProvider,
    Notice,
    Reply,
    WebhookProvider,
)
from karvon.payments.registry import find_provider

log = structlog.get_logger(__name__)

# the headers that are kept: those that tell what came, none that holds a password
KEPT_HEADERS = frozenset(
    {
        "content-type", "content-length", "user-agent", "stripe-signature", "x-razorpay-signature", "x-razorpay-event-id",
        "paypal-transmission-id", "paypal-transmission-time", "paypal-transmission-sig", "paypal-cert-url", "paypal-auth-algo",
    }
)  # fmt: skip
# it vouches for a checksum of the body only, so whoever reads it whole could say something else with it
SHOWN = {"paypal-transmission-sig": 16}
FORGED_BYTES = 2048  # of what nobody vouches for
FORGED_KEPT, FORGED_WINDOW = 500, timedelta(minutes=10)

_CLAIM = """
    INSERT INTO payments_providerevent
        (provider, account_id, event_id, kind, headers, body, is_verified, outcome, note, answer_status, answer, address, request_id)
    VALUES (%s, %s, %s, %s, %s, %s, true, 'received', '', 0, '', %s, %s)
    ON CONFLICT (provider, account_id, event_id) WHERE event_id <> '' AND is_verified DO NOTHING RETURNING id
"""

_OUTCOME = """
    UPDATE payments_providerevent
    SET outcome = %s, note = %s, payment_id = %s, answer_status = 200, answer = %s, applied_at = %s WHERE id = %s
"""


def receive_callback(*, provider: str, request: CallbackRequest, key: str = "") -> Reply:
    """Hear a provider out and answer it in its own manner; `key` is in the address of a merchant's own account.

    Raises ProviderUnknown, and for providers that send events SignatureInvalid (400); LockTimeout and DependencyDown
    make those send the event again.
    """
    way = find_provider(provider)
    if isinstance(way, CallingProvider):
        return _answer(way, key, request)
    if not isinstance(way, WebhookProvider):
        raise ProviderUnknown
    return receive_event(way, account_for_callback(way, key), request)


def receive_event(way: WebhookProvider, account: Account | None, request: CallbackRequest) -> Reply:
    """Verify, keep and apply an event. Raises SignatureInvalid, LockTimeout, DependencyDown."""
    try:
        if account is None:
            raise SignatureInvalid
        notice = way.read(account, request)
    except SignatureInvalid as error:
        _keep_forged(way.slug, account, request, note=error.code)
        raise
    try:
        payment_id = run_transaction(lambda: _apply_once(way, account, request, notice))
        outcome, note = _outcome(notice), ""
    except _KnownError:
        outcome, note, payment_id = EventOutcome.IGNORED, "known", None
    except (LockTimeout, DependencyDown):
        raise
    except DomainError as error:
        # what was begun is undone; that it came, and why it does not fit, is kept
        # what is not ours is ignored; what contradicts us a person looks at, because sending it again would not help
        is_strange = isinstance(error, PaymentNotFound)
        outcome = EventOutcome.IGNORED if is_strange else EventOutcome.MISMATCH
        note, payment_id = error.code, None
        _keep_misfit(way, account, request, notice, outcome, note)
    return Reply(
        status=200, body=way.received, outcome=outcome, note=note, kind=notice.kind, payment_id=payment_id
    )


class _KnownError(Exception):
    """This event came before."""


def _apply_once(
    way: WebhookProvider, account: Account, request: CallbackRequest, notice: Notice
) -> int | None:
    """The payment that it was about. Raises _KnownError, and whatever the facts raise."""
    event_id = _claim(way, account, request, notice)
    payment = None
    if notice.facts:
        payment = apply_facts(way.slug, account.pk, notice.facts, now=request.received_at)
    payment_id = payment.pk if payment else None
    _note_outcome(event_id, _outcome(notice), "", payment_id, way, request)
    return payment_id


def _outcome(notice: Notice) -> EventOutcome:
    return EventOutcome.APPLIED if notice.facts else EventOutcome.IGNORED


@transactional
def _keep_misfit(
    way: WebhookProvider,
    account: Account,
    request: CallbackRequest,
    notice: Notice,
    outcome: EventOutcome,
    why: str,
) -> None:
    try:
        event_id = _claim(way, account, request, notice)
    except _KnownError:
        return
    if outcome == EventOutcome.MISMATCH:
        log.error("provider_event_does_not_fit", provider=way.slug, event_id=notice.event_id, why=why)
        note_difference(
            None,
            DifferenceKind.AMOUNT if why == AmountMismatch.code else DifferenceKind.STATE,
            reference=notice.event_id,
            ours="",
            theirs=f"{notice.kind}: {why}",
            provider=way.slug,
            account_id=account.pk,
        )
    _note_outcome(event_id, outcome, why, None, way, request)


def _claim(way: WebhookProvider, account: Account, request: CallbackRequest, notice: Notice) -> int:
    """Keep the event, once; whoever brings it at the same time waits here. Its id. Raises _KnownError."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            [
                way.slug, account.pk, notice.event_id[:160], notice.kind[:64], _headers_json(request), request.body,
                request.address or None, context.request_id.get() or "",
            ],
        )  # fmt: skip
        claimed = cursor.fetchone()
    if claimed is None:
        raise _KnownError
    return int(claimed[0])


def _note_outcome(
    event_id: int,
    outcome: EventOutcome,
    note: str,
    payment_id: int | None,
    way: WebhookProvider,
    request: CallbackRequest,
) -> None:
    values = [outcome.value, note[:255], payment_id, way.received, request.received_at, event_id]
    write_at_end(_outcomes, [values])


def _outcomes(rows: list[list[Any]]) -> Statement:
    return ";".join([_OUTCOME] * len(rows)), [value for row in rows for value in row]


def _answer(way: CallingProvider, key: str, request: CallbackRequest) -> Reply:
    try:
        account = account_for_callback(way, key)
        return run_transaction(lambda: _answer_once(way, account, request))
    except (LockTimeout, DependencyDown) as error:
        log.warning("provider_told_to_try_again", provider=way.slug, why=error.code)
        return way.busy(request)


def _answer_once(way: CallingProvider, account: Account | None, request: CallbackRequest) -> Reply:
    reply = way.answer(account, request)
    if not reply.is_verified:
        _keep_forged(way.slug, account, request, note=reply.note, reply=reply)
        return reply
    heard = ProviderEvent(
        provider=way.slug,
        account_id=account.pk if account else None,
        kind=reply.kind[:64],
        payment_id=reply.payment_id,
        headers=_headers(request),
        body=request.body,
        is_verified=True,
        outcome=reply.outcome,
        note=reply.note[:255],
        answer_status=reply.status,
        answer=reply.body,
        address=request.address or None,
        request_id=context.request_id.get() or "",
        applied_at=request.received_at,
    )
    write_at_end(_heard, [heard])
    return reply


def _heard(rows: list[ProviderEvent]) -> Statement:
    return insertion(rows)


def _keep_forged(
    slug: str,
    account: Account | None,
    request: CallbackRequest,
    *,
    note: str,
    reply: Reply | None = None,
) -> None:
    """Log what nobody vouches for, and keep a part of it for who investigates."""
    log.warning("provider_message_forged", provider=slug, address=request.address, size=len(request.body))
    since = request.received_at - FORGED_WINDOW
    lately = ProviderEvent.objects.filter(outcome=EventOutcome.FORGED, received_at__gte=since)
    if lately[:FORGED_KEPT].count() >= FORGED_KEPT:
        return  # the log has it; strangers do not fill the database
    ProviderEvent.objects.create(
        provider=slug,
        account_id=account.pk if account else None,
        headers=_headers(request),
        body=_kept_of_forged(request.body),
        outcome=EventOutcome.FORGED,
        note=note[:255],
        answer_status=reply.status if reply else 400,
        answer=reply.body if reply else b"",
        address=request.address or None,
        request_id=context.request_id.get() or "",
    )


def _kept_of_forged(body: bytes) -> bytes:
    """Its beginning. A provider sends no card numbers; whoever speaks in its name may, and not even then are they kept."""
    start = body[: FORGED_BYTES + 40].decode("latin-1")  # so that none is cut in two
    return mask_cards(start).encode("latin-1")[:FORGED_BYTES]


def _headers(request: CallbackRequest) -> dict[str, str]:
    kept = {name: value for name, value in request.headers.items() if name in KEPT_HEADERS}
    return {name: value[: SHOWN.get(name, 500)].replace("\x00", "") for name, value in kept.items()}


def _headers_json(request: CallbackRequest) -> str:
    return orjson.dumps(_headers(request)).decode()
