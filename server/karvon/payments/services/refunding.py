"""Refunds are asked for, sent to the provider outside of any transaction, and finished once."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import structlog
from django.db.models import QuerySet, Sum

from karvon.kernel import clock
from karvon.kernel.db import transactional
from karvon.kernel.errors import DomainError, PermissionRefused
from karvon.kernel.events import publish
from karvon.orders.dues import ZERO, sum_dues
from karvon.orders.locks import lock_order
from karvon.orders.services.settling import read_dues
from karvon.payments.accounts import account_of_payment
from karvon.payments.booking.locking import lock_payment
from karvon.payments.booking.returning import (
    SURPLUS,
    book_refund,
    can_send,
    finish_refund,
    refundable_of,
    request_refund,
)
from karvon.payments.errors import NotRefundable, PaymentNotFound, ProviderRefused, RefundNotFound
from karvon.payments.events import PaymentNeedsAttention, RefundFinished
from karvon.payments.models import (
    Payment,
    PaymentStatus,
    Refund,
    RefundReason,
    RefundState,
)
from karvon.payments.models.refund import OPEN_REFUNDS
from karvon.payments.outside import asking
from karvon.payments.protocol import RefundAnswer, RefundOrder
from karvon.payments.registry import find_provider

if TYPE_CHECKING:
    from karvon.accounts.models import User

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)  # whoever sends a refund and dies leaves it to another after this
LONGEST_PAUSE = timedelta(hours=6)
GIVE_UP_AFTER = 20  # tries, about three days


@transactional
def refund_payment(
    *,
    payment_id: int,
    amount: Decimal | None = None,
    actor: User,
    note: str = "",
    now: datetime | None = None,
) -> Refund:
    """Give money of a payment back because an operator says so: `amount`, or what the order is to be refunded.

    Only what something was called off for: goods and money go back together (`orders.cancel_lines` calls single units off).
    Raises PaymentNotFound, PermissionRefused, NotRefundable (409).
    """
    now = now or clock.now()
    if not actor.is_operator:
        raise PermissionRefused
    found = Payment.objects.filter(pk=payment_id).first()
    if found is None:
        raise PaymentNotFound
    locked = lock_payment(found)
    open_for_order = _to_refund(locked.order.pk) - _underway_for_order(locked.order.pk)
    most = min(open_for_order, refundable_of(locked.payment))
    amount = most if amount is None else amount
    if not ZERO < amount <= most:
        raise NotRefundable
    return request_refund(
        locked.payment, amount=amount, reason=RefundReason.REQUESTED, note=note, actor_id=actor.pk, now=now
    )


@transactional
def refund_order(*, order_id: int, now: datetime | None = None) -> list[Refund]:
    """Ask for whatever is to go back to an order's customer and is not on its way yet, newest payment first. What was given
    back at the provider before there was a reason for it is booked first. Doing it again asks for nothing more.
    """
    now = now or clock.now()
    lock_order(order_id)
    payments = list(
        Payment.objects.select_for_update()
        .filter(order=order_id, state__in=[PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED])
        .order_by("pk")
    )  # fmt: skip
    for payment in payments:
        _book_theirs(payment, now)
    left = _to_refund(order_id) - _underway_for_order(order_id)
    made = []
    for payment in reversed(payments):
        amount = min(left, _refundable_for_order(payment))
        if amount > 0:
            made.append(request_refund(payment, amount=amount, reason=RefundReason.CALLED_OFF, now=now))
            left -= amount
    return made


def _book_theirs(payment: Payment, now: datetime) -> None:
    finished = Refund.objects.select_for_update().filter(payment=payment, state=RefundState.SUCCEEDED)
    for refund in finished.exclude(reason__in=SURPLUS).order_by("created_at", "pk"):
        if refund.booked_amount < refund.amount:
            book_refund(lock_payment(payment), refund, now=now)


def _to_refund(order_id: int) -> Decimal:
    order, parts = lock_order(order_id)
    return sum_dues(read_dues(order, parts).values()).to_refund


def _underway_for_order(order_id: int) -> Decimal:
    underway = Refund.objects.filter(payment__order=order_id, state__in=OPEN_REFUNDS)
    return _sum_of(underway.exclude(reason__in=SURPLUS))


def _sum_of(refunds: QuerySet[Refund]) -> Decimal:
    return Decimal(refunds.aggregate(sum=Sum("amount"))["sum"] or 0)


def _refundable_for_order(payment: Payment) -> Decimal:
    """Without what goes back because no order needs it."""
    asked = payment.refunds.filter(reason__in=SURPLUS).exclude(state=RefundState.FAILED)
    surplus_left: Decimal = payment.surplus_amount - _sum_of(asked)
    return max(refundable_of(payment) - surplus_left, ZERO)


def send_refund(*, refund_id: str, now: datetime | None = None) -> bool:
    """Send one refund to its provider, or ask how it stands; True when it was finished here. One that somebody else sends
    this moment, or that is not due, is left alone.
    """
    now = now or clock.now()
    order = _take(refund_id, now)
    if order is None:
        return False
    payment = Payment.objects.select_related("account").get(pk=order.payment_id)
    way = find_provider(payment.provider)
    try:
        account = account_of_payment(payment)
        with asking(way):
            answer = way.refund(account, order)
    except ProviderRefused as error:
        answer = RefundAnswer("failed", reason=error.text)
    except DomainError as error:
        _put_off(refund_id, error.code, now)
        return False
    return _note_answer(refund_id, answer, now)


@transactional
def _take(refund_id: str, now: datetime) -> RefundOrder | None:
    refund = (
        Refund.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("payment")
        .filter(pk=refund_id, state__in=[RefundState.PENDING, RefundState.PROCESSING], due_at__lte=now)
        .first()
    )
    if refund is None:
        return None
    refund.state, refund.due_at = RefundState.PROCESSING, now + LEASE
    refund.attempts += 1
    refund.save(update_fields=["state", "due_at", "attempts"])
    payment = refund.payment
    return RefundOrder(
        refund_id=str(refund.pk),
        key=f"refund-{refund.pk}",
        payment_id=payment.pk,
        order_id=payment.order_id,
        charge_reference=payment.charge_reference,
        reference=payment.reference,
        amount=refund.amount,
        currency=refund.currency,
        is_full=refund.amount == payment.amount,
        note=refund.note,
        refund_reference=refund.reference,
        is_first=refund.attempts == 1,
    )


@transactional
def _put_off(refund_id: str, why: str, now: datetime) -> None:
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if refund.state != RefundState.PROCESSING:
        return
    refund.failure = why[:255]
    refund.due_at = now + min(timedelta(seconds=10) * 2 ** min(refund.attempts, 12), LONGEST_PAUSE)
    if refund.attempts >= GIVE_UP_AFTER:
        refund.state = RefundState.MANUAL
        publish(
            PaymentNeedsAttention(refund.payment.provider, str(refund.pk), "refund_stuck", refund.payment_id)
        )
    refund.save(update_fields=["failure", "due_at", "state"])


@transactional
def _note_answer(refund_id: str, answer: RefundAnswer, now: datetime) -> bool:
    found = Refund.objects.select_related("payment").get(pk=refund_id)
    locked = lock_payment(found.payment)
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if refund.state not in (RefundState.PROCESSING, RefundState.PENDING):
        return False  # a callback was quicker
    if answer.state == "succeeded":
        finish_refund(locked, refund, reference=answer.reference, now=now)
        return True
    if answer.state == "processing":
        refund.reference = answer.reference or refund.reference
        refund.due_at = now + min(timedelta(minutes=1) * 2 ** min(refund.attempts, 10), LONGEST_PAUSE)
        refund.save(update_fields=["reference", "due_at"])
        return False
    refund.state, refund.failure, refund.finished_at = RefundState.FAILED, answer.reason[:255], now
    refund.save(update_fields=["state", "failure", "finished_at"])
    publish(
        RefundFinished(str(refund.pk), locked.order.pk, refund.state),
        PaymentNeedsAttention(locked.payment.provider, str(refund.pk), "refund_failed", locked.payment.pk),
    )
    return True


def send_due_refunds(*, now: datetime | None = None, limit: int = 100) -> int:
    """Send whatever is due, each on its own; returns how many were finished. The sweep behind the queue."""
    now = now or clock.now()
    due = Refund.objects.filter(state__in=[RefundState.PENDING, RefundState.PROCESSING], due_at__lte=now)
    ids = list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(send_refund(refund_id=str(pk), now=now) for pk in ids)


@transactional
def close_refund(
    *, refund_id: str, actor: User, reference: str = "", is_done: bool = True, now: datetime | None = None
) -> Refund:
    """An operator made a refund by hand - in the provider's cabinet, in cash - or a failed or stuck one is sent again
    (`is_done` False). Raises RefundNotFound, PermissionRefused, NotRefundable (409) for one that is not in a person's hands.
    """
    now = now or clock.now()
    if not actor.is_operator:
        raise PermissionRefused
    found = Refund.objects.select_related("payment").filter(pk=refund_id).first()
    if found is None:
        raise RefundNotFound
    locked = lock_payment(found.payment)
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if refund.state not in (RefundState.MANUAL, RefundState.FAILED):
        raise NotRefundable
    if refund.state == RefundState.FAILED and refund.amount > refundable_of(locked.payment):
        raise NotRefundable  # what failed has gone back another way since
    if not is_done and not can_send(locked.payment, refund.amount):
        raise NotRefundable  # nobody there to send it
    refund.actor = actor
    if is_done:
        refund.save(update_fields=["actor"])
        return finish_refund(locked, refund, reference=reference, now=now)
    refund.state, refund.attempts, refund.due_at, refund.finished_at = RefundState.PENDING, 0, now, None
    refund.save(update_fields=["actor", "state", "attempts", "due_at", "finished_at"])
    return refund
