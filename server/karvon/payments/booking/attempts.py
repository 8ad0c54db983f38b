"""Transactions of providers that call procedures here (Payme, Click, Uzum): opened, completed, cancelled, reversed.

Every function takes the order's lock first, so that of two calls at once the second sees what the first has written. All
checks come before the first write: a refusal leaves the transaction that the caller has open as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet

from karvon.kernel.db import run_isolated, transactional
from karvon.kernel.errors import Conflict, LockTimeout, PermissionRefused
from karvon.orders import services as orders
from karvon.orders.dues import sum_dues
from karvon.orders.errors import OrderNotFound
from karvon.orders.locks import lock_order
from karvon.orders.models import Order, PaymentState
from karvon.orders.services.settling import read_dues
from karvon.orders.states import CALLED_OFF, HANDED_OVER
from karvon.payments.accounts import account_for_order
from karvon.payments.booking.charges import Charge, book_charge
from karvon.payments.booking.locking import LockedPayment, lock_payment
from karvon.payments.booking.returning import finish_refund, refundable_of
from karvon.payments.booking.steps import can_step, take_step
from karvon.payments.errors import (
    AlreadyPaid,
    AmountMismatch,
    AttemptNotFound,
    AttemptOver,
    AttemptUnderway,
    NotRefundable,
    OrderCalledOff,
    ProviderUnavailable,
)
from karvon.payments.models import (
    AttemptState,
    Payment,
    PaymentAttempt,
    PaymentStatus,
    Refund,
    RefundReason,
    RefundState,
)
from karvon.payments.models.refund import OPEN_REFUNDS
from karvon.payments.protocol import Account
from karvon.payments.registry import find_provider

# somebody is paying this very moment: the goods wait a little longer than the order's own deadline
PAYING = timedelta(minutes=30)


def hold_while_paying(order: Order, method: str, now: datetime) -> None:
    """Let a locked order's goods wait for who is paying it, once: however often a payment is begun, they are not kept longer
    than PAYING beyond what an order has that was placed to be paid this way. Money that comes after that is late money.
    """
    own = order.placed_at + orders.time_to_pay(method)
    last = max(own, order.placed_at + orders.time_to_pay(order.payment_method)) + PAYING
    orders.extend_deadline(order_id=order.pk, until=max(own, min(now + PAYING, last)))


@dataclass(frozen=True)
class Payable:
    """An order that may be paid now, and how much."""

    order: Order
    amount: Decimal
    currency: str


def find_order(account: Account, text: str, *, begun: PaymentAttempt | None = None) -> Order:
    """An order by its id or its number, if it is paid through this account, or was when its transaction was `begun`. Raises
    OrderNotFound.
    """
    text = text.strip()
    found = None
    if text.isascii() and text.isdigit() and len(text) <= 19:
        found = Order.objects.filter(pk=int(text)).first()
    if found is None and 0 < len(text) <= 16 and text.isprintable():
        found = Order.objects.filter(number=text).first()
    is_begun = begun is not None and found is not None and begun.payment.order_id == found.pk
    if found is None or not (is_begun or _is_paid_through(account, found.pk)):
        raise OrderNotFound
    return found


def _is_paid_through(account: Account, order_id: int) -> bool:
    try:
        return account_for_order(find_provider(account.provider), order_id).pk == account.pk
    except ProviderUnavailable:
        return False


@transactional
def check_payable(account: Account, text: str) -> Payable:
    """Whether an order can be paid now; nothing is changed. Raises OrderNotFound, AlreadyPaid, OrderCalledOff."""
    return _judge(find_order(account, text).pk)


def _judge(order_id: int) -> Payable:
    order, parts = lock_order(order_id)
    if order.state in CALLED_OFF or order.payment_state in (PaymentState.EXPIRED, PaymentState.FAILED):
        raise OrderCalledOff
    due = sum_dues(read_dues(order, parts).values()).due
    if not due:
        raise AlreadyPaid
    return Payable(order, due, order.currency)


def find_attempt(account: Account, reference: str) -> PaymentAttempt | None:
    """The transaction of that name in this account."""
    return (
        PaymentAttempt.objects.select_related("payment")
        .filter(provider=account.provider, account=account.pk, reference=reference)
        .first()
    )


def payment_of(account: Account, reference: Any) -> int | None:
    """Which payment a transaction is of, whatever somebody calls it."""
    if not isinstance(reference, str) or not reference.isascii() or not reference.isprintable():
        return None
    mine = PaymentAttempt.objects.filter(provider=account.provider, account=account.pk)
    return mine.filter(reference=reference[:129]).values_list("payment_id", flat=True).first()


def list_attempts(account: Account, payment_id: int) -> list[PaymentAttempt]:
    """The transactions of a payment of this account, newest first."""
    mine = PaymentAttempt.objects.filter(provider=account.provider, account=account.pk)
    return list(mine.filter(payment=payment_id).order_by("-pk"))


def has_money(account: Account, payment_id: int) -> bool:
    """Whether money of this account has come in for the order of a payment, by whichever of its transactions."""
    mine = PaymentAttempt.objects.filter(provider=account.provider, account=account.pk)
    paid = mine.filter(state__in=[AttemptState.PAID, AttemptState.REVERSED])
    return paid.filter(payment__order__payments=payment_id).exists()


def list_begun(account: Account, since: datetime, until: datetime) -> list[PaymentAttempt]:
    """The transactions of this account that began between two moments, both included, oldest first."""
    mine = PaymentAttempt.objects.filter(provider=account.provider, account=account.pk)
    return list(mine.filter(begun_at__gte=since, begun_at__lte=until).order_by("begun_at", "pk"))


def lock_attempt(account: Account, reference: str) -> tuple[PaymentAttempt, LockedPayment]:
    """The same, locked with its order and payment, read anew. Raises AttemptNotFound."""
    found = find_attempt(account, reference)
    if found is None:
        raise AttemptNotFound
    locked = lock_payment(found.payment, may_revive=True)
    attempt = PaymentAttempt.objects.select_for_update().get(pk=found.pk)
    attempt.payment = locked.payment
    return attempt, locked


@transactional
def open_attempt(
    *,
    account: Account,
    order_id: int,
    reference: str,
    amount: Decimal,
    currency: str,
    data: Mapping[str, Any],
    is_exclusive: bool,
    now: datetime,
    begun_at: datetime | None = None,
) -> PaymentAttempt:
    """Begin a transaction on an order; the goods wait for it. With `is_exclusive` no other of this provider may live.
    `begun_at` is when the provider began it, from which its lifetime counts; else now.

    The same reference again gives the transaction that there is, in whatever state. Raises AlreadyPaid, OrderCalledOff,
    AmountMismatch, AttemptUnderway (409), LockTimeout when the same reference is begun on another order this moment.
    """
    orders.hold_sellers_open(order_id)
    lock_order(order_id)
    if known := find_attempt(account, reference):
        return known
    payable = _judge(order_id)
    if (amount, currency) != (payable.amount, payable.currency):
        raise AmountMismatch
    slot = f"{account.provider}:{order_id}" if is_exclusive else None
    if slot and PaymentAttempt.objects.filter(slot=slot).exists():
        raise AttemptUnderway
    payment = _payment_for(account, payable, now)
    attempt = PaymentAttempt(
        payment=payment,
        provider=account.provider,
        account_id=account.pk,
        reference=reference,
        amount=amount,
        currency=currency,
        slot=slot,
        data=dict(data),
        begun_at=begun_at or now,
    )
    try:
        attempt.save(force_insert=True)
    except IntegrityError as error:
        raise LockTimeout from error
    if not payment.reference:
        payment.reference = reference  # now there is something to ask the provider about
        payment.save(update_fields=["reference", "updated_at"])
    if can_step(payment, PaymentStatus.PENDING):
        take_step(payment, PaymentStatus.PENDING)
    hold_while_paying(payable.order, account.provider, now)
    return attempt


def _payment_for(account: Account, payable: Payable, now: datetime) -> Payment:
    """The payment that was begun for this, or a new one: customers also pay in the provider's own app."""
    waiting = Payment.objects.select_for_update().filter(
        order=payable.order,
        provider=account.provider,
        account=account.pk,
        amount=payable.amount,
        state__in=[PaymentStatus.CREATED, PaymentStatus.PENDING, PaymentStatus.FAILED],
    )
    found = waiting.order_by("-created_at", "-pk").first()
    if found is not None:
        return found
    return Payment.objects.create(
        order=payable.order,
        provider=account.provider,
        account_id=account.pk,
        amount=payable.amount,
        currency=payable.currency,
        created_at=now,
    )


@transactional
def note_attempt(*, account: Account, reference: str, data: Mapping[str, Any]) -> PaymentAttempt:
    """Keep something with a transaction that changes nothing of it. Raises AttemptNotFound."""
    attempt, _locked = lock_attempt(account, reference)
    attempt.data |= dict(data)
    attempt.save(update_fields=["data"])
    return attempt


@transactional
def complete_attempt(
    *, account: Account, reference: str, data: Mapping[str, Any], now: datetime
) -> PaymentAttempt:
    """The transaction's money is there: the order is paid. `data` is added to what is kept for answering again.

    Raises AttemptNotFound, AttemptOver (409) for one that was cancelled, failed or ran out, ChargeNotNeeded (409) when the
    order was called off or paid another way, or has expired and its goods are gone; one that is complete already is
    returned as it is.
    """
    attempt, locked = lock_attempt(account, reference)
    if attempt.state in (AttemptState.PAID, AttemptState.REVERSED):
        return attempt
    if attempt.state != AttemptState.CREATED:
        raise AttemptOver
    charge = Charge(reference, attempt.amount, attempt.currency, at=now)
    # the money is not given back but not taken: the provider returns what it has debited
    attempt.payment = run_isolated(
        lambda: book_charge(payment=locked.payment, charge=charge, is_refusable=True, now=now)
    )
    attempt.state, attempt.finished_at = AttemptState.PAID, now
    attempt.data |= dict(data)
    attempt.save(update_fields=["payment", "state", "finished_at", "data"])
    return attempt


@transactional
def cancel_attempt(
    *,
    account: Account,
    reference: str,
    to: AttemptState,
    data: Mapping[str, Any],
    now: datetime,
    failure: str = "",
) -> PaymentAttempt:
    """A transaction without money ends (`to` cancelled, failed or expired); the order may be paid by another.

    Raises AttemptNotFound, AlreadyPaid (409) for one whose money is there; one that is over is returned as it is.
    """
    attempt, locked = lock_attempt(account, reference)
    if attempt.state == AttemptState.PAID:
        raise AlreadyPaid
    if attempt.state != AttemptState.CREATED:
        return attempt
    attempt.state, attempt.cancelled_at, attempt.slot = to, now, None
    attempt.data |= dict(data)
    attempt.save(update_fields=["state", "cancelled_at", "slot", "data"])
    payment = locked.payment
    others = payment.attempts.filter(state__in=[AttemptState.CREATED, AttemptState.PAID])
    if not others.exists() and can_step(payment, PaymentStatus.FAILED):
        payment.failure = failure[:255]
        take_step(payment, PaymentStatus.FAILED, fields=("failure",))
    return attempt


@transactional
def reverse_attempt(
    *, account: Account, reference: str, data: Mapping[str, Any], now: datetime, reason: str
) -> PaymentAttempt:
    """The provider gives the money of a paid transaction back: what goes on of the order is called off, or a refund that we
    asked for is finished. One that was reversed already is returned as it is.

    Raises AttemptNotFound, NotRefundable (409) when goods have been handed over, or part of it went back another way;
    AttemptOver for one that was never paid.
    """
    attempt, locked = lock_attempt(account, reference)
    if attempt.state == AttemptState.REVERSED:
        return attempt
    if attempt.state != AttemptState.PAID:
        raise AttemptOver
    # a refund whose answer said already that the money is back: here is the same news again
    is_known = _told_refunds(attempt).exists()
    refund = None if is_known else _refund_of_all(locked, reason, now)
    attempt.state, attempt.cancelled_at, attempt.slot = AttemptState.REVERSED, now, None
    attempt.data |= dict(data)
    attempt.save(update_fields=["state", "cancelled_at", "slot", "data"])
    if refund is not None:
        finish_refund(locked, refund, reference=reference, now=now)
    return attempt


def _told_refunds(attempt: PaymentAttempt) -> QuerySet[Refund]:
    """Finished refunds of the whole transaction that the provider made under the transaction's own name."""
    return attempt.payment.refunds.filter(
        state=RefundState.SUCCEEDED, amount=attempt.amount, reference=attempt.reference
    )


def _refund_of_all(locked: LockedPayment, reason: str, now: datetime) -> Refund:
    """The refund that this reversal is: one of ours over the whole amount, or a new one after the order was called off."""
    payment = locked.payment
    ours = payment.refunds.select_for_update().filter(state__in=OPEN_REFUNDS, amount=payment.amount).first()
    if ours is not None:
        return ours
    if refundable_of(payment) != payment.amount:
        raise NotRefundable
    if not payment.surplus_amount and locked.order.state not in CALLED_OFF:
        if any(part.state in HANDED_OVER for part in locked.parts):
            raise NotRefundable
        try:
            orders.cancel_order(order_id=locked.order.pk, actor=None, reason=reason, now=now)
        except (Conflict, PermissionRefused):
            # the shop has begun with it: only the shop may call it off now, and then asks for the refund itself
            raise NotRefundable from None
    return Refund.objects.create(
        payment=payment,
        amount=payment.amount,
        currency=payment.currency,
        reason=RefundReason.LATE if payment.surplus_amount else RefundReason.AT_PROVIDER,
        state=RefundState.PROCESSING,
        due_at=now,
    )
